package engine

import (
	"errors"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// unserved tells a region that has no web replica left from one that is gone, by the router's probes: they ask by way of a web
// replica, and where there is none the gateway says so itself. Such a region serves no user, and its data is as well as before.
type unserved struct {
	after int // so many in a row count, as for the router
	emit  func(drill.Body)

	mu      sync.Mutex
	regions map[string]*unservedRegion
}

type unservedRegion struct {
	on  bool
	row int // outcomes in a row that speak against it
}

func newUnserved(after int, emit func(drill.Body)) *unserved {
	return &unserved{after: max(after, 1), emit: emit, regions: map[string]*unservedRegion{}}
}

// outcome takes what became of a probe that counts. Those of one region come one after the other.
func (u *unserved) outcome(region string, failed error) {
	if b := u.take(region, failed); b != nil {
		u.emit(*b)
	}
}

func (u *unserved) take(region string, failed error) *drill.RegionUnserved {
	u.mu.Lock()
	defer u.mu.Unlock()
	r := u.regions[region]
	if r == nil {
		r = &unservedRegion{}
		u.regions[region] = r
	}
	// An answer of a web replica says that the gateway is well too; that it serves is the router's to say.
	if answers := failed == nil || ownGateway(region, failed); answers == r.on || failed == nil {
		r.row = 0
		return nil
	}
	if r.row++; r.row < u.after {
		return nil
	}
	r.on, r.row = !r.on, 0
	return &drill.RegionUnserved{Region: region, On: r.on, After: u.after, Why: failed.Error()}
}

// served is after the router found the region up.
func (u *unserved) served(region string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.regions, region)
}

// holds reports whether the region's gateway answers for itself alone.
func (u *unserved) holds(region string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	r := u.regions[region]
	return r != nil && r.on
}

// ownGateway reports whether a failed probe was answered by the region's gateway: it has no web replica, or could not reach one.
func ownGateway(region string, failed error) bool {
	var refusal *wire.Error
	return errors.As(failed, &refusal) && refusal.Region == region && (refusal.Code == wire.CodeNoWeb || refusal.Code == wire.CodeUpstream)
}
