package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
)

// told is the sentences of the story's one kill.
const told = "us-east was killed at 09:27:01"

// TestWhatJustHappenedStaysUntilItIsRead holds that the card comes once all is known, hides neither the
// header nor the keys, takes no key but the one that closes it, and stands in the timeline afterwards.
func TestWhatJustHappenedStaysUntilItIsRead(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 36}, {200, 50}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			s := newStage(t, size[0], size[1], Options{NoColor: true})
			s.events(story(storyKill+3400*time.Millisecond, storyPlan()))
			s.hides("What just happened")
			s.events(after(story(storyKill+6*time.Second, storyPlan()), s.live.state.LastSeq))
			s.shows("What just happened")
			whole := s.card()
			for _, want := range []string{told, "eu-west leads, first write after 2.2 s", "8 of 12,418 confirmed writes lost, from the last 36 ms."} {
				if !strings.Contains(whole, want) {
					t.Errorf("it does not say %q:\n%s", want, s.text())
				}
			}
			s.shows("USERS FAILING NOW")
			s.shows("q quit")
			s.press("l", "K") // a question comes over it
			s.wait(dialog.InFlight)
			s.shows("Kill eu-west?")
			s.press("esc")
			s.shows("What just happened") // esc was the question's
			s.press("esc")
			s.hides("What just happened")
			s.press("5", "f")
			if !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(s.text(), "│", " ")), " "), "8 of 12,418 confirmed writes lost") {
				t.Errorf("the timeline does not have it:\n%s", s.text())
			}
		})
	}
}

// TestTheCardCoversNothing holds that panes make room for the card: each that is drawn is whole above it, and the
// timeline is seen to its newest line.
func TestTheCardCoversNothing(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {100, 30}, {112, 30}, {120, 36}, {168, 44}, {200, 50}} {
		s := newStage(t, size[0], size[1], Options{NoColor: true})
		s.events(story(storyKill+6*time.Second, storyPlan()))
		s.press("5")
		panes, card, shown := strings.Cut(s.text(), "┏━ What just happened")
		if !shown || strings.HasSuffix(panes, " ") {
			t.Fatalf("at %v the card is not a row of its own:\n%s", size, s.text())
		}
		if rows := strings.Split(strings.TrimSuffix(panes, "\n"), "\n"); !strings.HasPrefix(rows[len(rows)-1], "╰") || !strings.HasSuffix(rows[len(rows)-1], "╯") {
			t.Errorf("at %v a pane has no lower edge:\n%s", size, s.text())
		}
		if !strings.Contains(panes, "= "+told[:20]) {
			t.Errorf("at %v the newest line of the timeline is not seen:\n%s", size, s.text())
		}
		for line := range strings.Lines(card) {
			if strings.Contains(line, "│ ") && !strings.Contains(line, "quit") || strings.Contains(line, "╯") {
				t.Errorf("at %v the card stands in %q", size, line)
			}
		}
	}
}

// card is the text of the card that says what just happened, in one line.
func (s *stage) card() string {
	var text []string
	left, right := -1, 0
	for l := range strings.Lines(s.text()) {
		cells := []rune(strings.TrimRight(l, "\n"))
		if at := strings.Index(l, "┏━ What just happened"); at >= 0 {
			left = len([]rune(l[:at]))
			for i, r := range cells[left:] {
				if r == '┓' {
					right = left + i
					break
				}
			}
			continue
		}
		if left >= 0 && right < len(cells) && cells[left] == '┃' {
			text = append(text, strings.Fields(string(cells[left+1:right]))...)
		}
	}
	return strings.Join(text, " ")
}

// after is the events past a number.
func after(events []drill.Event, seq uint64) (rest []drill.Event) {
	for _, e := range events {
		if e.Seq > seq {
			rest = append(rest, e)
		}
	}
	return rest
}

// over is the result of the story's drill, begun from the start page, of a session that is closed or not.
func over(t *testing.T, closed bool) *stage {
	s := newStage(t, 120, 36, Options{NoColor: true}).still()
	s.run(s.begin(Choice{On: onKind, Fleet: "three-regions", Drill: "lose-the-authority"}))
	s.events(story(storyEnd, storyPlan()))
	if closed {
		s.update(eventsMsg{closed: true})
	}
	s.host.session = newFakeSession() // of the next start
	return s
}

