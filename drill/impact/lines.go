package impact

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/impact/wording"
	"github.com/fleetdrill/fleetdrill/drill/readiness"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/trust"
)

// lines say a prediction to a person.
func lines(s *drill.State, c runbook.Command, e runbook.Effect, p runbook.Impact, outcomes map[string]outcome) []string {
	lines := wording.Hurt(s, p, func(pop *drill.PopulationState) string { return wording.Because(s, pop, c.Region, e) })
	for _, w := range e.Weakens {
		if w.Trust {
			lines = append(lines, trust.Without(s, w)...)
			continue
		}
		lines = append(lines, wording.Weakened(s, w, readsHang))
	}
	for _, d := range s.Datasets {
		if most, moves := p.WritesAtRisk[d.Name]; moves {
			lines = append(lines, moveLine(s, e, d, outcomes[d.Name], most, p.RTO))
		}
		if why := p.Waits[d.Name]; why != "" {
			lines = append(lines, fmt.Sprintf("writes of %s would wait: %s", d.Name, why))
		}
		for _, region := range d.Spec.Regions {
			if slices.ContainsFunc(e.Reshapes, func(w topology.Way) bool { return w.Has(d.Authority, region) }) {
				lines = append(lines, fmt.Sprintf("%s is copied to %s over it", d.Name, region))
			}
		}
	}
	if len(p.LastCopy) > 0 {
		lines = append(lines, fmt.Sprintf("this is the last copy of %s that answers", strings.Join(p.LastCopy, " and ")))
	}
	return lines
}

// moveLine says what losing or moving its authority does to a dataset.
func moveLine(s *drill.State, e runbook.Effect, d *drill.DatasetState, o outcome, most *uint64, rto time.Duration) string {
	if slices.Contains(e.Empties, d.Authority) {
		return fmt.Sprintf("another region leads %s first, no confirmed write is lost", d.Name)
	}
	line := fmt.Sprintf("%s loses its leader; ", d.Name)
	if o.blocked {
		return line + "no region takes over by itself, and nothing is lost unless a person forces one to"
	}
	if most == nil {
		line += "how many writes it may lose is not known"
	} else {
		line += fmt.Sprintf("at most %s lost", format.Plural(*most, "write", "writes"))
	}
	line += fmt.Sprintf(", no writes for about %s (RTO)", format.Span(rto))
	if s.Fleet.Failover.ByOperator() {
		line += " and as long as a person needs to decide"
	}
	if !e.StopsStore(d.Authority) && !s.Fleet.Failover.Fence {
		line += "; with fencing off the old leader goes on beside the new one: split brain"
	}
	return line
}

// unready says who is passed over by the fleet's gate, and of the regions that lead then who would not get through to them, and where more users come than they take.
func unready(then *drill.State, outcomes map[string]outcome) (lines []string) {
	gone := func(region string) bool { return attribution.Stopped(then, region) }
	for _, d := range then.Datasets {
		o := outcomes[d.Name]
		lines = append(lines, o.passed...)
		if o.moves && o.to != "" && o.to != d.Authority {
			lines = append(lines, readiness.Lines(readiness.Question{State: then, Dataset: d, Region: o.to, Gone: gone})...)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}
