package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
)

// cutTwice is a partition of two regions beside one of the first from all others, and a brownout of another link.
func cutTwice() []drill.Body {
	part := func(id int, a, b string, ways ...topology.Way) drill.FaultProved {
		return drill.FaultProved{ID: id, Command: id, Fault: drill.FaultPartition, Done: "partitioned", Between: []string{a, b},
			Effect: runbook.Effect{Cuts: ways, Undo: runbook.VerbHeal}}
	}
	shape := topology.Shape{RTT: 400 * time.Millisecond, Loss: 0.02}
	return []drill.Body{
		part(51, "us-east", "eu-west", topology.Ways("us-east", "eu-west", false)...),
		part(52, "us-east", "others", topology.Ways("us-east", "others", false)...),
		drill.FaultProved{ID: 53, Command: 53, Fault: "brownout", Done: "browned out", Between: []string{"eu-west", "ap-south"}, Shape: shape,
			Effect: runbook.Effect{Reshapes: topology.Ways("eu-west", "ap-south", false), Shape: shape, Undo: "clear"}},
		drill.LinksSampled{Links: []telemetry.Link{
			{From: "eu-west", To: "ap-south", Bytes: 4 << 20, Rate: 12 << 10, Resent: 14}, {From: "ap-south", To: "eu-west", Bytes: 1 << 20, Rate: 3 << 10},
		}},
	}
}

// matrix is a drill by hand whose links are looked at, with faults that overlap.
func matrix(t *testing.T, w, h int) *stage {
	s := newStage(t, w, h, Options{NoColor: true})
	s.events(story(10*time.Second, nil))
	s.happens(0, cutTwice()...)
	s.press("esc", "M")
	return s
}

// The matrix says of each link what was asked for and what was measured, who cuts it, and that each is
// lifted by itself; a cell is picked by the arrows.
func TestTheMatrixSaysWhoHoldsALink(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 50}} {
		s := matrix(t, size[0], size[1])
		s.shows("us-east → eu-west")
		flat := strings.Join(strings.Fields(strings.ReplaceAll(s.text(), "│", " ")), " ")
		if !strings.Contains(flat, "cut by 2: us-east and eu-west partitioned, us-east and others partitioned; each is lifted by itself") {
			t.Errorf("it does not say what cuts the link:\n%s", s.text())
		}
		s.press("down", "right") // of eu-west, to ap-south
		s.shows("eu-west → ap-south")
		s.shows("simulated 400 ms (140 ms in the fleet file)")
		s.shows("14 segments sent again")
		s.shows("slow, narrow or lossy: eu-west and ap-south browned out")
		s.press("M")
		s.hides("eu-west → ap-south")
	}
}

// What is done to the link in focus is asked with both ends filled in, and each fault on it is offered to
// be lifted by itself.
func TestTheLinkInFocusIsChanged(t *testing.T) {
	s := matrix(t, 120, 36)
	s.press("H")
	s.wait(dialog.InFlight)
	s.shows("us-east ↔ eu-west")
	s.shows("us-east ↔ others")
	if sent := confirmed(s, "down", "enter"); !slices.Equal(sent, []string{"heal us-east and others"}) {
		t.Errorf("it sends %q", sent)
	}
	s = matrix(t, 120, 36)
	s.press("down", "right", "B") // of eu-west, to ap-south
	s.wait(dialog.InFlight)
	text := s.text()
	if !strings.Contains(text, "eu-west ↔ ap-south") || !strings.Contains(text, "eu-west → ap-south") || strings.Contains(text, "all others") {
		t.Errorf("it offers other links:\n%s", text)
	}
	s.press("esc", "C")
	s.wait(dialog.InFlight)
	if sent := confirmed(s, "enter"); !slices.Equal(sent, []string{"clear eu-west and ap-south"}) {
		t.Errorf("it sends %q", sent)
	}
}

// A key that is about panes says what hides them, and changes nothing that is seen only later.
func TestAKeyOfPanesSaysWhatHidesThem(t *testing.T) {
	for view, says := range map[string]string{"M": "the link matrix has the screen; M goes back to the panes", "p": "the presenter view has the screen; p goes back to the panes"} {
		s := newStage(t, 120, 36, Options{NoColor: true})
		s.events(story(10*time.Second, nil))
		s.press("esc")
		for _, key := range []string{"enter", "tab", "shift+tab", "f", "2", "/", "o", "pgup"} {
			s.press(view, key)
			if !strings.Contains(s.text(), says) {
				t.Errorf("%s then %s does not say %q:\n%s", view, key, says, s.text())
			}
			s.press(view)
			for _, pane := range []string{"▸ Fleet", "─ Traffic", "─ Data", "─ Recovery", "─ Timeline"} {
				if !strings.Contains(s.text(), "╭"+pane) {
					t.Fatalf("%s then %s has changed the panes: there is no %q:\n%s", view, key, pane, s.text())
				}
			}
		}
	}
}
