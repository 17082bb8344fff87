package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// find is where on the screen a text begins, the first time that it stands there.
func (s *stage) find(text string) (x, y int) {
	s.t.Helper()
	for y, line := range strings.Split(s.text(), "\n") {
		if before, _, found := strings.Cut(line, text); found {
			return canvas.Width(before), y
		}
	}
	s.t.Fatalf("%q is nowhere:\n%s", text, s.text())
	return 0, 0
}

// clicks clicks on a text.
func (s *stage) clicks(text string) tea.Cmd {
	s.t.Helper()
	x, y := s.find(text)
	return s.update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
}

func (s *stage) turns(text string, button tea.MouseButton) {
	s.t.Helper()
	x, y := s.find(text)
	s.update(tea.MouseWheelMsg{X: x, Y: y, Button: button})
}

func TestClickFocuses(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 50}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			s := newStage(t, size[0], size[1], Options{NoColor: true})
			s.events(story(10*time.Second, nil))
			s.clicks("Recovery")
			if s.drill.Focus != pane.Recovery {
				t.Errorf("the focus is on %s", s.drill.Focus.Name())
			}
			s.clicks("ap-south")
			if s.drill.Region != "ap-south" || s.drill.Focus != pane.Fleet {
				t.Errorf("it is %s of %s", s.drill.Region, s.drill.Focus.Name())
			}
		})
	}
}

// TestClickOnAKeyPressesIt holds that the footer's keys and a dialog's buttons work, and that
// a click which was in flight when the question opened answers nothing.
func TestClickOnAKeyPressesIt(t *testing.T) {
	s := byHand(t)
	s.clicks("ap-south")
	s.clicks("K kill")
	s.hides("Cancel") // not before it can be chosen
	at := canvas.Zones{}
	s.wait(dialog.InFlight)
	s.shows("Kill ap-south?")
	at = append(at, s.zones...)
	s.clicks("Cancel")
	s.hides("Kill ap-south?")

	s.clicks("K kill")
	for _, zone := range at { // all that there was to click in the question, at once
		s.update(tea.MouseClickMsg{X: zone.Rect.Min.X, Y: zone.Rect.Min.Y, Button: tea.MouseLeft})
	}
	s.press("enter")
	if sent := s.host.session.sent; len(sent) > 0 {
		t.Fatalf("in flight it sent %v", sent)
	}

	s.press("esc")
	s.wait(time.Second)
	s.clicks("K kill")
	s.wait(dialog.InFlight)
	_, y := s.find("Cancel")
	line := strings.Split(s.text(), "\n")[y]
	before, _, _ := strings.Cut(line, "Kill ap-south")
	sent := s.commands([]tea.Cmd{s.update(tea.MouseClickMsg{X: canvas.Width(before), Y: y, Button: tea.MouseLeft})})
	if len(sent) != 1 || sent[0].Verb != runbook.VerbKill || sent[0].Region != "ap-south" {
		t.Fatalf("it sent %v", sent)
	}
}

// TestClickInAList holds that a click selects a row, and one on the selected row takes it.
func TestClickInAList(t *testing.T) {
	s := byHand(t)
	s.press(":")
	s.press(strings.Split("kill", "")...)
	s.clicks("kill eu-west")
	s.shows("kill eu-west")
	s.hides("Kill eu-west?")
	s.clicks("kill eu-west")
	s.wait(dialog.InFlight)
	s.shows("Kill eu-west?")
}

// TestDialogHidesWhatIsBelow holds that a click beside a dialog does nothing.
func TestDialogHidesWhatIsBelow(t *testing.T) {
	s := byHand(t)
	x, y := s.find("Recovery")
	s.press("?")
	before := s.screen()
	s.update(tea.MouseClickMsg{X: 0, Y: 3, Button: tea.MouseLeft})
	s.update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	s.press("esc")
	if s.drill.Focus != pane.Fleet {
		t.Fatalf("the focus went to %s, below\n%s", s.drill.Focus.Name(), stripped(before))
	}
}

func TestWheelScrolls(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	s.events(story(storyEnd-time.Second, storyPlan()))
	s.clicks("Timeline")
	s.turns("Timeline", tea.MouseWheelUp)
	s.shows("3 newer below")
	s.turns("Timeline", tea.MouseWheelDown)
	s.hides("newer below")
	s.press("?")
	top := s.text()
	s.turns("Keys", tea.MouseWheelDown)
	s.h = 20
	s.update(tickMsg{})
	s.turns("Keys", tea.MouseWheelDown)
	if s.text() == top {
		t.Fatal("help does not scroll")
	}
}

// TestEveryClickAsks holds that no single click moves users or data, whatever is on the
// screen, and that a click with another button does nothing.
func TestEveryClickAsks(t *testing.T) {
	for name, play := range states() {
		if name == "hostile with 60 regions" {
			continue // sixty times what is clicked on with seven
		}
		s := newStage(t, 120, 36, Options{NoColor: true})
		play(s)
		s.update(tickMsg{})
		clicked := map[any]bool{}
		for _, zone := range slices.Clone(s.zones) {
			if clicked[zone.Target] {
				continue
			}
			clicked[zone.Target] = true
			if s.dialogs.Top() != nil {
				break // what a question is for is asked by another test
			}
			x, y := zone.Rect.Min.X, zone.Rect.Min.Y
			s.update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseRight})
			if s.dialogs.Top() != nil {
				t.Fatalf("%s: the right button did something at %d,%d", name, x, y)
			}
			cmd := s.update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
			if s.live == nil {
				continue // a start, which nobody waits for here
			}
			s.does(cmd)
			if sent := s.host.session.sent; len(sent) > 0 {
				t.Fatalf("%s: a click at %d,%d sent %v", name, x, y, sent)
			}
			s.dialogs = nil
		}
	}
}

// TestStartByMouse holds that a click chooses, a second one starts, and that the footer's
// keys are keys.
func TestStartByMouse(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	s.clicks("evacuate-a-region")
	s.shows("▸ evacuate-a-region")
	if s.start.Starting {
		t.Fatal("one click started it")
	}
	s.clicks("/ filter")
	s.press("f", "r", "e", "e", "z")
	s.hides("evacuate-a-region")
	s.clicks("esc show all")
	s.clicks("evacuate-a-region")
	s.clicks("evacuate-a-region")
	if !s.start.Starting {
		t.Fatalf("it was not started:\n%s", s.text())
	}
}

// TestClickOnTheResult holds that the keys of its footer work, by what they look like.
func TestClickOnTheResult(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	s.events(story(storyEnd, storyPlan()))
	s.clicks("? ")
	if s.dialogs.Top() == nil {
		t.Fatalf("help is not open:\n%s", s.text())
	}
}
