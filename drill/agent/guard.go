package agent

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"path"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// guard lets in who has the fleet's token and means this region.
type guard struct {
	region string
	token  [sha256.Size]byte // hashed, so that the comparison says nothing of its length either
}

func newGuard(region, token string) guard {
	return guard{region: region, token: sha256.Sum256([]byte(token))}
}

// own is for what this region does itself.
func (g guard) own(next http.Handler) http.Handler {
	return g.fleet(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if meant := r.Header.Get(wire.HeaderRegion); meant != "" && meant != g.region {
			writeError(w, g.region, fmt.Errorf("%s %s was meant for region %s, this is %s: %w", r.Method, r.URL.Path, meant, g.region, wire.ErrWrongRegion))
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// fleet is for what is passed on to another region: the token is asked for, and
// the region that is meant is the other one's to check.
func (g guard) fleet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := sha256.Sum256([]byte(r.Header.Get(wire.HeaderToken)))
		if subtle.ConstantTimeCompare(got[:], g.token[:]) != 1 {
			writeError(w, g.region, fmt.Errorf("%s %s: the fleet's token is missing or wrong: %w", r.Method, r.URL.Path, wire.ErrUnauthorized))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// unknown answers what no other handler takes.
func (g guard) unknown(w http.ResponseWriter, r *http.Request) {
	writeError(w, g.region, fmt.Errorf("no such request: %s %s: %w", r.Method, r.URL.Path, wire.ErrNotFound))
}

// live is the open answer of a process about itself.
func live(region, name, build string, started time.Time) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(wire.HeaderReplica, name)
		writeJSON(w, region, wire.Health{Region: region, Replica: name, Started: started, Build: build})
	}
}

// endStreams ends the streams and tunnels among next's requests when leaving does. They
// would end by themselves only with the connection, and a graceful stop waits
// for every other request.
func endStreams(leaving context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if verb := path.Base(r.URL.Path); verb == wire.StoreStream || verb == wire.StoreTunnel {
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			defer context.AfterFunc(leaving, cancel)()
			r = r.WithContext(ctx)
		}
		next.ServeHTTP(w, r)
	})
}