func TestAResultGoesOn(t *testing.T) {
	tests := []struct {
		name, key string
		want      Choice
	}{
		{"again", "a", Choice{On: onKind, Fleet: "three-regions", Drill: "lose-the-authority"}},
		{"the next drill", "N", Choice{On: onKind, Fleet: "three-regions", Drill: "freeze-the-authority"}},
	}
	for _, tt := range tests {
		for _, closed := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, session over %v", tt.name, closed), func(t *testing.T) {
				s := over(t, closed)
				was := s.live.session.(*fakeSession)
				s.shows(tt.key + " ")
				cmds := s.press(tt.key)
				if !closed {
					s.run(cmds...)
					if len(was.quits) != 1 || was.quits[0] || len(s.host.chosen) != 1 {
						t.Fatalf("the session was told %v, begun is %v", was.quits, s.host.chosen)
					}
					cmds = []tea.Cmd{s.update(eventsMsg{closed: true})}
				}
				s.ticking = true
				s.run(cmds...)
				if n := len(s.host.chosen); n != 2 || s.host.chosen[1] != tt.want {
					t.Fatalf("begun %v, want %v", s.host.chosen, tt.want)
				}
				if s.live == nil || s.live.session != s.host.session || s.live.state.Verdict != "" {
					t.Fatal("what is shown is not the new session")
				}
				s.events(story(storyBegin+time.Second, storyPlan()))
				s.shows("step 1 of 3")
			})
		}
	}
	t.Run("back to the start", func(t *testing.T) {
		s := over(t, true)
		s.ticking = true
		s.run(s.press("b")...)
		s.shows("⏎ start")
		if s.live != nil || len(s.host.chosen) != 1 {
			t.Fatalf("begun %v", s.host.chosen)
		}
	})
	t.Run("after a tear-down that failed it stays, and says so", func(t *testing.T) {
		s := over(t, false)
		s.run(s.press("a")...)
		s.happens(0, drill.PhaseEntered{Phase: drill.PhaseTearDown}, drill.TaskFailed{Task: "stop the fleet", Error: "docker does not answer"})
		s.run(s.update(eventsMsg{closed: true}))
		s.shows("left behind")
		if len(s.host.chosen) != 1 {
			t.Fatalf("begun %v over what was left behind", s.host.chosen)
		}
	})
	t.Run("ctrl-c while it goes on quits", func(t *testing.T) {
		s := over(t, false)
		s.run(s.press("a")...)
		if !s.quits(s.press("ctrl+c")...) {
			t.Fatal("it did not quit")
		}
	})
	t.Run("what was said of the fleet stands", func(t *testing.T) {
		s := byHand(t)
		s.press("E")
		s.wait(dialog.InFlight)
		s.run(s.press("tab", "enter")...) // keep it running
		s.happens(0, drill.DrillEnded{Verdict: drill.Inconclusive, Why: format.NoGoals})
		s.run(s.press("q", "a")...)
		if q := s.host.session.quits; len(q) != 1 || !q[0] {
			t.Fatalf("the session was told %v", q)
		}
	})
	t.Run("the last drill has no next", func(t *testing.T) {
		s := over(t, true)
		s.choice.Drill = "evacuate-a-region"
		s.press("N")
		s.shows("that was the last drill of the list")
	})
}

// TestADrillByHandHasAResult holds that it can be ended so that its result is seen, and what that says.
func TestADrillByHandHasAResult(t *testing.T) {
	s := byHand(t)
	s.still().press("a")
	s.shows("the drill runs still; E ends it")
	s.press("E")
	s.wait(dialog.InFlight)
	s.shows("End the drill: what about the fleet?")
	s.run(s.press("tab", "tab", "enter")...)
	s.happens(0, checked(drill.CheckedAtEnd, 0), drill.DrillEnded{Verdict: drill.Inconclusive, Why: format.NoGoals},
		drill.PhaseEntered{Phase: drill.PhaseTearDown}, drill.PhaseEntered{Phase: drill.PhaseEnded})
	if s.quits(s.update(eventsMsg{closed: true})) {
		t.Fatal("it left before its result was seen")
	}
	s.shows("free drill")
	s.shows(format.NoGoals)
	s.hides("inconclusive")
	if !s.quits(s.press("q")...) {
		t.Fatal("q did not quit")
	}
}

