package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/page"
)

// quits reports whether one of the commands ends the program; it runs them.
func (s *stage) quits(cmds ...tea.Cmd) bool {
	s.ticking = true
	for _, cmd := range cmds {
		if cmd == nil {
			continue
		}
		switch msg := cmd().(type) {
		case tea.QuitMsg:
			return true
		case tea.BatchMsg:
			if s.quits(msg...) {
				return true
			}
		}
	}
	return false
}

func TestQuitAsksAboutTheFleet(t *testing.T) {
	tests := []struct {
		name  string
		keep  bool // the fleet can outlive the program
		keys  []string
		quits []bool // what the session was told
	}{
		{"cancel has the focus", true, []string{"enter"}, nil},
		{"escape goes back", true, []string{"tab", "esc"}, nil},
		{"keep", true, []string{"tab", "enter"}, []bool{true}},
		{"take down", true, []string{"tab", "tab", "enter"}, []bool{false}},
		{"take down, where it can't be kept", false, []string{"tab", "enter"}, []bool{false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := byHand(t)
			s.host.session.keep = tt.keep
			s.still().press("q")
			s.shows("Quit: what about the fleet?")
			s.wait(dialog.InFlight)
			if s.quits(s.still().press(tt.keys...)...) {
				t.Fatal("it quit before the session had ended")
			}
			got := s.host.session.quits
			if len(got) != len(tt.quits) || len(got) == 1 && got[0] != tt.quits[0] {
				t.Fatalf("the session was told %v, want %v", got, tt.quits)
			}
			if len(tt.quits) > 0 && !s.quits(s.update(eventsMsg{closed: true})) {
				t.Fatal("it did not quit once the session had ended")
			}
		})
	}
}

func TestQuitDuringBringUpCannotKeep(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	s.events(story(time.Second, nil))
	s.press("q")
	s.wait(dialog.InFlight)
	s.shows("only half up")
	s.hides("Keep it running")
}

func TestCtrlC(t *testing.T) {
	s := byHand(t)
	if s.quits(s.still().press("ctrl+c")...) {
		t.Fatal("the first ctrl-c left before the fleet was down")
	}
	if q := s.host.session.quits; len(q) != 1 || q[0] {
		t.Fatalf("the session was told %v", q)
	}
	s.shows("stops")
	s.press("q", "esc", "K")
	s.shows("being taken down")
	if !s.quits(s.still().press("ctrl+c")...) || !s.forced {
		t.Fatal("the second ctrl-c did not quit at once")
	}
}

func TestCtrlCWorksInADialog(t *testing.T) {
	s := byHand(t)
	s.still().press("K")
	s.quits(s.press("ctrl+c")...)
	if len(s.host.session.quits) != 1 || s.dialogs.Top() != nil {
		t.Fatalf("the session was told %v, dialog %v", s.host.session.quits, s.dialogs)
	}
}

func TestQuitOnTheStartScreen(t *testing.T) {
	for _, key := range []string{"q", "ctrl+c"} {
		s := newStage(t, 80, 24, Options{})
		if !s.quits(s.still().press(key)...) {
			t.Errorf("%s did not quit", key)
		}
	}
}

func TestCtrlCWhileStarting(t *testing.T) {
	s := newStage(t, 80, 24, Options{})
	s.still().press("enter")
	if s.quits(s.press("ctrl+c")...) {
		t.Fatal("it quit although a session may be about to be")
	}
	close(s.host.session.events) // so that nothing waits for them
	s.quits(s.update(startedMsg{session: s.host.session}))
	if q := s.host.session.quits; len(q) != 1 || q[0] {
		t.Fatalf("the session that came was told %v", q)
	}
}

func TestResultStaysUntilQ(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	s.still().events(story(storyEnd, storyPlan()))
	if s.quits(s.update(eventsMsg{closed: true})) {
		t.Fatal("it did not stay")
	}
	for _, want := range []string{"passed", "all three objectives met", "2.2 s", "journals/20260314-092653.jsonl", "8 confirmed writes"} {
		s.shows(want)
	}
	if s.quits(s.press("esc", "K", "tab")...) {
		t.Fatal("another key than q left")
	}
	s.press("enter")
	s.shows("americas-003391")
	s.press("esc")
	if !s.quits(s.press("q")...) {
		t.Fatal("q did not quit")
	}
}

