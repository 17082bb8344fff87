package action

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/impact"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Action is one thing that can be done. Check, Do and Words are always there.
type Action struct {
	Verb   runbook.Verb
	Words  Words
	Params []param.Param
	// Check is the rule for when it may be done; nil where it may. It is asked with
	// complete commands about things that the fleet has (Check, the function, sees to
	// that) and reads nothing but the state.
	Check func(*drill.State, runbook.Command) *rule.Refusal
	// Offer lists candidates for a parameter, where those of its kind (Choices) are too many
	// or too few; nil where they are right.
	Offer func(*drill.State, Focus, runbook.Command, param.Param) []Choice
	// Confirm is what a person reads before it is done; nil, or a nil answer, where there is
	// nothing to add to the question. Whether a person is asked is not its to say: see Harmless.
	Confirm func(*drill.State, runbook.Command) *Confirmation
	// Assume is the events that a dry run takes for granted once it is done; nil for none.
	Assume func(*drill.State, runbook.Command) []drill.Body
	// Do does it and proves it.
	Do func(context.Context, Rig, runbook.Command) (port.Proof, error)
	// Undo is the verb that takes it back; "" where none does.
	Undo runbook.Verb
	// Effect is what it does to the fleet, as data; nil where it takes nothing away. Whom that
	// will affect, and what will be lost, is predicted from it. It is asked with complete
	// commands, by way of EffectOf.
	Effect func(topology.Fleet, runbook.Command) runbook.Effect
	// Predict is what it is predicted to cost, where that does not follow from an Effect; nil where it does, or
	// nothing is predicted. It is asked by way of the function Predict.
	Predict func(*drill.State, runbook.Command) runbook.Impact
	// Moves says that it moves an authority.
	Moves bool
	// Holds says that the steps of a plan after it wait until it is done.
	Holds bool
	// Harmless marks what moves neither users nor data: it alone is done without a question.
	Harmless bool
}

// Words is how an action is called.
type Words struct {
	Name string // as a key's label: "switch over"
	Done string // in the past: "killed"
	Help string // one line
	Key  string // the key that does it; "" where none does
	Also string // another key that does it
	// Group is the heading that help shows it under.
	Group Group
	// Dangerous marks what takes something away from users: its question says what.
	Dangerous bool
	// Mends marks what puts something right: it is offered first where it can be done.
	Mends bool
	// Rare marks what help and the palette offer, and the line of keys does not: it has no room for everything.
	Rare bool
}

// Group is a heading in lists of actions.
type Group string

// The groups.
const (
	GroupRegion  Group = "Region"
	GroupData    Group = "Data"
	GroupConfig  Group = "Configuration"
	GroupProgram Group = "Program"
)

// All is every action, in the order in which lists show them. It is filled by init,
// since rules look other actions up in it.
var All []Action

func init() {
	All = []Action{
		kill, freeze, killTier, killControlPlane, hangStore, fillDisk, cordon, uncordon, restore, scale,
		promote, switchover, force, mode, reseed, write,
		partition, heal,
		brownout, clearing,
		drift, commit, revert,
		withholdBundles, renewAuthority, stopRenewal, skewClock, mendTrust, killSigner, restoreSigner,
		note, wait,
	}
}

// Find is the action of a verb; false where there is none.
func Find(v runbook.Verb) (Action, bool) {
	i := slices.IndexFunc(All, func(a Action) bool { return a.Verb == v })
	if i < 0 {
		return Action{}, false
	}
	return All[i], true
}

// doneBy is what a verb's action is called in the past.
func doneBy(v runbook.Verb) string {
	a, _ := Find(v)
	return a.Words.Done
}

// Verbs is the verbs of all actions, in their order.
func Verbs() []string {
	out := make([]string, len(All))
	for i, a := range All {
		out[i] = string(a.Verb)
	}
	return out
}

// Help lists every action with its help line and what it takes, for --help.
func Help() string {
	var b strings.Builder
	wide := 0
	for _, verb := range Verbs() {
		wide = max(wide, len(verb))
	}
	for _, a := range All {
		fmt.Fprintf(&b, "  %-*s  %s\n  %-*s  %s\n", wide, a.Verb, a.Words.Help, wide, "", param.Usage(a.Params))
	}
	return b.String()
}

// Check is the one rule for when a command may be done: its verb is known, it has what
// the action takes, the fleet has what it names, and the action's own rule holds. It is
// nil where the command may be done.
func Check(s *drill.State, c runbook.Command) *rule.Refusal {
	a, known := Find(c.Verb)
	if !known {
		return rule.Refuse("the actions are "+strings.Join(Verbs(), ", "), "%q is no action", c.Verb)
	}
	for _, p := range a.Params {
		if r := p.Check(s, c); r != nil {
			return r
		}
	}
	if a.Moves || !a.Harmless && slices.ContainsFunc(a.Params, func(p param.Param) bool { return p.Kind == param.KindDataset }) {
		if r := rule.Led(s); r != nil {
			return r
		}
	}
	return a.Check(s, c)
}

// Confirmation is what a person reads before an action is done.
type Confirmation struct {
	// Impact is what is predicted; nil where nothing is.
	Impact *runbook.Impact
	Lines  []string // what else there is to know
	// Irreversible is what can't be undone; Type is then what must be typed.
	Irreversible string
	Type         string
}

// Confirmed is what a person is asked before a command is done; nil where nothing is. It is
// the one rule for who is asked: whatever can move users or data, since a terminal may
// bring a key that nobody pressed (a key's bytes that came apart, a paste, a late answer).
func Confirmed(s *drill.State, c runbook.Command) *Confirmation {
	a, known := Find(c.Verb)
	if !known || a.Harmless {
		return nil
	}
	if a.Confirm != nil {
		if ask := a.Confirm(s, c); ask != nil {
			return ask
		}
	}
	return &Confirmation{Lines: []string{a.Words.Help}}
}

// confirmImpact asks about what takes something away from users: with what is predicted
// and, where a last copy would go, with the region's name typed.
func confirmImpact(s *drill.State, c runbook.Command) *Confirmation {
	p, _ := Predict(s, c)
	ask := &Confirmation{Impact: &p}
	if name := cmp.Or(c.Region, c.Domain.Name); len(p.LastCopy) > 0 && name != "" {
		ask.Irreversible = fmt.Sprintf("No other copy of %s answers: it would be gone.", strings.Join(p.LastCopy, " and "))
		ask.Type = name
	}
	return ask
}

// EffectOf is what a command does to a fleet; zero where it takes nothing away.
func EffectOf(f topology.Fleet, c runbook.Command) runbook.Effect {
	a, known := Find(c.Verb)
	if !known || a.Effect == nil {
		return runbook.Effect{}
	}
	e := a.Effect(f, c)
	if e.IsZero() { // as of a region that the fleet does not have
		return runbook.Effect{}
	}
	e.Undo = a.Undo
	return e
}

// Predict is what a command is predicted to cost; false where nothing is predicted of it.
func Predict(s *drill.State, c runbook.Command) (runbook.Impact, bool) {
	switch a, known := Find(c.Verb); {
	case known && a.Predict != nil:
		return a.Predict(s, c), true
	case known && a.Effect != nil:
		return impact.Predict(s, c, EffectOf(s.Fleet, c)), true
	}
	return runbook.Impact{}, false
}
