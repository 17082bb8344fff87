package action

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/action/param"
)

// Usage is the parameters of an action as a drill file takes them: "between: [us-east,
// eu-west] (or from and to)  rtt: 400ms …". Those in brackets may be left out.
func (a Action) Usage() string {
	var parts []string
	for _, p := range a.Params {
		text := p.Name + ": " + p.Example
		switch p.Kind {
		case param.KindEndpoints:
			text += " (or from: and to: for one way)"
		case param.KindMode:
			text += " (sync: and with: a region)"
		}
		if p.Optional {
			text = "[" + text + "]"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// Help lists every action with its help line and what it takes, for --help.
func Help() string {
	var b strings.Builder
	for _, a := range All {
		fmt.Fprintf(&b, "  %-11s %s\n  %-11s %s\n", a.Verb, a.Words.Help, "", a.Usage())
	}
	return b.String()
}
