package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// byHand is a drill by hand that runs, with the dialogs' guard behind it.
func byHand(t *testing.T) *stage {
	s := newStage(t, 120, 36, Options{NoColor: true})
	s.events(story(10*time.Second, nil))
	return s
}

// broken is the story a second after the restore was asked for.
func broken(t *testing.T, after time.Duration) *stage {
	s := newStage(t, 120, 36, Options{NoColor: true})
	s.events(story(storyKill+after, storyPlan()))
	s.drill.Read(s.live.state) // what just happened was read
	s.update(redrawMsg{})
	return s
}

// run runs commands and hands the model what they bring about, but ticks.
func (s *stage) run(cmds ...tea.Cmd) {
	for _, cmd := range cmds {
		if cmd == nil {
			continue
		}
		switch msg := cmd().(type) {
		case nil, tickMsg:
		case tea.BatchMsg:
			s.run(msg...)
		case tea.QuitMsg:
			s.t.Log("quits")
		default:
			s.update(msg)
		}
	}
}

// commands runs what the last key returned, without the tick, which would wait.
func (s *stage) commands(cmds []tea.Cmd) []runbook.Command {
	s.ticking = true // so that no tick is waited for
	s.run(cmds...)
	return s.host.session.sent
}

func (s *stage) still() *stage { s.ticking = true; return s }

func TestDisabledKeysSayWhy(t *testing.T) {
	tests := []struct {
		name string
		at   func(*testing.T) *stage
		keys []string
		want string
	}{
		{"restore a healthy region", byHand, []string{"r"}, "us-east is healthy: there is nothing to restore"},
		{"uncordon one that is not cordoned", byHand, []string{"u"}, "us-east is not cordoned"},
		{"switch over to the authority", byHand, []string{"F"}, "us-east leads orders already"},
		{"promote while the authority answers", byHand, []string{"right", "P"}, "us-east leads orders and works; switch over instead, which loses nothing (F)"},
		{"kill a dead region", func(t *testing.T) *stage { return broken(t, 5*time.Second) }, []string{"K"}, "us-east is killed; restore it first (r)"},
		{"cordon a dead region", func(t *testing.T) *stage { return broken(t, 5*time.Second) }, []string{"c"}, "so there are no users to move away"},
		{"switch over to a dead region", func(t *testing.T) *stage { return broken(t, 5*time.Second) }, []string{"F"}, "us-east is killed; restore it first (r)"},
		{"switch over from a dead authority", func(t *testing.T) *stage { return broken(t, time.Second) }, []string{"right", "F"}, "wait until it is over, or promote a region (P)"},
		{"list no lost writes", byHand, []string{"L"}, "no confirmed write is known to be lost"},
		{"the only dataset", byHand, []string{"d"}, "only one dataset"},
		{"kill during bring-up", func(t *testing.T) *stage {
			s := newStage(t, 120, 36, Options{NoColor: true})
			s.events(story(time.Second, nil))
			return s
		}, []string{"K"}, "the fleet still starts"},
		{"light without colours", byHand, []string{"t"}, "colours are switched off"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.at(t)
			cmds := s.press(tt.keys...)
			s.shows(tt.want)
			if sent := s.commands(cmds); len(sent) != 0 || s.dialogs.Top() != nil {
				t.Fatalf("it did something all the same: %v, dialog %v", sent, s.dialogs)
			}
			s.wait(noticeFor)
			s.hides(tt.want)
		})
	}
}

func TestCommandsByKey(t *testing.T) {
	tests := []struct {
		name string
		at   func(*testing.T) *stage
		keys []string
		want runbook.Command
	}{
		{"restore", func(t *testing.T) *stage { return broken(t, 5*time.Second) }, []string{"r"}, runbook.Command{Verb: runbook.VerbRestore, Region: "us-east", By: "operator"}},
		{"switch over", byHand, []string{"right", "F"}, runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "eu-west", By: "operator"}},
		{"note", byHand, []string{"n", "h", "i", "enter"}, runbook.Command{Verb: runbook.VerbNote, Text: "hi", By: "operator"}},
		{"left goes round", byHand, []string{"left", "F"}, runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "ap-south", By: "operator"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.at(t)
			sent := s.commands(s.press(tt.keys...))
			if tt.want.Verb != runbook.VerbNote { // which alone is not asked about
				confirmed(s)
				sent = s.host.session.sent
			}
			if len(sent) != 1 || sent[0] != tt.want {
				t.Fatalf("sent %v, want %v", sent, tt.want)
			}
		})
	}
}

