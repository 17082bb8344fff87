package measure

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// StepOutcome is what became of a step of the plan. Command is nil where none was taken.
type StepOutcome struct {
	Step    runbook.Step
	Command *drill.CommandState
	// Done says that it took effect: what breaks something by its proof, every other command
	// by having been carried out.
	Done bool
}

// Steps is what became of each step of the plan, in its order. Commands say which step they
// carry out; in a journal of before they did, a step is matched with the next command
// of the same words.
func Steps(s *drill.State) []StepOutcome {
	if s.Plan == nil {
		return nil
	}
	m := newMatcher(s)
	out := make([]StepOutcome, len(s.Plan.Steps))
	for i, step := range s.Plan.Steps {
		c := m.command(i, step)
		out[i] = StepOutcome{Step: step, Command: c, Done: m.done(step, c)}
	}
	return out
}

type matcher struct {
	byStep   map[int]*drill.CommandState
	commands map[runbook.Command][]*drill.CommandState // not matched yet, where no command names its step
	proved   map[int]bool                              // by the command that caused the fault
	faults   map[runbook.Command]int                   // not matched yet, of those that name no command
}

func newMatcher(s *drill.State) matcher {
	m := matcher{byStep: map[int]*drill.CommandState{}, commands: map[runbook.Command][]*drill.CommandState{}, proved: map[int]bool{}, faults: map[runbook.Command]int{}}
	for _, c := range s.Commands {
		if c.Step != nil {
			m.byStep[*c.Step] = c
		}
		m.commands[words(c.Command)] = append(m.commands[words(c.Command)], c)
	}
	for _, f := range s.Faults {
		if f.Command != 0 {
			m.proved[f.Command] = true
		} else if f.Region != "" {
			m.faults[runbook.Command{Verb: runbook.Verb(f.Fault), Region: f.Region}]++
		}
	}
	return m
}

// words is a command without who asked.
func words(c runbook.Command) runbook.Command {
	c.By = ""
	return c
}

func (m matcher) command(i int, step runbook.Step) *drill.CommandState {
	if len(m.byStep) > 0 {
		return m.byStep[i]
	}
	key := words(step.Command)
	for at, c := range m.commands[key] {
		if c.Refused == (step.Expect == runbook.ExpectRefused) || at == len(m.commands[key])-1 {
			m.commands[key] = append(m.commands[key][:at:at], m.commands[key][at+1:]...)
			return c
		}
	}
	return nil
}

func (m matcher) done(step runbook.Step, c *drill.CommandState) bool {
	switch {
	case c != nil && m.proved[c.ID]:
		return true
	case c != nil && !c.Effect.Breaks():
		return c.Ended != nil && c.Error == ""
	}
	if key := words(step.Command); m.faults[key] > 0 {
		m.faults[key]--
		return true
	}
	return false
}
