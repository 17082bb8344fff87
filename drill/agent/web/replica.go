// Package web is the stateless tier of a region: its replicas, which users' requests come to, and the gateway's side of
// them, which spreads the requests over them.
package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Gateway is the region's gateway as a web replica sees it: the one in the same process, or that of another pod (*wire.Client).
type Gateway interface {
	Route(ctx context.Context, dataset string, w store.Write) (wire.Written, error)
	RouteRead(ctx context.Context, dataset, id, reads string) (wire.Found, error)
}

// grace is how much longer than the gateway a web replica waits, so that the
// gateway's answer, which names the region that was silent, comes first.
const grace = 250 * time.Millisecond

// Config is what a web replica has to know.
type Config struct {
	Region   string
	Name     string               // the replica's
	Build    string               // of this program, for its health; "" names none
	Token    string               // the fleet's secret
	Capacity float64              // requests per second that the replica takes; 0 is unlimited
	Queue    time.Duration        // how long a request above that may wait for its turn; what would wait longer is shed
	Clock    func() time.Duration // monotonic
	Timeout  time.Duration        // of a write or read whose sender sets none, as the gateway limits it
	Gateway  Gateway
	Started  time.Time // of the replica
	Version  string    // that it runs; one with a bug (config.Fails) fails every request
}

// Replica is one replica of the stateless tier. It knows its gateway and nothing else.
type Replica struct {
	cfg   Config
	queue *queue
	serve http.Handler
}

// New starts a web replica.
func New(c Config) *Replica {
	b := &Replica{cfg: c, queue: newQueue(c.Capacity, c.Queue)}
	live, guard := answer.Live(c.Region, c.Name, c.Build, c.Started), answer.NewGuard(c.Region, c.Token)
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+wire.PathHealth, live)
	mux.HandleFunc("GET "+wire.PathLive, live)
	mux.Handle("POST "+wire.PathApp+"{dataset}", guard.Own(b.served(b.write)))
	mux.Handle("GET "+wire.PathApp+"{dataset}/{id}", guard.Own(b.served(b.read)))
	mux.HandleFunc("/", guard.Unknown)
	b.serve = mux
	return b
}

// ServeHTTP implements http.Handler.
func (b *Replica) ServeHTTP(w http.ResponseWriter, r *http.Request) { b.serve.ServeHTTP(w, r) }

// Health is what the replica says of itself to a probe.
func (b *Replica) Health() wire.Health {
	return wire.Health{Region: b.cfg.Region, Replica: b.cfg.Name, Started: b.cfg.Started, Build: b.cfg.Build}
}

// served has a request wait for its turn, or sheds it where that is too far off, checks the path, and limits the time.
func (b *Replica) served(do verbOfUser) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(wire.HeaderReplica, b.cfg.Name)
		wait, taken := b.queue.enter(b.cfg.Clock())
		if !taken {
			answer.Error(w, b.cfg.Region, fmt.Errorf("%s of %s is above its %.4g requests per second, and a request waits %s at most: %w", b.cfg.Name, b.cfg.Region, b.cfg.Capacity, b.cfg.Queue, wire.ErrShed))
			return
		}
		if err := b.refuses(r); err != nil {
			answer.Error(w, b.cfg.Region, err)
			return
		}
		ctx, cancel, err := answer.Awaited(r, b.cfg.Timeout+grace)
		if err != nil {
			answer.Error(w, b.cfg.Region, err)
			return
		}
		defer cancel()
		if wait > 0 && !pause.For(ctx, wait) { // its turn passes unused
			answer.Error(w, b.cfg.Region, answer.Unreachable(b.cfg.Region, b.cfg.Name, context.Cause(ctx)))
			return
		}
		v, err := do(ctx, w, r, wait)
		answer.Result(w, b.cfg.Region, v, err)
	})
}

// refuses is why the request is not served: its path makes no sense, or the version has a bug.
func (b *Replica) refuses(r *http.Request) error {
	if err := wire.CheckName("dataset", r.PathValue("dataset")); err != nil {
		return err
	}
	if config.Fails(b.cfg.Version) {
		return fmt.Errorf("%s of the web tier of %s fails every request: %w", b.cfg.Version, b.cfg.Region, wire.ErrVersion)
	}
	return nil
}

type verbOfUser func(ctx context.Context, w http.ResponseWriter, r *http.Request, waited time.Duration) (any, error)

func (b *Replica) write(ctx context.Context, w http.ResponseWriter, r *http.Request, waited time.Duration) (any, error) {
	var in store.Write
	if err := answer.Decode(w, r, &in); err != nil {
		return nil, err
	}
	if err := wire.CheckID(in.ID); err != nil {
		return nil, err
	}
	written, err := b.cfg.Gateway.Route(ctx, r.PathValue("dataset"), in)
	if err != nil {
		return nil, err
	}
	written.Region, written.Replica, written.Queued = b.cfg.Region, b.cfg.Name, waited
	return written, nil
}

// read looks in the region's own replica, near and behind by its lag, or where the region
// keeps none in the nearest that answers; or where the user asks for that, with the authority.
func (b *Replica) read(ctx context.Context, _ http.ResponseWriter, r *http.Request, waited time.Duration) (any, error) {
	id := r.PathValue("id")
	if err := wire.CheckID(id); err != nil {
		return nil, err
	}
	found, err := b.cfg.Gateway.RouteRead(ctx, r.PathValue("dataset"), id, r.URL.Query().Get(wire.QueryReads))
	if err != nil {
		return nil, err
	}
	found.Queued = waited
	return found, nil
}
