package impact

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/trust"
)

// worthALine is the share from which on something is said: less is written as 0 %.
const worthALine = 0.005

// because says what a region is to a population, after a colon: who answers it, or where its
// writes go though others answer it; "" where it is neither.
func because(s *drill.State, pop *drill.PopulationState, region string, e runbook.Effect) string {
	if region == "" { // of several, the one that answers most of them
		all := slices.Clone(e.Stops)
		for _, w := range e.Weakens {
			all = append(all, w.Region)
		}
		for _, r := range all {
			if region == "" || measure.ShareServedBy(pop, r) > measure.ShareServedBy(pop, region) {
				region = r
			}
		}
	}
	switch share := measure.ShareServedBy(pop, region); {
	case share >= 1-worthALine:
		return fmt.Sprintf(": %s answers them now", region)
	case share > worthALine:
		return fmt.Sprintf(": %s answers %s of them now", region, format.Percent(share))
	}
	return writesGo(s, pop, region)
}

// writesGo says after a colon which of a population's writes go to a region; "" where none do.
func writesGo(s *drill.State, pop *drill.PopulationState, region string) string {
	var led []string
	for _, name := range s.Fleet.DatasetsOf(pop.Spec) {
		if d := s.Dataset(name); d != nil && d.Authority == region && pop.Spec.Writes > 0 {
			led = append(led, name)
		}
	}
	if region == "" || len(led) == 0 {
		return ""
	}
	if len(led) == len(s.Fleet.DatasetsOf(pop.Spec)) {
		return ": their writes go to " + region
	}
	return fmt.Sprintf(": their writes to %s go to %s", strings.Join(led, " and "), region)
}

// hurtLines say whom it will hurt: of all users, then of each population, and why.
func hurtLines(s *drill.State, p runbook.Impact, why func(*drill.PopulationState) string) []string {
	var lines []string
	for _, pop := range s.Populations {
		if share := p.Users[pop.Spec.Name]; share > worthALine {
			lines = append(lines, fmt.Sprintf("about %s in %s", format.Percent(share), pop.Spec.Name)+why(pop))
		}
	}
	if len(lines) == 0 {
		return []string{"no user is predicted to be hurt"}
	}
	return append([]string{fmt.Sprintf("will hurt about %s of users", format.Percent(p.Share))}, lines...)
}

// lines say a prediction to a person.
func lines(s *drill.State, c runbook.Command, e runbook.Effect, p runbook.Impact, outcomes map[string]outcome) []string {
	lines := hurtLines(s, p, func(pop *drill.PopulationState) string { return because(s, pop, c.Region, e) })
	for _, w := range e.Weakens {
		if w.Trust {
			lines = append(lines, trust.Without(s, w)...)
			continue
		}
		lines = append(lines, weakened(s, w))
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

// weakened says what is left of a region that loses a part.
func weakened(s *drill.State, w runbook.Weakening) string {
	what := fmt.Sprintf("%s goes on with %s of its web tier", w.Region, format.Percent(w.Web))
	if w.Web == 0 {
		what = w.Region + " has no web tier: its users are sent to other regions"
	}
	holds := func(d *drill.DatasetState) bool { return readsHang(d) && slices.Contains(d.Spec.Regions, w.Region) }
	switch {
	case w.Part == runbook.PartStore && slices.ContainsFunc(s.Datasets, holds):
		return what + "; its store answers nobody"
	case w.Part == runbook.PartStore || w.Part == runbook.PartDisk:
		return what + "; its store answers reads, and takes no write"
	case w.Store:
		return what + ", and without its store"
	}
	return what + "; its data stays where it is"
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
