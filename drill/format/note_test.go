package format

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

func TestNoted(t *testing.T) {
	s := drill.NewState()
	s.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{}})
	note := func(text string) string {
		return Noted(s, drill.Note{T: 14 * time.Second, NoteWritten: drill.NoteWritten{By: "ann", Text: text}})
	}
	for text, want := range map[string]string{
		"look here":                   "note by ann: look here",
		"decision: wait":              "decision by ann: wait",
		"action: raise it @bob !high": "action item by ann: raise it (owner bob, severity high)",
		"action: raise it":            "action item by ann: raise it",
		"detected: by the graph":      "marked as detected by ann: by the graph",
	} {
		if got := note(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	s.Apply(drill.Event{Seq: 2, T: 11 * time.Second, Body: drill.FaultProved{ID: 1, Region: "a", From: 10 * time.Second}})
	if got := note("mitigated"); got != "marked as mitigated by ann 4.0 s after the fault began" {
		t.Errorf("after a fault %q", got)
	}
}
