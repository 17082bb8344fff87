package format

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure/people"
	"github.com/fleetdrill/fleetdrill/drill/scribe"
)

// Noted is what somebody wrote down, and of a mark how long after the fault that was.
func Noted(s *drill.State, n drill.Note) string {
	if m, is := people.Of(s, n); is {
		return marked(m)
	}
	e := scribe.Read(n.Text)
	what := string(e.Kind)
	if e.Kind == scribe.Action {
		what = "action item"
	}
	return fmt.Sprintf("%s by %s: %s%s", what, n.By, e.Text, Assigned(e))
}

func marked(m people.Mark) string {
	text := fmt.Sprintf("marked as %s by %s", m.Kind, m.By)
	if m.After.Known {
		text += " " + Span(m.After.D) + " after the fault began"
	}
	return text + after(": ", m.Text)
}

// Assigned is who is to do an action item and how urgent it is, in parentheses; "" where neither is said.
func Assigned(e scribe.Entry) string {
	var parts []string
	if e.Owner != "" {
		parts = append(parts, "owner "+e.Owner)
	}
	if e.Severity != "" {
		parts = append(parts, "severity "+e.Severity)
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
