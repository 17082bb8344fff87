package readiness

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/succession"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// data is whether the region's replica may be promoted by the rule of a failover, and what it lacks.
var data = Check{Name: "data", Help: "whether its replica has what the dataset's mode has to keep", Find: func(q Question) *preflight.Finding {
	d, r := q.Dataset, q.Dataset.Replicas[q.Region]
	if no := rule.Hangs(d, q.Region); no != nil {
		return unready(no.Why, no.Next)
	}
	switch {
	case r == nil:
		return unknown("its replica has not answered yet", "wait until it does")
	case r.Stale:
		return unknown("its replica does not answer", "wait until it does")
	case r.Seeding:
		return unready(fmt.Sprintf("%s is being copied to %s", d.Name, q.Region), "wait until it is whole")
	}
	if d.Behind[q.Region] && !q.Gone(d.Authority) {
		return unready("its replica is still catching up", "wait until it is current")
	}
	left := measure.Copies(q.State, d, func(region string) bool { return !q.Gone(region) })
	ask := succession.Of(q.State, d)
	if why := ask.Uncertain(q.Region, ask.Answers(left)); why != "" {
		return unready(why, "")
	}
	if s := q.State; r.LagWrites == nil && (s.OpenFailover(d.Name) != nil || attribution.Stopped(s, d.Authority)) {
		best := ask.MostAdvanced(ask.Answers(left))
		if n := ask.Lacks(ask.Heard[q.Region], best); best != "" && n > 0 {
			return ready(fmt.Sprintf("%s behind %s; the leader is lost", format.Plural(n, "write", "writes"), best))
		}
		return ready("no region that answers has more; the leader is lost")
	}
	return held(q, d)
}}

// held is how far behind a replica is that may be promoted.
func held(q Question, d *drill.DatasetState) *preflight.Finding {
	r := d.Replicas[q.Region]
	switch {
	case d.Spec.Mode == topology.ModeBackup && r.Snapshot == nil:
		return unready("no snapshot was shipped there yet", "wait for the first")
	case d.Spec.Mode == topology.ModeBackup:
		return ready("a snapshot of " + format.Span(q.State.Now-r.Snapshot.Taken) + " ago")
	case r.LagWrites == nil:
		return unknown("how far it is behind is not known: the leader does not answer", "")
	case *r.LagWrites == 0:
		return ready("current")
	}
	return ready(format.Plural(int(*r.LagWrites), "write", "writes") + " behind")
}
