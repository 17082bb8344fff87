package controller

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/controller/health"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// stalls says that a replica's writes do not reach its disk, as it last said, and for so
// long that it is taken for lost.
func (m *Memory) stalls(r *replica) bool {
	return r != nil && r.known && health.Stalls(r.status, m.rules.Policy.Lease) && !m.rules.breach.hung
}

// withholds says that the authority's lease is not renewed.
func (m *Memory) withholds() bool {
	r := m.of(m.lead)
	return r != nil && r.known && health.Withholds(r.status, m.rules.Policy.Lease) && !m.rules.breach.hung
}

// watchStall learns from a region's answer that its writes don't get through, or do again,
// and gives an authority up for it.
func watchStall(d *decision, r *replica) {
	m, s := &d.m, r.status
	lost := m.stalls(r)
	switch {
	case lost && !r.stalls:
		r.stalls, r.stallsSince = true, d.now-s.Stalled
		d.emit(drill.StoreStalled{Dataset: d.name(), Region: r.region, Role: s.Role, Since: r.stallsSince, Why: s.StalledBy})
	case r.stalls && s.Stalled == 0:
		r.stalls = false
		d.emit(drill.StoreFlows{Dataset: d.name(), Region: r.region, Role: s.Role, Took: d.now - r.stallsSince})
	}
	// A replica that is copied anew drops all it has in one change, as long as that takes.
	reseeds := m.reseed != nil && m.reseed.region == r.region
	if lost && !m.ending && m.bringUp == nil && !reseeds {
		giveUp(d, r.region, fmt.Errorf("%s: %s", r.region, health.Words(s)))
		lose(d, loss{region: r.region, at: d.now, why: health.Words(s), since: d.now - s.Stalled, stalls: true, own: true})
	}
}

// unrenewed counts the renewals that the authority's store did not answer, and gives it up
// where the region answers users all the while.
func unrenewed(d *decision, err error) {
	if errors.Is(err, exchange.ErrUncarried) {
		return // nobody was asked
	}
	r, lead := &d.m.renewal, d.m.of(d.m.lead)
	r.silence = r.silence.More(d.now)
	if !r.silence.Lost(d.now, d.m.rules.Policy.Lease) || !lead.up {
		return
	}
	why := fmt.Sprintf("its region answers, but its store has not for %s: %s", format.Span(d.now-r.silence.Since), err)
	giveUp(d, lead.region, fmt.Errorf("%s: %s", lead.region, why))
	lose(d, loss{region: lead.region, at: d.now, why: why, since: r.silence.Since, stalls: true})
}

// copyingEvery is how often a whole copy that goes on is an event: one over a fast link is
// over before.
const copyingEvery = 15 * time.Second

// watchCopy learns when a replica begins to copy everything, begins that anew, or ends it, and
// says now and then how far it is.
func watchCopy(d *decision, r *replica) {
	was, now := r.copying, r.status.Copying
	r.copying = now
	on := was != nil && now != nil && was.Attempt == now.Attempt
	if on && d.now-r.copyingTold < copyingEvery || was == nil && now == nil {
		return
	}
	r.copyingTold = d.now
	of := cmp.Or(now, was)
	e := drill.StoreCopying{Dataset: d.name(), Region: r.region, Authority: r.status.Authority, Over: now == nil, On: on,
		Copying: telemetry.Copying{Bytes: of.Bytes, Total: of.Total, Attempt: of.Attempt}}
	if now != nil && !on {
		e.Why = now.Why
	}
	d.emit(e)
}