func TestKillAsksFirst(t *testing.T) {
	kill := runbook.Command{Verb: runbook.VerbKill, Region: "us-east", By: "operator"}
	tests := []struct {
		name string
		keys []string
		sent bool
		open bool
	}{
		{"enter cancels, as Cancel has the focus", []string{"enter"}, false, false},
		{"escape goes back", []string{"esc"}, false, false},
		{"tab, then enter kills", []string{"tab", "enter"}, true, false},
		{"tab twice is Cancel again", []string{"tab", "tab", "enter"}, false, false},
		{"other keys are swallowed", []string{"K", "Z", "c", "F", "1", "?"}, false, true},
		{"q goes back and does not quit", []string{"q"}, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := byHand(t)
			s.press("K")
			s.shows("Kill us-east?")
			s.shows("will hurt about ")
			s.shows("loses its leader")
			s.wait(dialog.InFlight)
			sent := s.commands(s.press(tt.keys...))
			if tt.sent != (len(sent) == 1 && sent[0] == kill) || !tt.sent && len(sent) > 0 {
				t.Errorf("sent %v", sent)
			}
			if open := s.dialogs.Top() != nil; open != tt.open {
				t.Errorf("the dialog is open: %v", open)
			}
		})
	}
}

func TestDialogSwallowsKeysInFlight(t *testing.T) {
	s := byHand(t)
	s.press("K", "tab", "enter") // faster than anybody reads, as a stuck key would
	s.hides("Cancel")
	if open := s.dialogs.Top() != nil; !open {
		t.Fatal("a key that was in flight closed the dialog")
	}
	if len(s.host.session.sent) > 0 {
		t.Fatalf("a key that was in flight sent %v", s.host.session.sent)
	}
}

// lastCopy is a drill by hand in which only us-east still answers.
func lastCopy(t *testing.T) *stage {
	s := byHand(t)
	now := s.live.state.Now
	for i, r := range []string{"eu-west", "ap-south"} {
		s.events([]drill.Event{{Seq: 9000 + uint64(i), T: now, Body: drill.FaultProved{ID: 50 + i, Fault: drill.FaultFreeze, Region: r, From: now, Proof: "paused"}}})
	}
	return s
}

func TestLastCopyAsksForTheName(t *testing.T) {
	typed := strings.Split("us-east", "")
	tests := []struct {
		name string
		keys []string
		sent int
	}{
		{"tab and enter are not enough", []string{"tab", "enter"}, 0},
		{"a wrong name is not enough", append([]string{"x"}, append(typed, "tab", "enter")...), 0},
		{"the name, then enter", append(append([]string{}, typed...), "enter"), 1},
		{"the name, then Cancel", append(append([]string{}, typed...), "tab", "enter"), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := lastCopy(t)
			s.press("K")
			s.wait(dialog.InFlight)
			s.shows("No other copy of orders answers")
			s.shows("type us-east to confirm")
			if sent := s.commands(s.press(tt.keys...)); len(sent) != tt.sent {
				t.Fatalf("sent %v, want %d", sent, tt.sent)
			}
		})
	}
}

func TestLastCopyTakesAPaste(t *testing.T) {
	s := lastCopy(t)
	s.press("K")
	s.wait(dialog.InFlight)
	s.update(tea.PasteMsg{Content: "us-east\n"})
	if sent := s.commands(s.press("tab", "enter")); len(sent) != 1 {
		t.Fatalf("sent %v", sent)
	}
}

func TestEveryKeyHasOneMeaning(t *testing.T) {
	seen := map[string]string{}
	for _, b := range keys.New(action.All) {
		if b.Help == "" || (b.Show == "") != (len(b.Keys) == 0) || b.Intent.Op == 0 {
			t.Errorf("%q has no help, no sign or does nothing", b.Name)
		}
		if len([]rune(b.Help)) > 45 {
			t.Errorf("the help of %q is %d long; 45 have room at 120 columns", b.Name, len([]rune(b.Help)))
		}
		for _, k := range b.Keys {
			if other, taken := seen[k]; taken {
				t.Errorf("%q is both %q and %q", k, other, b.Name)
			}
			seen[k] = b.Name
		}
	}
}

func TestPanesByKey(t *testing.T) {
	s := byHand(t)
	for id := pane.First; id <= pane.Last; id++ {
		if id.Off(s.live.state) != "" {
			continue
		}
		if s.press(id.Key()); s.drill.Focus != id {
			t.Fatalf("key %s shows %s", id.Key(), s.drill.Focus.Name())
		}
	}
	s.press("tab")
	if s.drill.Focus != pane.First {
		t.Fatalf("tab after the last is %s", s.drill.Focus.Name())
	}
	last := pane.Last
	for last.Off(s.live.state) != "" {
		last--
	}
	s.press("shift+tab")
	if s.drill.Focus != last {
		t.Fatalf("shift+tab before the first is %s", s.drill.Focus.Name())
	}
}