func TestTheResultSaysWhyAStepWasRefused(t *testing.T) {
	promote := runbook.Command{Verb: runbook.VerbPromote, Dataset: "orders", To: "ap-south", By: "drill"}
	plan := storyPlan()
	plan.Steps = append(plan.Steps, runbook.Step{At: 30 * time.Second, Command: promote, Expect: runbook.ExpectRefused}, runbook.Step{At: 40 * time.Second, Command: promote, Expect: runbook.ExpectRefused})
	s := newStage(t, 120, 50, Options{NoColor: true})
	step := len(plan.Steps) - 2
	s.events(story(storyBegin+30*time.Second, plan))
	s.happens(0, drill.CommandTaken{ID: 50, Command: promote, Step: &step}, drill.CommandFailed{ID: 50, Command: promote, Refused: true, Error: "orders is led by eu-west"},
		drill.ObjectiveJudged{Name: "refused_steps", Target: 2, AtLeast: true}, drill.DrillEnded{Verdict: drill.Aborted, Why: "interrupted"})
	for _, want := range []string{"promote orders to ap-south: refused, orders is", "led by eu-west  ", "promote orders to ap-south: was not"} {
		s.shows(want)
	}
}

// A path is to be copied: on no page does it lose its end.
func TestNoPathIsCut(t *testing.T) {
	s := newStage(t, 60, 24, Options{NoColor: true})
	path := "/home/somebody/with/a/long/home/.local/state/fleetdrill/journals/20260314-092653-lose-the-authority.jsonl"
	s.still().events(story(storyEnd, storyPlan()))
	whole := func() string { return strings.Join(strings.Fields(s.drawn), "") }
	s.result.Journal = path
	s.update(eventsMsg{closed: true})
	if !strings.Contains(whole(), path) {
		t.Errorf("the result does not have %s:\n%s", path, s.drawn)
	}
	s.fatal = &page.Fatal{Title: "It ended", Text: strings.Repeat("why it did ", 200), Journal: path}
	s.update(redrawMsg{})
	if !strings.Contains(whole(), path) {
		t.Errorf("the page of an error does not have %s:\n%s", path, s.drawn)
	}
}

func TestTroubleHasAPage(t *testing.T) {
	t.Run("the drill could not be started", func(t *testing.T) {
		s := newStage(t, 80, 24, Options{NoColor: true})
		s.update(startedMsg{err: errors.New("three-regions runs already; `fleetdrill down` first")})
		s.shows("could not be started")
		s.shows("`fleetdrill down` first")
		if !s.quits(s.still().press("q")...) {
			t.Fatal("q did not quit")
		}
	})
	t.Run("it ended before it was judged", func(t *testing.T) {
		s := byHand(t)
		s.events([]drill.Event{{Seq: 9000, T: s.live.state.Now, Body: drill.TaskFailed{Task: "journal", Error: "no space left on device", Next: "free some space"}}})
		s.update(eventsMsg{closed: true})
		s.shows("ended before it was judged")
		s.shows("no space left on device")
		s.shows("free some space")
	})
	t.Run("something was left behind", func(t *testing.T) {
		s := byHand(t)
		s.still().press("ctrl+c")
		s.happens(0, drill.PhaseEntered{Phase: drill.PhaseTearDown}, drill.TaskFailed{Task: "stop the fleet", Error: "docker does not answer"})
		if s.quits(s.update(eventsMsg{closed: true})) {
			t.Fatal("it left without saying so")
		}
		s.shows("left behind")
		s.shows("docker does not answer")
	})
	t.Run("something failed, and nothing was left behind", func(t *testing.T) {
		s := byHand(t)
		s.still().press("q")
		s.wait(dialog.InFlight)
		s.press("tab", "tab", "enter")
		s.shows("waits for the ledger's check")
		s.happens(0, drill.TaskFailed{Task: "bring the diverged writes of orders out of us-east", Error: "us-east did not answer: timeout"},
			drill.DrillEnded{Verdict: drill.Inconclusive, Why: "drilled by hand"},
			drill.PhaseEntered{Phase: drill.PhaseTearDown}, drill.PhaseEntered{Phase: drill.PhaseEnded})
		if s.quits(s.update(eventsMsg{closed: true})) {
			t.Fatal("it left without saying so")
		}
		s.hides("left behind")
		s.shows("inconclusive")
		s.shows("us-east did not answer: timeout")
		if !s.quits(s.press("q")...) {
			t.Fatal("q did not quit")
		}
	})
	t.Run("something failed after ctrl-c", func(t *testing.T) {
		s := byHand(t)
		s.still().press("ctrl+c")
		s.happens(0, drill.TaskFailed{Task: "bring the diverged writes of orders out of us-east", Error: "timeout"},
			drill.DrillEnded{Verdict: drill.Inconclusive}, drill.PhaseEntered{Phase: drill.PhaseTearDown}, drill.PhaseEntered{Phase: drill.PhaseEnded})
		if !s.quits(s.update(eventsMsg{closed: true})) {
			t.Fatal("it waits for somebody to look")
		}
	})
	t.Run("bring-up failed", func(t *testing.T) {
		s := newStage(t, 100, 30, Options{NoColor: true})
		s.events(append(story(time.Second, storyPlan()),
			drill.Event{Seq: 900, T: time.Second, Body: drill.StageEntered{Region: "eu-west", Stage: "load image", Index: 1, Of: 4, Status: drill.StageFailed, Detail: "no space left on device"}},
			drill.Event{Seq: 901, T: time.Second, Body: drill.DrillEnded{Verdict: drill.Inconclusive, Why: "the fleet did not come up"}}))
		s.shows("inconclusive")
		s.shows("eu-west, load image: no space left on device")
	})
}

