package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// MostReplicas is how many web replicas a region takes.
const MostReplicas = 64

// Running is a replica that the region runs itself, in the gateway's process or in one of its own.
type Running interface {
	http.Handler
	// Takes reports whether it takes requests.
	Takes() bool
	Health(context.Context) (wire.Health, error)
	// Begin starts it where it does not run, and returns once it takes requests.
	Begin(context.Context) error
	// End has it finish what it serves, and ends it.
	End(context.Context) error
}

// Inside is a replica in the gateway's process: what a proxy and a connection would cost is more than what it does.
func Inside(r *Replica) Running { return inside{r} }

type inside struct{ *Replica }

func (r inside) Takes() bool                                 { return true }
func (r inside) Health(context.Context) (wire.Health, error) { return r.Replica.Health(), nil }
func (r inside) Begin(context.Context) error                 { return nil }
func (r inside) End(context.Context) error                   { return nil } // it gets no new request, and finishes those that it has

// Own is the replicas that a region runs itself.
type Own struct {
	region string
	make   func(n int) Running // the nth, from 0
	next   atomic.Uint64

	changing sync.Mutex // one scaling at a time
	running  atomic.Pointer[[]Running]
}

// NewOwn is the replicas that a region starts with, and those that scaling adds: the nth, from 0, is what more makes of it.
func NewOwn(region string, first []Running, more func(n int) Running) *Own {
	t := &Own{region: region, make: more}
	t.running.Store(&first)
	return t
}

// ServeHTTP has the next replica that takes requests serve; where none does, the next one, whose answer says so.
func (t *Own) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	running := *t.running.Load()
	if len(running) == 0 {
		answer.Error(w, t.region, noWeb(t.region))
		return
	}
	var by Running
	for range running {
		if by = running[t.next.Add(1)%uint64(len(running))]; by.Takes() {
			break
		}
	}
	by.ServeHTTP(w, r)
}

// Health asks every replica.
func (t *Own) Health(ctx context.Context) ([]wire.Health, error) {
	running := *t.running.Load()
	return healthOf(ctx, len(running), func(ctx context.Context, i int) (wire.Health, error) { return running[i].Health(ctx) }), nil
}

// Scale implements Servers. What is added serves as soon as it takes requests, each by itself, and is ended again where one of
// them does not come to it; what is there and has ended is begun again. What goes gets no new request.
func (t *Own) Scale(ctx context.Context, replicas int) ([]wire.Health, error) {
	if replicas < 0 || replicas > MostReplicas {
		return nil, fmt.Errorf("%d web replicas: give 0 to %d: %w", replicas, MostReplicas, wire.ErrBad)
	}
	t.changing.Lock()
	defer t.changing.Unlock()
	now := *t.running.Load()
	keep, gone := now[:min(len(now), replicas)], now[min(len(now), replicas):]
	then := slices.Clone(keep)
	for n := len(then); n < replicas; n++ {
		then = append(then, t.make(n))
	}
	t.running.Store(&keep)
	ended := each(gone, func(_ int, r Running) error { return r.End(ctx) })
	if err := t.begin(ctx, then, len(keep)); err != nil {
		t.running.Store(&keep)
		return nil, errors.Join(err, each(then[len(keep):], func(_ int, r Running) error { return r.End(ctx) }), ended)
	}
	if ended != nil {
		return nil, ended
	}
	return t.Health(ctx)
}

// Renew has others take the place of the replicas: as many as are asked for, the nth of them, from 0, as anew makes it. Those of
// before serve until all of them do, and go on where one does not come to it.
func (t *Own) Renew(ctx context.Context, replicas int, anew func(n int) Running) ([]wire.Health, error) {
	if replicas < 0 || replicas > MostReplicas {
		return nil, fmt.Errorf("%d web replicas: give 0 to %d: %w", replicas, MostReplicas, wire.ErrBad)
	}
	t.changing.Lock()
	defer t.changing.Unlock()
	gone, then := *t.running.Load(), make([]Running, replicas)
	for n := range then {
		then[n] = anew(n)
	}
	if err := each(then, func(_ int, r Running) error { return r.Begin(ctx) }); err != nil {
		return nil, errors.Join(err, each(then, func(_ int, r Running) error { return r.End(ctx) }))
	}
	t.running.Store(&then)
	if err := each(gone, func(_ int, r Running) error { return r.End(ctx) }); err != nil {
		return nil, err
	}
	return t.Health(ctx)
}

// begin starts replicas, of which so many serve already; the others do so from when each takes requests.
func (t *Own) begin(ctx context.Context, all []Running, serve int) error {
	var mu sync.Mutex
	ready := make([]bool, len(all))
	for i := range serve {
		ready[i] = true
	}
	return each(all, func(i int, r Running) error {
		if err := r.Begin(ctx); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		ready[i] = true
		var serving []Running // in order: the last are the first to go
		for i, r := range all {
			if ready[i] {
				serving = append(serving, r)
			}
		}
		t.running.Store(&serving)
		return nil
	})
}

// each does the same to all replicas at once.
func each(all []Running, do func(int, Running) error) error {
	errs := make([]error, len(all))
	var group sync.WaitGroup
	for i, r := range all {
		group.Go(func() { errs[i] = do(i, r) })
	}
	group.Wait()
	return errors.Join(errs...)
}