func TestEscapeGoesBackAndNeverQuits(t *testing.T) {
	s := byHand(t)
	s.press("5", "f", "/", "s", "t", "e", "a", "d", "y", "enter", "pgup")
	if s.drill.Filter != "steady" || !s.drill.Full || s.drill.Scroll == 0 {
		t.Fatalf("filter %q, full %v, scroll %d", s.drill.Filter, s.drill.Full, s.drill.Scroll)
	}
	for range 10 {
		for _, cmd := range s.still().press("esc") {
			if cmd != nil {
				if _, quits := cmd().(tea.QuitMsg); quits {
					t.Fatal("escape quit")
				}
			}
		}
	}
	if s.drill.Filter != "" || s.drill.Full || s.drill.Scroll != 0 || s.drill.Focus != pane.Fleet {
		t.Fatalf("filter %q, full %v, scroll %d, focus %s", s.drill.Filter, s.drill.Full, s.drill.Scroll, s.drill.Focus.Name())
	}
}

func TestFilterShowsWhatItFinds(t *testing.T) {
	s := broken(t, 10*time.Second)
	s.press("/", "t", "e", "r", "m")
	s.shows("promoted in")
	s.hides("orders checked in")
	s.press("esc")
	s.shows("orders checked in")
}

func TestPaletteRunsCommandsForAnyRegion(t *testing.T) {
	s := byHand(t)
	s.press(append([]string{":"}, strings.Split("kill ap", "")...)...)
	s.shows("kill ap-south")
	s.hides("kill eu-west")
	s.press("enter")
	s.shows("Kill ap-south?")
	if s.drill.Region != "ap-south" {
		t.Fatalf("the focus is on %s", s.drill.Region)
	}
	s.press("esc")
	s.wait(time.Second)
	s.press(append(append([]string{"esc", ":"}, strings.Split("restore eu", "")...), "enter")...)
	s.shows("eu-west is healthy: there is nothing to restore")
}

func TestLostWritesAreListed(t *testing.T) {
	s := broken(t, 10*time.Second)
	s.press("L")
	s.shows("americas-003391")
	s.shows("36 ms before the fault")
	s.press("esc")
	s.press("3", "enter")
	s.shows("americas-003391")
}

func TestCommandsShowInTheFooter(t *testing.T) {
	s := byHand(t)
	now := s.live.state.Now
	c := runbook.Command{Verb: runbook.VerbRestore, Region: "eu-west", By: "operator"}
	s.events([]drill.Event{{Seq: 9000, T: now, Body: drill.CommandTaken{ID: 7, Command: c}}})
	s.wait(1300 * time.Millisecond)
	s.shows("restore eu-west 1.3 s")
	s.events([]drill.Event{{Seq: 9001, T: now + 2*time.Second, Body: drill.CommandFailed{ID: 7, Command: c, Error: "docker start: no such container", Next: "see fleetdrill doctor"}}})
	s.shows("restore eu-west failed: docker start: no such container  see fleetdrill doctor")
	s.wait(page.FailureFor + time.Second)
	s.hides("see fleetdrill doctor")
}

func TestRefusedSendIsShown(t *testing.T) {
	s := broken(t, 5*time.Second)
	s.host.session.err = drillErr("restore us-east: 8 commands wait already")
	confirmed(s, "r")
	s.shows("8 commands wait already")
}

type drillErr string

func (e drillErr) Error() string { return string(e) }

// TestKeyRightBehindEscape holds that the two are not taken for one with Alt, and that
// those which are Alt and a letter are no command.
func TestKeyRightBehindEscape(t *testing.T) {
	s := byHand(t)
	s.press("?")
	s.shows("kill the region")
	s.update(tea.KeyPressMsg{Code: 'k', Mod: tea.ModAlt | tea.ModShift})
	s.shows("“K” came together with esc, or with Alt, and was left out")
	s.hides("show node and pods") // esc closed the help
	if s.dialogs.Top() != nil {
		t.Fatal("Alt and a letter opened a question")
	}
	s.update(tea.KeyPressMsg{Code: '?', Mod: tea.ModAlt})
	s.shows("kill the region") // what only looks may come that way

	s.press("esc", "n", "a")
	s.update(tea.KeyPressMsg{Code: 'r', Mod: tea.ModAlt})
	s.shows("Write a note into the journal") // a note is not lost to a stray Alt
}
