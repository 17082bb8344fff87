package report

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What people wrote down is one part, in every format that has parts: marks beside the machine, then what they decided, what
// surprised them and who is to do what.
func TestWhatPeopleWroteDown(t *testing.T) {
	const s = time.Second
	var events []drill.Event
	add := func(at time.Duration, b drill.Body) {
		events = append(events, drill.Event{Seq: uint64(len(events) + 1), At: time.Unix(0, 0).Add(at), T: at, Body: b})
	}
	add(0, drill.DrillStarted{Fleet: topology.Fleet{Name: "f", Regions: []topology.Region{{Name: "a"}}}, On: "local"})
	add(1*s, drill.NoteWritten{By: "ann", Text: "decided"})
	add(5*s, drill.FaultProved{ID: 1, Region: "a", From: 4 * s})
	add(6*s, drill.NoteWritten{By: "ann", Text: "action: page us @bob !high"})
	add(7*s, drill.NoteWritten{By: "ann", Text: "look here"})
	add(9*s, drill.Recovered{Fault: 1, Since: 8 * s})
	add(10*s, drill.NoteWritten{By: "bob", Text: "mitigated: users are back"})
	add(11*s, drill.NoteWritten{By: "bob", Text: "surprise: no alert"})
	r, err := FromEvents(events)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range r.Parts() {
		if p.Key == "notes" {
			for _, row := range p.Rows {
				got = append(got, strings.Join(row, " | "))
			}
		}
	}
	want := []string{
		"decided by ann | no fault had taken effect |  | ",
		"mitigated by bob | 6.0 s after the fault began | the machine: 4.0 s | users are back",
		"surprise by bob |  |  | no alert",
		"action item by ann | owner bob | severity high | page us",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the part has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := r.Notes[3]; n.Kind != "mitigated" || n.After == nil || *n.After != 6 || n.Machine == nil || *n.Machine != 4 || n.Owner != nil {
		t.Errorf("the mark is %+v", n)
	}
	if n := r.Notes[2]; n.Kind != "note" || n.Text != "look here" {
		t.Errorf("the remark is %+v", n)
	}
}
