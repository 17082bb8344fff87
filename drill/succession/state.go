package succession

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Of is the question for a dataset as its drill's state is.
func Of(s *drill.State, d *drill.DatasetState) Question {
	q := Question{Dataset: d.Spec, Links: s.Fleet.Links, Lead: d.Authority, Heard: map[string]Replica{},
		Rule: Rule{Durability: d.Spec.Durability(), CaughtUp: caughtUp(d)}}
	for _, region := range d.Spec.Regions {
		q.Heard[region] = Replica{Unread: true}
		if r := d.Replicas[region]; r != nil {
			q.Heard[region] = Replica{LastIn: r.LastIn, Position: r.Position, Entries: r.Entries, Seeding: r.Seeding}
		}
		if d.Behind[region] {
			q.Behind = append(q.Behind, region)
		}
	}
	return q
}

// Answers is what some regions are taken to answer: what was last heard of each. One of which
// nothing is known (in a dry run) is taken for empty.
func (q Question) Answers(regions []string) map[string]Replica {
	answers := map[string]Replica{}
	for _, region := range regions {
		answers[region] = q.Heard[region]
	}
	return answers
}

// caughtUp tells what the failover controller knows of sync's partner from what the state shows.
// A partner that it took because the one before leads now, and that did not lead before
// either, has all once it lacks nothing, or holds an entry of the authority's own epoch.
func caughtUp(d *drill.DatasetState) bool {
	n := len(d.Modes)
	if n == 0 || d.Modes[n-1].By != runbook.ByController || d.Spec.Mode != topology.ModeSync || d.Spec.With == d.Was {
		return true
	}
	r := d.Replicas[d.Spec.With]
	return r != nil && (r.LastIn != 0 && r.LastIn == d.Epoch || r.LagWrites != nil && *r.LagWrites == 0)
}
