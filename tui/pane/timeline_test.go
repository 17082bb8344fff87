package pane

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

var theme = style.New(style.Options{NoColor: true})

// viewOf is a view of a fleet of one region to which something happened.
func viewOf(focus ID, bodies ...drill.Body) View {
	s := drill.NewState()
	bodies = append([]drill.Body{drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "east"}}}}}, bodies...)
	for i, b := range bodies {
		s.Apply(drill.Event{Seq: uint64(i + 1), T: time.Duration(i+1) * time.Second, Body: b})
	}
	return View{Scene: show.Scene{State: s, Now: s.Now, Theme: theme, Region: "east"}, Focus: focus}
}

func drawn(v View, id ID, w, h int) string {
	c := canvas.New(w, h, theme)
	Draw(id, c.All(), v)
	return ansi.Strip(c.String())
}

// flat is a pane's text without its frame and its breaks of lines.
func flat(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "│", " ")), " ")
}

// The newest line of the timeline is told to its end, also where it takes two rows, and older ones take one
// until there is room for all of each.
func TestTheNewestLineIsWhole(t *testing.T) {
	note := func(n string) drill.Body {
		return drill.NoteWritten{Text: n + " note that is longer than a line of this narrow pane, up to its END-" + n}
	}
	v := viewOf(Timeline, note("first"), note("second"), note("third"))
	text := flat(drawn(v, Timeline, 70, 7))
	if !strings.Contains(text, "END-third") || strings.Contains(text, "END-second") || !strings.Contains(text, "second note") || !strings.Contains(text, "first note") {
		t.Errorf("in few rows: %s", text)
	}
	if text = flat(drawn(v, Timeline, 70, 20)); !strings.Contains(text, "END-first") || !strings.Contains(text, "END-second") {
		t.Errorf("in many rows: %s", text)
	}
}

// What proved a command, what came in its way, and what was sent is told to its end where there are rows for that.
func TestCommandsAreWhole(t *testing.T) {
	long := strings.Repeat("very ", 12)
	v := viewOf(Commands, drill.CommandTaken{ID: 1}, drill.CommandFailed{ID: 1, Error: "no region is " + long + "SURE"},
		drill.FleetCommanded{Line: "kubectl --context " + long + "LONG"}, drill.FleetCommanded{Line: "kill -KILL 1"})
	text := flat(drawn(v, Commands, 50, 16))
	for _, want := range []string{"SURE", "LONG", "$ kill -KILL 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q: %s", want, text)
		}
	}
	if text = flat(drawn(v, Commands, 50, 6)); !strings.Contains(text, "$ kill -KILL 1") || !strings.Contains(text, "$ kubectl") {
		t.Errorf("the newest gives way: %s", text)
	}
}

// The pane of a region tells a fault's proof to its end.
func TestARegionsFaultIsWhole(t *testing.T) {
	v := viewOf(Region, drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "east", Proof: "process 6654 killed by signal 9, " + strings.Repeat("port ", 9) + "REFUSES"})
	if text := flat(drawn(v, Region, 57, 14)); !strings.Contains(text, "REFUSES") {
		t.Errorf("it is cut: %s", text)
	}
}
