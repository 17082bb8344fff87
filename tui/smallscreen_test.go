package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/layout"
)

// TestConfirmKeepsItsButtons holds that what takes keys is seen on the smallest
// screen too, and that the text which gives way says so.
func TestConfirmKeepsItsButtons(t *testing.T) {
	tests := []struct {
		name string
		at   func(*testing.T) *stage
		keys []string
		want []string
	}{
		{"kill", byHand, []string{"K"}, []string{"Kill us-east?", "▸ Cancel", "Kill us-east  ", "y does it"}},
		{"the last copy", lastCopy, []string{"K"}, []string{"No other copy of orders answers", "type us-east to confirm", "▸ Cancel", "tab chooses"}},
		{"force", lostAuthority, []string{"l", "!"}, []string{"may be lost.", "type eu-west to confirm", "▸ Cancel", "…"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.at(t)
			s.live.state.Dataset("orders").Spec.Mode = topology.ModeQuorum // has more to say
			s.w, s.h = layout.MinW, layout.MinH
			s.press(tt.keys...)
			s.wait(dialog.InFlight)
			for _, want := range tt.want {
				s.shows(want)
			}
		})
	}
}

// TestLongListsScroll holds that what is chosen is seen, however many there are.
func TestLongListsScroll(t *testing.T) {
	fleet := storyFleet
	fleet.Regions = nil
	for i := range 9 {
		fleet.Regions = append(fleet.Regions, topology.Region{Name: fmt.Sprintf("region-%d", i)})
	}
	s := newStage(t, layout.MinW, layout.MinH, Options{NoColor: true})
	s.events([]drill.Event{{Seq: 1, Body: drill.DrillStarted{Fleet: fleet}}, {Seq: 2, Body: drill.PhaseEntered{Phase: drill.PhaseRunning}}})
	s.choose("X")
	n := len(choicesOf(s, runbook.VerbPartition))
	if n <= s.h {
		t.Fatalf("a list of %d is no long one", n)
	}
	for i := range n {
		if !strings.Contains(s.text(), "▸ region-0") && !strings.Contains(s.text(), "▸ all others") {
			t.Fatalf("choice %d of %d is not seen:\n%s", i, n, s.text())
		}
		s.shows("esc goes back")
		s.press("down")
	}
	s.shows("▸ region-0 → region-8")
	for range n {
		s.press("up")
	}
	s.shows("▸ region-0 ↔ all others")
}

// TestStartKeepsItsKeys holds that nothing is drawn over the keys of the start page.
func TestStartKeepsItsKeys(t *testing.T) {
	s := newStage(t, layout.MinW, layout.MinH, Options{NoColor: true})
	lines := strings.Split(s.text(), "\n")
	if last := strings.TrimSpace(lines[layout.MinH-1]); last != "⏎ start  ↑ ↓ choose  tab next  / filter  ? help  q quit" {
		t.Errorf("the keys are %q", last)
	}
}
