package impact

import (
	"cmp"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/impact/ground"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What an answer takes, and whose copies it waits for.

// acknowledges reports whether the authority reaches the replicas whose copies the dataset's
// durability asks for.
func (e *exposure) acknowledges(d *drill.DatasetState) bool {
	reached := 0
	for _, region := range d.Spec.Regions {
		_, hangs := d.Stalled[region]
		if region == d.Authority || !hangs && !storeless(e, region) && !e.apart(region, d.Authority) {
			reached++
		} else if d.Spec.Mode == topology.ModeSync && region == d.Spec.With {
			return false
		}
	}
	return d.Spec.Mode != topology.ModeQuorum || reached >= d.Spec.Majority()
}

// written is the answer to a write that its region passes on to the authority, which waits for the copies that the
// dataset's durability asks for; or to a read that the authority is to answer, which waits for none.
func (e *exposure) written(k class, at time.Duration, region, authority string, d *drill.DatasetState, write bool) fate {
	if refusesWay(e, region, authority, at, d.Name, write) {
		return refused
	}
	there, copies := wayAt(e, region, authority, at), ground.Here
	if write {
		copier := e.copier(d, authority, at)
		copies = wayAt(e, authority, copier, at)
		arrives := at + (k.pop.Spec.RTT[region]+k.queued+there.RTT)/2
		copies.RTT = max(copies.RTT, follows(e, d, authority, copier)-arrives)
	}
	return e.crossed(k, region, there, copies, opens(e, region, authority, at))
}

// crossed is an answer, which affects its user where it takes longer than the population's
// threshold: the way to the region, and behind it there and to copies. Where segments are lost
// on that way, some answers take a retransmission longer; those of the share that opens a connection take its handshakes longer.
func (e *exposure) crossed(k class, region string, there, copies ground.Path, opening float64) fate {
	clean, again := there.Clean*copies.InOrder, max(there.Again, copies.Again)
	on := func(more time.Duration) fate {
		p := ground.Path{RTT: there.RTT + more, Jitter: there.Jitter + copies.Jitter}
		late := ground.Path{RTT: p.RTT + again, Jitter: p.Jitter}
		return fate{}.plus(e.answered(k, region, p, copies.RTT), clean).plus(e.answered(k, region, late, copies.RTT), 1-clean)
	}
	shakes := handshakes(e.s.Fleet)
	if opening < rare {
		return on(0)
	}
	return fate{}.plus(on(0), 1-opening).plus(on(shakes*there.RTT), opening)
}

// answered is what a request comes to that takes a way behind its region, and there waits so
// long for copies, jitter more or less. Each tier waits as long as the user's timeout leaves
// it (topology.AnswerWithin, topology.CopiesWithin), and refuses the request only then.
func (e *exposure) answered(k class, region string, way ground.Path, copied time.Duration) fate {
	took := k.pop.Spec.RTT[region] + k.queued
	timeout := k.timeout()
	late := ground.Over(way.RTT, way.Jitter, topology.AnswerWithin(timeout-took))
	if copied > 0 {
		late = max(late, ground.Over(copied, way.Jitter, topology.CopiesWithin(timeout, took, way.RTT)))
	}
	out := fate{}.plus(waits, late)
	if slow := threshold(k.pop); slow != nil {
		out = out.plus(tooSlow(took+way.RTT+copied), max(0, ground.Over(took+way.RTT+copied, way.Jitter, *slow)-late))
	}
	return out
}

// threshold is the population's, which its samples have from the steady check on.
func threshold(p *drill.PopulationState) *time.Duration {
	if p.Last == nil {
		return nil
	}
	return p.Last.Slow
}

// copier is the replica whose copy an authority waits for, as the dataset's durability asks:
// sync's partner, or the slowest of the nearest that make a majority with it; the authority
// itself where it waits for none.
func (e *exposure) copier(d *drill.DatasetState, authority string, at time.Duration) string {
	copies := func(region string) bool {
		return !e.ground.Gone[region] && !e.ground.Storeless[region] && (at >= e.Undone || !storeless(e, region))
	}
	switch d.Spec.Mode {
	case topology.ModeSync:
		if d.Spec.With != authority {
			return d.Spec.With
		}
		// The partner leads: the controller takes the authority of before for its partner, and
		// where that is gone the first replica that serves.
		for _, region := range append([]string{d.Authority}, d.Spec.Regions...) {
			if r := e.s.Region(region); region != authority && r != nil && r.Health.Answers() && !e.unreachable(region) && copies(region) {
				return region
			}
		}
	case topology.ModeQuorum:
		others := slices.DeleteFunc(slices.Clone(d.Spec.Regions), func(r string) bool { return r == authority || !copies(r) })
		slices.SortStableFunc(others, func(a, b string) int {
			return cmp.Compare(e.ground.RoundTrip(authority, a), e.ground.RoundTrip(authority, b))
		})
		if n := d.Spec.Majority() - 1; n > 0 && n <= len(others) {
			return others[n-1]
		}
	}
	return authority
}

// followTrips is how many round trips pass until a write is copied for the first time by a replica that is told to follow another authority
// (drill/store/log): it asks where its last epoch ended there, and over the same connection for what came after, which takes half of one to
// ask and half of one to come; its report goes over a connection of its own, and takes half of one. Handshakes come on top, of both.
const followTrips = 2.5

// follows is when a replica copies from the new authority of a dataset, so that the first write that waits for it is confirmed; none
// where it needs not to be told, as of an authority that stays. PostgreSQL's standbys go on with the stream of a server of theirs.
func follows(e *exposure, d *drill.DatasetState, authority, copier string) time.Duration {
	moved, moves := movedAt(e, d.Name)
	if !moves || authority == d.Authority || copier == authority || cmp.Or(d.Spec.Engine, store.DefaultEngine) != store.EngineLog {
		return 0
	}
	trips := followTrips + 2*float64(handshakes(e.s.Fleet))
	return moved + time.Duration(trips*float64(e.ground.RoundTrip(authority, copier)))
}
