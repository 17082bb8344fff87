package keys

import (
	"slices"
	"strings"
	"unicode"

	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/action/conflict"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// actionKeys is a binding for each action of a group that a person can ask for.
func actionKeys(actions []action.Action, group action.Group) Table {
	var t Table
	for _, a := range actions {
		if a.Words.Group != group || a.Holds {
			continue // what holds back the steps of a plan is for plans
		}
		t = append(t, Binding{
			Keys: append(spelled(a.Words.Key), spelled(a.Words.Also)...), Show: a.Words.Key,
			Name: a.Words.Name, Help: a.Words.Help, Group: string(group), Danger: a.Words.Dangerous,
			Place: placeOf(a), Intent: Intent{Op: Act, Action: a},
			use: commands, off: func(n Now) string { return n.actionOff(a) },
		})
	}
	return t
}

// spelled is the names that terminals give a key.
func spelled(key string) []string {
	if key == "" {
		return nil
	}
	if r := []rune(key); len(r) == 1 && unicode.IsUpper(r[0]) {
		return []string{key, "shift+" + strings.ToLower(key)}
	}
	return []string{key}
}

// placeOf is where the footer offers an action. What takes data away is not
// offered unasked.
func placeOf(a action.Action) Place {
	switch {
	case a.Words.Rare:
		return InHelp
	case a.Words.Mends:
		return Mends
	case a.Words.Group == action.GroupProgram:
		return Always
	case TakesRegion(a) && (a.Words.Group == action.GroupRegion || !a.Words.Dangerous):
		return ForRegion
	}
	return InHelp
}

// TakesRegion reports whether an action is about one region.
func TakesRegion(a action.Action) bool {
	return slices.ContainsFunc(a.Params, func(p param.Param) bool { return p.Kind == param.KindRegion || p.Kind == param.KindDomain })
}

// Typed reports whether a parameter is typed; others are chosen from a list.
func Typed(p param.Param) bool {
	switch p.Kind {
	case param.KindText, param.KindDuration, param.KindRate, param.KindShare:
		return true
	}
	return false
}

// Missing is the first parameter of an action that must be chosen from a list
// and is not there yet.
func Missing(a action.Action, c runbook.Command) (param.Param, bool) {
	for _, p := range a.Params {
		if !p.Optional && !Typed(p) && !p.Has(c) {
			return p, true
		}
	}
	return param.Param{}, false
}

// actionOff says why an action can't be done for what is in focus; where a
// parameter is chosen from a list, why none of it can be.
func (n Now) actionOff(a action.Action) string {
	if why := n.NoCommands(); why != "" {
		return why
	}
	c := n.Command(a)
	p, missing := Missing(a, c)
	if !missing {
		return n.Refused(withExamples(a, c))
	}
	list := n.Choices(a, c, p)
	if len(list) == 0 {
		return "there is nothing to " + a.Words.Name
	}
	reasons := map[string]int{}
	most := ""
	for _, choice := range list {
		why := n.OffWords(choice.Off)
		if why == "" {
			return ""
		}
		if reasons[why]++; reasons[why] >= reasons[most] {
			most = why
		}
	}
	return most
}

// Choices is the candidates for a parameter, each refused as it would be with examples
// for what is typed after it.
func (n Now) Choices(a action.Action, c runbook.Command, p param.Param) []action.Choice {
	list := a.Choices(n.State, n.Target(), c, p)
	for i, choice := range list {
		if full := withExamples(a, choice.Command); full != choice.Command {
			if _, more := a.Missing(full); !more {
				list[i].Off = action.Check(n.State, full)
				if r := list[i].Off; r != nil && r.Typed { // what is an example here may be typed better
					list[i].Off = nil
				}
			}
		}
	}
	return list
}

// withExamples is a command with the examples of its action for what is typed and is
// not there yet.
func withExamples(a action.Action, c runbook.Command) runbook.Command {
	for _, p := range a.Params {
		if full := c; Typed(p) && !p.Has(c) && p.Set(&full, p.Example) == nil {
			c = full
		}
	}
	return c
}

// Refused says why a complete command can't be sent now; "" where it can.
func (n Now) Refused(c runbook.Command) string {
	if why := n.NoCommands(); why != "" {
		return why
	}
	if r := conflict.InUse(n.State, c); r != nil {
		return n.OffWords(r)
	}
	if conflict.Waits(n.State, c) {
		return ""
	}
	return n.OffWords(action.Check(n.State, c))
}

// OffWords is a refusal with the key that helps; "" for none.
func (n Now) OffWords(r *rule.Refusal) string {
	if r == nil {
		return ""
	}
	if b := n.Keys.Act(r.Verb); b != nil && b.Show != "" {
		return r.Error() + " (" + b.Show + ")"
	}
	return r.Error()
}
