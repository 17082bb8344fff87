package warning

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/succession"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Takeover says what a takeover may lose: what the authority acknowledged and this
// replica never got, which nobody can ask while the authority is away.
func Takeover(s *drill.State, c runbook.Command) []string {
	lines := []string{fmt.Sprintf("%s leads %s from then on, in a new term", c.To, c.Dataset)}
	d := s.Dataset(c.Dataset)
	if d == nil {
		return lines
	}
	q := succession.Of(s, d)
	switch d.Authority {
	case "":
	case c.To:
		lines = append(lines, fmt.Sprintf("it led %s when it was lost: it has what it confirmed, unless its disk is gone", c.Dataset))
	default:
		lines = append(lines, fmt.Sprintf("confirmed writes that %s had and %s had not are lost; how many is counted afterwards", d.Authority, c.To))
		if n := q.Lacks(q.Heard[c.To], d.Authority); n > 0 {
			lines[1] = fmt.Sprintf("confirmed writes that %s had and %s had not are lost: %s by its last answer, and what it took since", d.Authority, c.To, format.Count(n))
		}
	}
	answers := q.Answers(rule.Answering(s, d, c.To))
	if best := q.MostAdvanced(answers); best != "" && answers[best].Newer(answers[c.To]) {
		lines = append(lines, fmt.Sprintf("%s has more of it: %s writes, %s has %s", best, format.Count(answers[best].Entries), c.To, format.Count(answers[c.To].Entries)))
	}
	return lines
}

// Force says what is given up by a promotion that may lose confirmed writes.
func Force(s *drill.State, c runbook.Command) []string {
	lines := []string{fmt.Sprintf("%s leads %s from then on, though it may lack confirmed writes", c.To, c.Dataset)}
	d := s.Dataset(c.Dataset)
	if d == nil {
		return lines
	}
	if p := d.Spec.Durability(); p.Mode == topology.ModeSync || p.Mode == topology.ModeQuorum {
		lines = append(lines, fmt.Sprintf("the durability %s is given up: the mode is async after it", p))
	}
	lines = append(lines, "how many are lost is counted afterwards: those who have them can't be asked now")
	return append(lines, Takeover(s, c)[1:]...)
}
