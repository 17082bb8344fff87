package controller

import (
	"errors"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/controller/exports"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// tails are the diverged tails that a replica has cut since it went away: usually one,
// more where another authority was lost before it was current.
type tails struct {
	entries  int
	exported string // the region's own file of the last one
}

// takeCut looks whether a replica has cut a tail that is not known of yet, and fetches
// it at once: the region's own file goes with the fleet, and another cut, or a restart,
// may come before the replica is current.
func takeCut(d *decision, r *replica) {
	cut := r.status.Cut
	if cut == nil || r.cut != nil && *cut == *r.cut {
		return
	}
	r.cut = cut
	if r.outage == nil {
		goAway(d, r)
	}
	t := &r.change().tails
	t.entries += cut.Entries
	t.exported = cut.Exported
	switch m := &d.m; {
	case !m.rules.Export:
	case cut.Entries == 0:
		m.exports = m.exports.Fail(r.region, errors.New("what it held could not be read, and was set aside whole"))
	default:
		m.exports = m.exports.Begin(d.now, r.region, fetch(d, r.region))
	}
}

func fetch(d *decision, region string) uint64 {
	return d.ask(exchange.Step{Kind: exchange.StepFetch, Region: region, Limit: exports.Limit})
}

// fetched takes the result of a try in.
func fetched(d *decision, o exchange.Done) bool {
	if o.Step.Kind != exchange.StepFetch {
		return false
	}
	d.m.exports = d.m.exports.Result(d.now, o.Step.ID, o.Path, o.Err, d.m.ending)
	reportRejoins(d)
	return true
}

// fetchAgain tries again what did not succeed.
func fetchAgain(d *decision) {
	d.m.exports = d.m.exports.Again(d.now, func(region string) uint64 { return fetch(d, region) })
	reportRejoins(d)
}

// current ends the outage of a replica that has everything again.
func current(d *decision, r *replica, s store.Status) {
	a := r.outage
	r.outage = nil
	d.m.exports = d.m.exports.Current(drill.RejoinDone{Dataset: d.name(), Region: r.region, Bytes: a.copiedSince(s), Took: d.now - a.began,
		Diverged: a.tails.entries, Exported: a.tails.exported})
	reportRejoins(d)
}

// reportRejoins emits the rejoins whose fetches are all over.
func reportRejoins(d *decision) {
	var events []drill.Body
	d.m.exports, events = d.m.exports.Take(d.m.ending)
	for _, b := range events {
		d.emit(b)
	}
}
