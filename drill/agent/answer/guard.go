package answer

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// Guard lets in who has the fleet's token and means this region.
type Guard struct {
	region string
	token  [sha256.Size]byte // hashed, so that the comparison says nothing of its length either
	inside [sha256.Size]byte // of what stands in the region itself
}

// NewGuard is the guard of a region whose fleet has that token.
func NewGuard(region, token string) Guard {
	return Guard{region: region, token: sha256.Sum256([]byte(token)), inside: sha256.Sum256([]byte(wire.Inside(token, region)))}
}

// Inside reports whether a request comes from what stands in the region itself.
func (g Guard) Inside(r *http.Request) bool {
	got := sha256.Sum256([]byte(r.Header.Get(wire.HeaderToken)))
	return subtle.ConstantTimeCompare(got[:], g.inside[:]) == 1
}

// Own is for what this region does itself.
func (g Guard) Own(next http.Handler) http.Handler {
	return g.Fleet(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if meant := r.Header.Get(wire.HeaderRegion); meant != "" && meant != g.region {
			Error(w, g.region, fmt.Errorf("%s %s was meant for region %s, this is %s: %w", r.Method, r.URL.Path, meant, g.region, wire.ErrWrongRegion))
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// Fleet is for what is passed on to another region: the token is asked for, and
// the region that is meant is the other one's to check.
func (g Guard) Fleet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := sha256.Sum256([]byte(r.Header.Get(wire.HeaderToken)))
		if subtle.ConstantTimeCompare(got[:], g.token[:]) != 1 && !g.Inside(r) {
			Error(w, g.region, fmt.Errorf("%s %s: the fleet's token is missing or wrong: %w", r.Method, r.URL.Path, wire.ErrUnauthorized))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Unknown answers what no other handler takes.
func (g Guard) Unknown(w http.ResponseWriter, r *http.Request) {
	Error(w, g.region, fmt.Errorf("no such request: %s %s: %w", r.Method, r.URL.Path, wire.ErrNotFound))
}

// Live is the open answer of a process about itself.
func Live(region, name, build string, started time.Time) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(wire.HeaderReplica, name)
		JSON(w, region, wire.Health{Region: region, Replica: name, Started: started, Build: build})
	}
}
