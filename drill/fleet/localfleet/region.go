package localfleet

import (
	"context"
	"fmt"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// region is one region and its process.
type region struct {
	name string
	spec topology.Region
	port int
	// config is how it gets what it runs; nil where it is told at its start. Until its first configuration it has no web replica.
	config *topology.Config
	turn   chan struct{} // held by the one command on it
	wake   chan struct{} // something changed, look again

	mu       sync.Mutex         // guards what follows
	child    *child             // the last that was started; nil before the first
	frozen   bool               // we stopped it
	cordoned bool               // as on record
	stopLook context.CancelFunc // ends the look under way
	replicas []string           // names of the web replicas that answered when last any did
	web      int                // how many are wanted
	scalings int                // how often that changed: what was seen before says nothing of what answers now
}

func newRegion(spec topology.Region, port, web int) *region {
	return &region{name: spec.Name, spec: spec, port: port, web: web, turn: make(chan struct{}, 1), wake: make(chan struct{}, 1)}
}

// await waits for the turn; the caller gives it back by release.
func (r *region) await(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (r *region) release() { <-r.turn }

func (r *region) current() *child {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.child
}

// started is a new process of the region.
func (r *region) started(c *child) {
	r.mu.Lock()
	r.child, r.frozen = c, false
	r.mu.Unlock()
	r.changed()
}

func (r *region) setFrozen(on bool) {
	r.mu.Lock()
	r.frozen = on
	r.mu.Unlock()
	r.changed()
}

func (r *region) setCordoned(on bool) {
	r.mu.Lock()
	r.cordoned = on
	r.mu.Unlock()
	r.changed()
}

func (r *region) isCordoned() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cordoned
}

// webWanted is how many web replicas the region is to have.
func (r *region) webWanted() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.web
}

// scaled is another number of web replicas that the region is to have.
func (r *region) scaled(web int) {
	r.mu.Lock()
	r.web, r.replicas, r.scalings = web, nil, r.scalings+1
	r.mu.Unlock()
	r.changed()
}

// forget is after the region's process is gone with the fleet.
func (r *region) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.child, r.frozen, r.cordoned, r.replicas = nil, false, false, nil
}

// whyDown adds to the error of a region without a process that it is meant to have none.
func (r *region) whyDown(err error) error {
	if r.isCordoned() {
		return fmt.Errorf("%w, it is cordoned; uncordon it first", err)
	}
	return fmt.Errorf("%w; restore it first", err)
}

// changed lets the watch look again at once, also where it waits for an answer.
func (r *region) changed() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopLook != nil {
		r.stopLook()
	}
}
