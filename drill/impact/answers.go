package impact

import (
	"cmp"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/impact/ground"
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
	there, copies := e.ground.Between(region, authority), ground.Here
	if write {
		copies = e.ground.Between(authority, e.copier(d, authority))
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
	return fate{}.plus(on(0), 1-opening).plus(on(shakes*there.RTT), opening)
}

// answered is what a request comes to that takes a way behind its region, and there waits so
// long for copies, jitter more or less. Each tier waits as long as the user's timeout leaves
// it (topology.AnswerWithin, topology.CopiesWithin), and refuses the request only then.
func (e *exposure) answered(k class, region string, way ground.Path, copied time.Duration) fate {
	took := k.pop.Spec.RTT[region] + k.queued
	timeout := k.timeout()
	late := over(way.RTT, way.Jitter, topology.AnswerWithin(timeout-took))
	if copied > 0 {
		late = max(late, over(copied, way.Jitter, topology.CopiesWithin(timeout, took, way.RTT)))
	}
	out := fate{}.plus(waits, late)
	if slow := threshold(k.pop); slow != nil {
		out = out.plus(tooSlow(took+way.RTT+copied), max(0, over(took+way.RTT+copied, way.Jitter, *slow)-late))
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

// over is the share of what takes so long, jitter more or less, that takes longer than a limit:
// each draw is as likely as another.
func over(took, jitter, limit time.Duration) float64 {
	if jitter == 0 {
		if took > limit {
			return 1
		}
		return 0
	}
	return min(1, max(0, float64(took+jitter-limit)/float64(2*jitter)))
}

// copier is the replica whose copy an authority waits for, as the dataset's durability asks:
// sync's partner, or the slowest of the nearest that make a majority with it; the authority
// itself where it waits for none.
func (e *exposure) copier(d *drill.DatasetState, authority string) string {
	switch d.Spec.Mode {
	case topology.ModeSync:
		if d.Spec.With != authority {
			return d.Spec.With
		}
		// The partner leads: the controller takes the authority of before for its partner, and
		// where that is gone the first replica that serves.
		for _, region := range append([]string{d.Authority}, d.Spec.Regions...) {
			if r := e.s.Region(region); region != authority && r != nil && r.Health.Answers() && !e.unreachable(region) {
				return region
			}
		}
	case topology.ModeQuorum:
		others := slices.DeleteFunc(slices.Clone(d.Spec.Regions), func(r string) bool { return r == authority || e.ground.Gone[r] })
		slices.SortStableFunc(others, func(a, b string) int {
			return cmp.Compare(e.ground.RoundTrip(authority, a), e.ground.RoundTrip(authority, b))
		})
		if n := d.Spec.Majority() - 1; n > 0 && n <= len(others) {
			return others[n-1]
		}
	}
	return authority
}
