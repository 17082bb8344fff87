package controller

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

const (
	// leastStall is the least time for which an authority's writes must not have reached its
	// disk before it is given up, however short its lease: a laptop's disk that is busy with
	// much else takes that long now and then.
	leastStall = 2 * time.Second
	// stallLeases is the same in leases. After half of it the lease is not renewed, so that
	// it has run out by the time that another may lead.
	stallLeases = 2
	// silentRenewals is how many renewals in a row must have failed, beside the time, before
	// an authority whose region answers users is given up for its store's silence: the time
	// alone may have passed while this program stood still.
	silentRenewals = 4
)

// stallLimit is for how long an authority's writes may not reach its disk before it is
// taken for lost.
func (m *Memory) stallLimit() time.Duration {
	return max(stallLeases*m.rules.Policy.Lease, leastStall)
}

// stalled is what keeps a replica's writes from its disk and for how long, as it last
// said itself, and whether that is long enough to take it for lost.
func (m *Memory) stalled(region string) (s store.Status, lost bool) {
	r := m.of(region)
	if r == nil || !r.known {
		return s, false
	}
	return r.status, r.status.Stalled >= m.stallLimit() && !m.rules.breach.hung
}

// withholds says that the lease is not renewed, since no write gets through that it would
// let be acknowledged.
func (m *Memory) withholds() bool {
	s, _ := m.stalled(m.lead)
	return s.Stalled > 0 && s.Stalled >= m.stallLimit()/2
}

// wordsOf says what is wrong with a replica whose writes don't get through.
func wordsOf(s store.Status) string {
	what := "no write has reached its disk"
	if s.Role == drill.RoleFollower {
		what = "it applies nothing"
	}
	return fmt.Sprintf("its store answers, but for %s %s: %s", s.Stalled.Round(100*time.Millisecond), what, s.StalledBy)
}

// watchStall learns from a region's answer that its writes don't get through, or do again,
// and gives an authority up for it.
func watchStall(d *decision, r *replica) {
	m := &d.m
	s, lost := m.stalled(r.region)
	switch {
	case lost && !r.stalls:
		r.stalls, r.stallsSince = true, d.now-s.Stalled
		d.emit(drill.StoreStalled{Dataset: d.name(), Region: r.region, Role: s.Role, Since: r.stallsSince, Why: s.StalledBy})
	case r.stalls && s.Stalled == 0:
		r.stalls = false
		d.emit(drill.StoreFlows{Dataset: d.name(), Region: r.region, Took: d.now - r.stallsSince})
	}
	if !lost || m.ending || m.bringUp != nil {
		return
	}
	why := fmt.Errorf("%s hangs: %s", r.region, wordsOf(s))
	giveUp(d, r.region, why)
	lose(d, loss{region: r.region, at: d.now, why: wordsOf(s), since: d.now - s.Stalled, stalls: true})
}

// unrenewed counts the renewals that the authority's store did not answer, and gives it up
// where the region answers users all the while.
func unrenewed(d *decision, err error) {
	r := &d.m.renewal
	if r.failed == 0 {
		r.failingAt = d.now
	}
	r.failed++
	lead := d.m.of(d.m.lead)
	if r.failed < silentRenewals || d.now-r.failingAt < d.m.stallLimit() || lead == nil || !lead.up {
		return
	}
	why := fmt.Sprintf("its region answers, but its store has not for %s: %s", (d.now - r.failingAt).Round(100*time.Millisecond), err)
	giveUp(d, d.m.lead, fmt.Errorf("%s: %s", d.m.lead, why))
	lose(d, loss{region: d.m.lead, at: d.now, why: why, since: r.failingAt, stalls: true})
}
