package impact

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// lines say a prediction to a person.
func lines(s *drill.State, c drill.Command, e drill.Effect, p drill.Impact, outcomes map[string]outcome) []string {
	var lines []string
	for _, pop := range s.Populations {
		if share := p.Users[pop.Spec.Name]; share > 0.005 {
			line := fmt.Sprintf("~%s of %s's users", format.Percent(share), pop.Spec.Name)
			if c.Region != "" {
				line += fmt.Sprintf(" (%s now answers %s of them)", c.Region, format.Percent(pop.ShareServedBy(c.Region)))
			}
			lines = append(lines, line)
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
func moveLine(s *drill.State, e drill.Effect, d *drill.DatasetState, o outcome, most *uint64, rto time.Duration) string {
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
