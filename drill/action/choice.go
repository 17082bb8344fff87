package action

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Focus is what a person looks at: a command that is made by key is about it.
// Wider says that the region is in failure domains that take away more than itself: which one is meant is asked.
type Focus struct {
	Region, Dataset string
	Wider           bool
	// Ends is the link that a person looks at, in the direction that is meant; zero where none is.
	Ends [2]string
}

// Choice is one candidate for a parameter: the command with it, and why it can't be
// chosen now. Off is nil where it can.
type Choice struct {
	Text, Note string
	Command    runbook.Command
	Off        *rule.Refusal
}

// joins reports whether a command is about the link in focus and no other; any is where none is.
func (at Focus) joins(c runbook.Command) bool {
	if at.Ends[0] == "" {
		return true
	}
	a, b, _ := c.Endpoints()
	return at.Ends == [2]string{a, b} || at.Ends == [2]string{b, a}
}

// Start is the command of an action as far as the focus tells it: a parameter that is a
// region or a dataset is the one in focus.
func (a Action) Start(at Focus, by string) runbook.Command {
	c := runbook.Command{Verb: a.Verb, By: by}
	for _, p := range a.Params {
		switch p.Kind {
		case param.KindRegion:
			p.Put(&c, at.Region)
		case param.KindDomain:
			if !at.Wider {
				c.Region = at.Region
			}
		case param.KindDataset:
			p.Put(&c, at.Dataset)
		}
	}
	return c
}

// Missing is the first parameter that the command needs and has not; false where it is
// complete.
func (a Action) Missing(c runbook.Command) (param.Param, bool) {
	for _, p := range a.Params {
		if !p.Optional && !p.Has(c) {
			return p, true
		}
	}
	return param.Param{}, false
}

// Choices is the candidates for a parameter of a command, with the reason why one is
// off. Nil for a parameter that is typed: a text, a duration, a rate, a share.
func (a Action) Choices(s *drill.State, at Focus, c runbook.Command, p param.Param) []Choice {
	if a.Offer != nil {
		return a.Offer(s, at, c, p)
	}
	return a.ByKind(s, at, c, p)
}

// ByKind is the candidates that a parameter's kind has.
func (a Action) ByKind(s *drill.State, at Focus, c runbook.Command, p param.Param) []Choice {
	var list []Choice
	near := at.Region
	if at.Ends[0] != "" {
		near = at.Ends[0]
	}
	for _, o := range p.Options(s, near, c) {
		if p.Kind == param.KindEndpoints && !at.joins(o.Command) {
			continue
		}
		choice := Choice{Text: o.Text, Note: o.Note, Command: o.Command}
		if _, more := a.Missing(o.Command); !more {
			choice.Off = Check(s, o.Command)
		}
		list = append(list, choice)
	}
	return list
}

// openFaults offers the faults of a kind that hold, each with the command that lifts it.
func openFaults(verb runbook.Verb, kind drill.FaultKind) func(*drill.State, Focus, runbook.Command, param.Param) []Choice {
	return func(s *drill.State, at Focus, c runbook.Command, _ param.Param) []Choice {
		list := []Choice{}
		for _, f := range s.Faults {
			if f.Fault != kind || f.Lifted != nil || len(f.Between) != 2 {
				continue
			}
			if at.Ends[0] != "" && !f.Effect.Touches(at.Ends[0], at.Ends[1]) {
				continue
			}
			lift := lifting(f, verb, c.By)
			list = append(list, Choice{Text: param.LinkText(lift), Note: f.Proof, Command: lift, Off: Check(s, lift)})
		}
		return list
	}
}

// lifting is the command of a verb about the links of a fault.
func lifting(f *drill.Fault, verb runbook.Verb, by string) runbook.Command {
	c := f.Links()
	c.Verb, c.By = verb, by
	return c
}