func TestAResultIsComparedSavedAndCopied(t *testing.T) {
	t.Run("with the last run", func(t *testing.T) {
		s := over(t, true)
		s.host.earlier = story(storyEnd, storyPlan())
		s.run(s.press("=")...)
		s.wait(dialog.InFlight)
		for _, want := range []string{"last run", "this run", "RTO", "2.2 s", "writes lost", "users affected"} {
			s.shows(want)
		}
		s.press("esc")
		s.hides("last run")
	})
	t.Run("where there is none", func(t *testing.T) {
		s := over(t, true)
		s.run(s.press("=")...)
		s.shows("no earlier run of it is there")
	})
	t.Run("saved", func(t *testing.T) {
		s := over(t, true)
		s.run(s.press("S")...)
		s.shows("report written to report/report.json")
		if len(s.host.saved) != 1 || s.host.saved[0] != s.result.Journal {
			t.Fatalf("saved %v", s.host.saved)
		}
	})
	t.Run("not saved", func(t *testing.T) {
		s := over(t, true)
		s.host.err = drillErr("no space left on device")
		s.run(s.press("S")...)
		s.shows("the report was not written: no space left on device")
	})
	t.Run("copied", func(t *testing.T) {
		s := over(t, true)
		cmds := s.press("y")
		s.shows("copied, if this terminal lets programs copy")
		if msg := fmt.Sprint(msgOf(cmds[0])); !strings.Contains(msg, s.result.Journal) {
			t.Fatalf("the clipboard gets %q", msg)
		}
	})
}

// TestAResultSaysWhatItsKeysAre holds that each is found in the footer or in help.
func TestAResultSaysWhatItsKeysAre(t *testing.T) {
	s := over(t, true)
	for _, want := range []string{"a again", "N next drill", "b start", "= compare", "S save", "y copy path", "v replay", "q quit", "? help"} {
		s.shows(want)
	}
	s.press("?")
	for _, b := range s.keys {
		if b.Group == keys.GroupResult && !b.Elsewhere(s.now()) && !strings.Contains(s.text(), b.Help) {
			t.Errorf("help does not have %q:\n%s", b.Help, s.text())
		}
	}
}

// TestTheHypothesisIsHeldAgainstWhatWasMeasured holds that each clause has the numbers that are about it.
func TestTheHypothesisIsHeldAgainstWhatWasMeasured(t *testing.T) {
	s := newStage(t, 120, 60, Options{NoColor: true})
	s.events(story(storyEnd, storyPlan()))
	lines := strings.Split(s.text(), "\n")
	beside := func(clause string) string {
		for i, l := range lines[:len(lines)-1] {
			if strings.Contains(l, clause) {
				return l + lines[i+1] // where it has no room, below
			}
		}
		t.Fatalf("no clause %q:\n%s", clause, s.text())
		return ""
	}
	for clause, want := range map[string]string{
		"Other regions' users notice nothing;":  "· users affected 6.5 %, goal at most 60 %",
		"at most one second of orders is lost;": "· RPO 36 ms, goal at most 1.0 s",
		"service is back in ten.":               "· RTO 2.2 s, goal at most 10.0 s",
	} {
		if got := beside(clause); !strings.Contains(got, want) {
			t.Errorf("beside %q: %q, want %q", clause, got, want)
		}
	}
	s.shows("steady after")
	s.shows("kill us-east")
}

// TestNoFactOfAHypothesisIsCut holds that a goal is told to its end, at each width.
func TestNoFactOfAHypothesisIsCut(t *testing.T) {
	for w := 60; w <= 130; w++ {
		s := newStage(t, w, 60, Options{NoColor: true})
		s.events(story(storyEnd, storyPlan()))
		for _, want := range []string{"users affected 6.5 %, goal at most 60 %", "RPO 36 ms, goal at most 1.0 s", "writes lost 8", "RTO 2.2 s, goal at most 10.0 s"} {
			if l := s.line(want); l == "" || strings.HasSuffix(strings.TrimSpace(l), "…") {
				t.Fatalf("%d columns: %q is told as %q", w, want, l)
			}
		}
	}
}
