package measure

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// SplitBrains is how often users had writes of a dataset acknowledged by two authorities at
// once, over all datasets. Clients saw each of these acknowledgements, so it is known
// as soon as the drill runs.
func SplitBrains(s *drill.State) Count {
	out := Count{Known: true}
	for _, d := range s.Datasets {
		out.N += len(d.Splits)
	}
	return out
}

// Refusal is a step that the engine was to refuse, and what came of it. Known is false where
// the drill ended before the step was answered: it was neither refused nor taken.
type Refusal struct {
	Step    int // index in the plan, from 0
	Command runbook.Command
	Known   bool
	Refused bool
	Why     string // the refusal's reason, "" where it was not refused
}

// Refusals is the plan's steps that are there to be refused.
func Refusals(s *drill.State) []Refusal {
	if s.Plan == nil {
		return nil
	}
	var out []Refusal
	outcomes := Steps(s)
	for i, step := range s.Plan.Steps {
		if step.Expect != runbook.ExpectRefused {
			continue
		}
		r := Refusal{Step: i, Command: step.Command}
		if c := outcomes[i].Command; c != nil && c.Ended != nil {
			r.Known, r.Refused = true, c.Refused
			if c.Refused {
				r.Why = c.Error
			}
		}
		out = append(out, r)
	}
	return out
}
