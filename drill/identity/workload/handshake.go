package workload

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"slices"
	"time"

	"github.com/spiffe/go-spiffe/v2/svid/x509svid"

	"github.com/fleetdrill/fleetdrill/drill/identity"
)

// HandshakeWithin bounds a handshake: two of the longest round trips that a browned-out link usually has, and as much again.
const HandshakeWithin = 5 * time.Second

// mostTallied bounds the kinds of refusals that are told apart: of strangers there can be any number.
const mostTallied = 64

// errNone is that this workload has no certificate to show yet.
var errNone = errors.New("no certificate was issued to this workload yet")

// Accept shakes hands with who called: it must show the certificate of a gateway of this fleet, or of its controller. An error
// that says why is a *identity.Refused; the connection is closed then.
func (w *Workload) Accept(ctx context.Context, raw net.Conn) (*tls.Conn, error) {
	return w.shake(ctx, raw, "", func(verify func([][]byte, [][]*x509.Certificate) error) *tls.Conn {
		return tls.Server(raw, &tls.Config{
			MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAnyClientCert,
			// A session that is taken up again would not be verified anew.
			SessionTicketsDisabled: true,
			GetCertificate:         func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return w.certificate() },
			VerifyPeerCertificate:  verify,
		})
	})
}

// CallGateway shakes hands with a region's gateway, which this workload called. What comes is a *tls.Conn whose reads say
// why the other side refused, where it did: in TLS 1.3 it verifies after the handshake is over here. Errors are as Accept's.
func (w *Workload) CallGateway(ctx context.Context, raw net.Conn, region string) (net.Conn, error) {
	id := w.Gateway(region)
	if id == "" {
		_ = raw.Close()
		return nil, &identity.Refused{Reason: identity.NoCertificate, Detail: errNone.Error()}
	}
	conn, err := w.Call(ctx, raw, id)
	if err != nil {
		return nil, err
	}
	return called{conn}, nil
}

// called is a connection that this workload made.
type called struct{ *tls.Conn }

// Read reads, and says so where the other side refused this one.
func (c called) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if r := Told(err); r != nil {
		err = r
	}
	return n, err
}

// Call shakes hands with whom this workload called: it must show the certificate of that ID. Errors are as Accept's.
func (w *Workload) Call(ctx context.Context, raw net.Conn, id string) (*tls.Conn, error) {
	return w.shake(ctx, raw, id, func(verify func([][]byte, [][]*x509.Certificate) error) *tls.Conn {
		return tls.Client(raw, &tls.Config{
			MinVersion: tls.VersionTLS13,
			// What a certificate is for is its SPIFFE ID, not a host's name: verify does what this leaves out.
			InsecureSkipVerify:    true, //nolint:gosec // see above
			GetClientCertificate:  func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return w.certificate() },
			VerifyPeerCertificate: verify,
		})
	})
}

func (w *Workload) shake(ctx context.Context, raw net.Conn, id string, over func(func([][]byte, [][]*x509.Certificate) error) *tls.Conn) (*tls.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, HandshakeWithin)
	defer cancel()
	conn := over(func(certs [][]byte, _ [][]*x509.Certificate) error { return w.verify(certs, id) })
	err := conn.HandshakeContext(ctx)
	if err == nil {
		return conn, nil
	}
	_ = raw.Close()
	refused := explain(err)
	if refused == nil {
		return nil, err
	}
	w.count(refused, id)
	return nil, refused
}

// certificate is the one to show: asked for at each handshake, so that a new one is shown from when it comes.
func (w *Workload) certificate() (*tls.Certificate, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.svid == nil {
		return nil, errNone
	}
	c := &tls.Certificate{PrivateKey: w.svid.PrivateKey, Leaf: w.svid.Certificates[0]}
	for _, cert := range w.svid.Certificates {
		c.Certificate = append(c.Certificate, cert.Raw)
	}
	return c, nil
}

// verify takes or refuses what the other side shows; want is whose it must be, "" anybody's of this fleet. go-spiffe verifies,
// and identity.Holding has the words for what it refuses.
func (w *Workload) verify(raw [][]byte, want string) error {
	w.mu.RLock()
	holding, bundles := w.holding(), w.bundles
	wanted := []string{want}
	if want == "" {
		wanted = slices.Clone(w.granted.Controllers)
		for _, id := range w.granted.Gateways {
			wanted = append(wanted, id)
		}
	}
	w.mu.RUnlock()
	if len(raw) == 0 {
		return holding.Refuses(nil, wanted)
	}
	leaf, err := x509.ParseCertificate(raw[0])
	if err != nil {
		return &identity.Refused{Reason: identity.Malformed, Detail: err.Error()}
	}
	shown := read(leaf)
	if r := holding.Refuses(&shown, wanted); r != nil {
		return r
	}
	if _, _, err := x509svid.ParseAndVerify(raw, bundles, x509svid.WithTime(holding.Now)); err != nil {
		r := &identity.Refused{Reason: identity.Malformed, ID: shown.ID, Domain: identity.Domain(shown.ID), Detail: err.Error()}
		if errors.As(err, new(x509.UnknownAuthorityError)) { // it names a key that it was not signed with
			r.Reason, r.Detail = identity.UnknownAuthority, ""
		}
		return r
	}
	return nil
}

// explain is why a handshake failed, where that was refused by either side; nil where the connection failed, or nothing came.
func explain(err error) *identity.Refused {
	var refused *identity.Refused
	var alert tls.AlertError
	var remote *net.OpError
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.Is(err, errNone):
		return &identity.Refused{Reason: identity.NoCertificate, Detail: errNone.Error()}
	case err.Error() == "tls: client didn't provide a certificate": // it has no type of its own
		return &identity.Refused{Reason: identity.NoCertificate}
	case errors.As(err, &alert):
		return &identity.Refused{Reason: identity.ByPeer, Detail: alert.Error()}
	case errors.As(err, &remote) && remote.Op == "remote error":
		return &identity.Refused{Reason: identity.ByPeer, Detail: remote.Err.Error()}
	}
	return nil
}

// Told is why the other side ended a connection: in TLS 1.3 it verifies after the handshake is over here, and says so with the
// first answer. nil where it did not refuse.
func Told(err error) *identity.Refused {
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	if r := explain(err); r != nil && r.Reason == identity.ByPeer {
		return r
	}
	return nil
}

// Refuse counts a refusal that this workload's owner made for it.
func (w *Workload) Refuse(r *identity.Refused) { w.count(r, "") }

// count counts a refusal of this workload's own. One by the other side is that one's to count.
func (w *Workload) count(r *identity.Refused, called string) {
	if r.Reason == identity.ByPeer || r.Detail == errNone.Error() {
		return
	}
	peer := r.ID
	if called != "" {
		peer = called
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.tally {
		if t := &w.tally[i]; t.Peer == peer && t.Reason == r.Reason && t.Called == (called != "") {
			t.Refused = *r
			t.Times++
			return
		}
	}
	if len(w.tally) == mostTallied {
		return
	}
	w.tally = append(w.tally, identity.Tally{Refused: *r, Peer: peer, Called: called != "", Times: 1})
}
