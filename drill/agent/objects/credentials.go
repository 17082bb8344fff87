package objects

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// Credential is what stands in a Secret of that name: as each region makes it by itself, of the fleet's secret, it is the same in all.
func Credential(token, secret string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("fleetdrill secret " + secret))
	return hex.EncodeToString(mac.Sum(nil))
}

// Accepts is why a region's store does not take a write of another region's web tier: that has other credentials than this one.
func Accepts(region, token, secret, shown string) error {
	if secret == "" || hmac.Equal([]byte(Credential(token, secret)), []byte(shown)) {
		return nil
	}
	return fmt.Errorf("%s takes writes with the credentials of Secret/%s alone, and was shown others: %w", region, secret, wire.ErrCredentials)
}
