package verdict

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Alters says what a person's command does to the result of a drill that follows a plan, in
// words to read before it is sent: "" where it does nothing to it.
func Alters(s *drill.State, c runbook.Command) string {
	if !alters(s, c) {
		return ""
	}
	at := "has not begun"
	if s.Step >= 0 {
		at = fmt.Sprintf("is at step %d of %d", s.Step+1, len(s.Plan.Steps))
	}
	return fmt.Sprintf("this drill's plan %s, and “%s” is none of it: its result will be inconclusive", at, c)
}

// alters reports whether a command is none of the plan's doing and moves users or data.
// Where the fleet leaves it to a person who takes over, that is a part of the plan.
func alters(s *drill.State, c runbook.Command) bool {
	a, known := action.Find(c.Verb)
	if s.Plan == nil || !known || a.Harmless {
		return false
	}
	takeover := a.Moves && a.Words.Mends
	return !(takeover && s.Fleet.Failover.ByOperator())
}

// altered is the commands of people that took effect while a plan ran: what was measured
// since is theirs too, and not what the plan says.
func altered(s *drill.State) (whys []string) {
	for _, c := range s.Commands {
		nothing := c.Error != "" && !measure.AffectedBy(s, c.ID, "").Known
		if c.Step != nil || c.Command.By == runbook.ByDrill || c.Command.By == runbook.ByController || c.Command.By == "" || nothing || !alters(s, c.Command) {
			continue
		}
		whys = append(whys, fmt.Sprintf("%s, asked by %s, was no step of the plan", c.Command, c.Command.By))
	}
	return whys
}
