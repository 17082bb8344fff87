package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// MostReplicas is how many web replicas a region takes.
const MostReplicas = 64

// inside is replicas that run in the gateway's process: what a proxy and a connection would cost is more than
// what they do.
type inside struct {
	region string
	start  func(name string) *Replica
	next   atomic.Uint64

	changing sync.Mutex // one scaling at a time
	running  atomic.Pointer[[]*Replica]
}

// NewInside is so many replicas in this process; start makes one.
func NewInside(region string, replicas int, start func(name string) *Replica) (Servers, error) {
	t := &inside{region: region, start: start}
	t.running.Store(new([]*Replica))
	_, err := t.Scale(replicas)
	return t, err
}

// ServeHTTP implements http.Handler.
func (t *inside) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	running := *t.running.Load()
	if len(running) == 0 {
		answer.Error(w, t.region, noWeb(t.region))
		return
	}
	running[t.next.Add(1)%uint64(len(running))].ServeHTTP(w, r)
}

// Health implements Servers. The replicas answer where their process does.
func (t *inside) Health(context.Context) ([]wire.Health, error) {
	out := []wire.Health{}
	for _, r := range *t.running.Load() {
		out = append(out, r.Health())
	}
	return out, nil
}

// Renew implements Servers.
func (t *inside) Renew(replicas int) ([]wire.Health, error) { return t.run(replicas, 0) }

// Scale implements Servers. Replicas that are stopped get no new request and finish those that they have.
func (t *inside) Scale(replicas int) ([]wire.Health, error) { return t.run(replicas, replicas) }

// run has so many replicas run, of which at most so many are those that run already.
func (t *inside) run(replicas, kept int) ([]wire.Health, error) {
	if replicas < 0 || replicas > MostReplicas {
		return nil, fmt.Errorf("%d web replicas: give 0 to %d: %w", replicas, MostReplicas, wire.ErrBad)
	}
	t.changing.Lock()
	defer t.changing.Unlock()
	now := *t.running.Load()
	then := append([]*Replica{}, now[:min(len(now), kept)]...)
	for len(then) < replicas {
		then = append(then, t.start("web-"+strconv.Itoa(len(then)+1)))
	}
	t.running.Store(&then)
	return t.Health(context.Background())
}
