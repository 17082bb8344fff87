package wire

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"

	"github.com/fleetdrill/fleetdrill/drill/identity"
)

// Secure makes of a connection one on which both sides know who the other is, or closes it and says why not. Nil leaves it as
// it is.
type Secure func(ctx context.Context, raw net.Conn) (net.Conn, error)

func (s Secure) over(ctx context.Context, raw net.Conn) (net.Conn, error) {
	if s == nil {
		return raw, nil
	}
	return s(ctx, raw)
}

// Inside is the token of what stands in a region itself, or brings it up: its web tier, its store, its platform and who
// signs its certificates. It is derived from the fleet's, so that no second secret has to be carried to every region.
func Inside(token, region string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("fleetdrill inside " + region))
	return hex.EncodeToString(mac.Sum(nil))
}

// Identity asks a region's gateway what it holds, and whether it wants a certificate.
func Identity(ctx context.Context, c *Client) (identity.Status, error) {
	return ask[identity.Status](ctx, c, request{method: http.MethodGet, path: PathIdentity})
}

// Grant gives a region's gateway what the signer has for it.
func Grant(ctx context.Context, c *Client, g identity.Grant) (identity.Status, error) {
	return ask[identity.Status](ctx, c, request{method: http.MethodPut, path: PathIdentity, body: g})
}