func TestStartScreen(t *testing.T) {
	t.Run("a file with an error says it", func(t *testing.T) {
		s := newStage(t, 120, 24, Options{NoColor: true})
		s.press("tab", "tab", "end", "enter")
		s.shows("did you mean eu-west?")
		if len(s.host.chosen) > 0 {
			t.Fatalf("chosen %v", s.host.chosen)
		}
	})
	t.Run("not before the machine was looked at", func(t *testing.T) {
		s := &stage{t: t, host: newFakeHost()}
		s.model = newModel(t.Context(), s.host, Options{NoColor: true, Clock: time.Now})
		s.update(tea.WindowSizeMsg{Width: 80, Height: 24})
		s.update(catalogMsg(s.host.Catalog()))
		s.shows("being looked at")
		s.press("enter")
		s.shows("still looking")
	})
	t.Run("letters are a filter's while one is typed", func(t *testing.T) {
		s := newStage(t, 80, 24, Options{NoColor: true})
		for _, cmd := range s.press("/", "q", "?") {
			if s.quits(cmd) {
				t.Fatal("q in a filter quits")
			}
		}
		s.shows("filter: q?")
		s.press("esc")
		s.hides("filter: q?")
	})
	t.Run("enter twice starts once", func(t *testing.T) {
		s := newStage(t, 80, 24, Options{NoColor: true})
		s.commands(append(s.press("enter"), s.press("enter")...))
		if len(s.host.chosen) != 1 {
			t.Fatalf("chosen %v", s.host.chosen)
		}
	})
}

// TestCtrlZIsRefusedWhileASessionLives holds that the engine is never stopped under
// a fleet that goes on.
func TestCtrlZIsRefusedWhileASessionLives(t *testing.T) {
	const why = "ctrl+z is off: users and leases run in this program"
	tests := []struct {
		name     string
		at       func(*testing.T) *stage
		suspends bool
	}{
		{"the start page", func(t *testing.T) *stage { return newStage(t, 120, 36, Options{NoColor: true}) }, true},
		{"a start under way", func(t *testing.T) *stage {
			s := newStage(t, 120, 36, Options{NoColor: true})
			s.press("enter")
			return s
		}, false},
		{"bring-up", func(t *testing.T) *stage {
			s := newStage(t, 120, 36, Options{NoColor: true})
			s.events(story(time.Second, nil))
			return s
		}, false},
		{"a drill", byHand, false},
		{"a dialog", func(t *testing.T) *stage { s := byHand(t); s.press("?"); return s }, false},
		{"tear-down", func(t *testing.T) *stage { s := byHand(t); s.press("ctrl+c"); return s }, false},
		{"a session that is over", func(t *testing.T) *stage {
			s := newStage(t, 120, 36, Options{NoColor: true})
			s.events(story(storyEnd, storyPlan()))
			s.update(eventsMsg{closed: true})
			return s
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.at(t)
			cmd := s.key(keyMsg("ctrl+z"))
			s.update(redrawMsg{})
			if !tt.suspends {
				s.shows(why)
			}
			_, suspends := msgOf(cmd).(tea.SuspendMsg)
			if suspends != tt.suspends {
				t.Fatalf("it suspends: %v, want %v", suspends, tt.suspends)
			}
		})
	}
}

func msgOf(cmd tea.Cmd) tea.Msg {
	if cmd == nil {
		return nil
	}
	return cmd()
}

// TestLeavingAResultShowsWhatIsDone holds that the stages of a tear-down which began
// before a person left are shown, and its failures told.
func TestLeavingAResultShowsWhatIsDone(t *testing.T) {
	s := newStage(t, 80, 24, Options{NoColor: true})
	s.events(story(storyEnd, storyPlan()))
	s.happens(10*time.Millisecond, drill.PhaseEntered{Phase: drill.PhaseTearDown},
		drill.StageEntered{Region: "us-east", Stage: "delete cluster", Of: 1, Status: drill.StageDone},
		drill.StageEntered{Region: "eu-west", Stage: "delete cluster", Of: 1, Status: drill.StageFailed, Detail: "it hangs"},
		drill.TaskFailed{Task: "stop the fleet", Error: "eu-west hangs"})
	s.still().press("q")
	s.shows("stops")
	for region, want := range map[string]string{"us-east": "done", "eu-west": "it hangs", "ap-south": "waits"} {
		if l := s.line(region + " "); !strings.Contains(l, want) {
			t.Errorf("of %s it says %q", region, l)
		}
	}
	s.update(eventsMsg{closed: true})
	s.shows("Something was left behind")
	s.shows("eu-west hangs")
}
