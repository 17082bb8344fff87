// Package unserved tells a region that has no web replica left from one that is gone, by the router's probes.
package unserved

import (
	"errors"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// Regions is what the router's probes say of each region's web tier: they ask by way of a web
// replica, and where there is none the gateway says so itself. Such a region serves no user, and its data is as well as before.
type Regions struct {
	after int // so many in a row count, as for the router
	emit  func(drill.Body)

	mu      sync.Mutex
	regions map[string]*state
}

type state struct {
	on  bool
	row int // outcomes in a row that speak against it
}

// New makes one that calls a region unserved after so many probes in a row.
func New(after int, emit func(drill.Body)) *Regions {
	return &Regions{after: max(after, 1), emit: emit, regions: map[string]*state{}}
}

// Outcome takes what became of a probe that counts. Those of one region come one after the other.
func (u *Regions) Outcome(region string, failed error) {
	if b := u.take(region, failed); b != nil {
		u.emit(*b)
	}
}

func (u *Regions) take(region string, failed error) *drill.RegionUnserved {
	u.mu.Lock()
	defer u.mu.Unlock()
	r := u.regions[region]
	if r == nil {
		r = &state{}
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

// Served is after the router found the region up.
func (u *Regions) Served(region string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.regions, region)
}

// Holds reports whether the region's gateway answers for itself alone.
func (u *Regions) Holds(region string) bool {
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
