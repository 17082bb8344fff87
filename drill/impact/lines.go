package impact

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// worthALine is the share from which on something is said: less is written as 0 %.
const worthALine = 0.005

// because says what a region is to a population, in parentheses: who answers it, or where its
// writes go though others answer it; "" where it is neither.
func because(s *drill.State, pop *drill.PopulationState, region string) string {
	if share := pop.ShareServedBy(region); share > worthALine {
		return fmt.Sprintf(" (%s now answers %s of them)", region, format.Percent(share))
	}
	var led []string
	for _, name := range s.Fleet.DatasetsOf(pop.Spec) {
		if d := s.Dataset(name); d != nil && d.Authority == region && pop.Spec.Writes > 0 {
			led = append(led, name)
		}
	}
	if region == "" || len(led) == 0 {
		return ""
	}
	return fmt.Sprintf(" (they write to %s in %s)", strings.Join(led, " and "), region)
}

// lines say a prediction to a person.
func lines(s *drill.State, c runbook.Command, e runbook.Effect, p drill.Impact, outcomes map[string]outcome) []string {
	var lines []string
	for _, pop := range s.Populations {
		if share := p.Users[pop.Spec.Name]; share > worthALine {
			lines = append(lines, fmt.Sprintf("~%s of %s's users", format.Percent(share), pop.Spec.Name)+because(s, pop, c.Region))
		}
	}
	if len(lines) == 0 {
		lines = append(lines, "no user is predicted to be affected")
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
		return fmt.Sprintf("authority of %s is moved first, nothing lost", d.Name)
	}
	line := fmt.Sprintf("%s loses its authority; ", d.Name)
	if o.blocked {
		return line + "nobody is promoted by itself, and nothing is lost unless a person forces it"
	}
	if most == nil {
		line += "no bound is known for the writes it may lose"
	} else {
		line += fmt.Sprintf("at most %s lost", format.Plural(*most, "write", "writes"))
	}
	line += fmt.Sprintf(", RTO ~%s", format.Span(rto))
	if s.Fleet.Failover.ByOperator() {
		line += " and a person's time to decide"
	}
	if !slices.Contains(e.Stops, d.Authority) && !s.Fleet.Failover.Fence {
		line += "; with fencing off it goes on beside the new one: split brain"
	}
	return line
}
