// Package conflict says which commands disturb each other if they are carried out at once, and which of them waits.
package conflict

import (
	"cmp"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/gauge"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Use is one thing that a command works on. Two commands that share it don't disturb each
// other; one that has it for itself disturbs both.
type Use struct {
	Name   string
	Shared bool
}

// Uses names what a command works on, so that no two commands that disturb each other are
// carried out at once: a dataset, a region and all that share its failure domain, which
// break together, or links. Whether a region answers decides whether a fault of its links can be
// proved, so what breaks or restores a region and what breaks links don't go together either.
func Uses(f topology.Fleet, c runbook.Command) []Use {
	a, _ := action.Find(c.Verb)
	if a.Harmless {
		return nil // a user writes whatever else is under way
	}
	for _, p := range a.Params {
		switch {
		case p.Kind == param.KindEndpoints:
			return linkUses(f, c)
		case p.Kind == param.KindDataset && c.Dataset != "":
			return []Use{{Name: "dataset " + c.Dataset}}
		case p.Kind == param.KindDomain && p.Has(c), p.Kind == param.KindRegion && c.Dataset == "" && c.Region != "":
			domain := c.On(f)
			if len(domain) == 0 && c.Region != "" {
				domain = []string{c.Region} // the fleet has no such region
			}
			var uses []Use
			for _, region := range domain {
				uses = append(uses, Use{Name: "region " + region})
				if makesOrEnds(f, a, c) {
					uses = append(uses, Use{Name: "answers of " + region})
				}
			}
			return uses
		}
	}
	if makesOrEnds(f, a, c) { // of what the fleet has one of: it is broken, and comes back, by itself
		return []Use{{Name: string(cmp.Or(a.Undo, a.Verb))}}
	}
	return nil
}

// linkUses is the links that a command names and, for what breaks them, the answers of the
// regions at their ends.
func linkUses(f topology.Fleet, c runbook.Command) []Use {
	var uses []Use
	breaks := action.EffectOf(f, c).Breaks()
	for _, p := range gauge.Links(f, c) {
		uses = append(uses, Use{Name: "link " + gauge.Name([2]string{min(p[0], p[1]), max(p[0], p[1])})})
		for _, end := range p {
			if breaks && f.Has(end) {
				uses = append(uses, Use{Name: "answers of " + end, Shared: true})
			}
		}
	}
	return uses
}

// makesOrEnds reports whether a command makes a fault or ends one.
func makesOrEnds(f topology.Fleet, a action.Action, c runbook.Command) bool {
	return action.EffectOf(f, c).Breaks() || slices.ContainsFunc(action.All, func(other action.Action) bool {
		undone := c
		undone.Verb = other.Verb
		return other.Undo == a.Verb && action.EffectOf(f, undone).Breaks()
	})
}

// Disturb reports whether two commands with these uses can't be carried out at once.
func Disturb(a, b []Use) bool {
	return slices.ContainsFunc(a, func(x Use) bool {
		return slices.ContainsFunc(b, func(y Use) bool { return x.Name == y.Name && !(x.Shared && y.Shared) })
	})
}

// Undoes reports whether a command takes another one back: its verb is the other's Undo,
// and it names the same.
func Undoes(f topology.Fleet, c, other runbook.Command) bool {
	a, _ := action.Find(other.Verb)
	return a.Undo != "" && a.Undo == c.Verb && c.TakesBack(f, other)
}

// InUse refuses a command while another one works on the same region, dataset or links.
// What takes the newest of these back is not refused: it waits for it (Waits). Nil where the
// command may be sent.
func InUse(s *drill.State, c runbook.Command) *rule.Refusal {
	if last := disturbed(s, c); last != nil && !Undoes(s.Fleet, c, last.Command) {
		return UnderWay(last.ID, last.Command)
	}
	return nil
}

// Waits reports whether a command takes back one that is under way: it is begun once that
// is over, and only then is it known whether it may be done.
func Waits(s *drill.State, c runbook.Command) bool {
	last := disturbed(s, c)
	return last != nil && Undoes(s.Fleet, c, last.Command)
}

// disturbed is the newest command under way that can't be carried out at once with this one;
// nil where none is.
func disturbed(s *drill.State, c runbook.Command) *drill.CommandState {
	uses := Uses(s.Fleet, c)
	for _, other := range slices.Backward(s.Commands) {
		if other.Ended == nil && Disturb(Uses(s.Fleet, other.Command), uses) {
			return other
		}
	}
	return nil
}

// UnderWay refuses what has to wait for a command that works on the same thing.
func UnderWay(id int, c runbook.Command) *rule.Refusal {
	return rule.Refuse("wait until it is done", "“%s” is still under way", c).Since(id)
}
