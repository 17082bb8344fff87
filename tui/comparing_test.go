package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/keys"
)

// compares begins a comparison of two fleets, with the first run started.
func (s *stage) compares(command bool) {
	s.ticking = true
	what, _ := s.host.Comparison("mine")
	s.host.session = newFakeSession()
	s.starts(beginComparison(s.model, what, onLocal, command))
}

// starts does what begins a run, and no more: what waits for events is not waited for.
func (s *stage) starts(begin tea.Cmd) { s.update(begin()) }

// ran has the run that is on come to what the story comes to, or fail to come about.
func (s *stage) ran(events []drill.Event, closed bool) {
	c := s.comparing
	cmd := s.update(comparedMsg{of: c, events: events, closed: closed})
	if closed && c.running() {
		s.host.session = newFakeSession()
		s.starts(cmd)
	}
}

// A comparison runs its drill on each fleet by itself, shows what is on, and at the end what differs.
func TestAComparisonRunsEachFleet(t *testing.T) {
	s := newStage(t, 120, 50, Options{NoColor: true})
	s.compares(true)
	if c := s.host.chosen; len(c) != 1 || c[0] != (Choice{On: onLocal, Fleet: "two-regions", Drill: "lose-the-authority"}) {
		t.Fatalf("started %+v", c)
	}
	all := story(storyEnd, storyPlan())
	s.ran(story(storyKill+time.Second, storyPlan()), false)
	if s.page() != keys.PageCompared {
		t.Fatalf("on %s", s.page())
	}
	for _, want := range []string{"mine", "lose-the-authority on local", "fleet 1 of 2", "kill us-east", "failing now", "three-regions  waits", "not judged"} {
		s.shows(want)
	}
	s.press("K") // a comparison is nobody's to change
	s.shows("a comparison runs its drill by itself")
	s.ran(all[len(story(storyKill+time.Second, storyPlan())):], true)
	if c := s.host.chosen; len(c) != 2 || c[1].Fleet != "three-regions" {
		t.Fatalf("started %+v", c)
	}
	s.shows("fleet 2 of 2")
	s.ran(all, true)
	if s.comparing.running() || !s.comparing.page.Over() {
		t.Error("it runs still")
	}
	s.shows("Nothing that was measured differs")
	if cmds := s.press("q"); !s.quits(cmds...) {
		t.Error("q does not leave what is over")
	}
}

// A run that does not come about says why in its place, and the others go on.
func TestARunThatDoesNotComeAbout(t *testing.T) {
	s := newStage(t, 120, 50, Options{NoColor: true})
	s.ticking = true
	what, _ := s.host.Comparison("mine")
	s.host.err = errors.New("no agent is there")
	begin := beginComparison(s.model, what, onLocal, false)
	msg := begin()
	s.host.err = nil
	s.starts(s.update(msg))
	s.shows("no agent is there")
	s.ran(story(storyEnd, storyPlan()), true)
	s.hides("In short")
	s.press("esc") // from the start page, and back to it
	if s.page() != keys.PageStart || s.comparing != nil {
		t.Errorf("on %s", s.page())
	}
}

// Leaving a comparison takes the same key twice, ends what runs and says so of what did not.
func TestAComparisonIsLeft(t *testing.T) {
	s := newStage(t, 120, 50, Options{NoColor: true})
	s.compares(true)
	s.ran(story(storyKill, storyPlan()), false)
	session := s.host.session
	if cmds := s.press("q"); s.quits(cmds...) || len(session.quits) > 0 {
		t.Fatal("one q ended it")
	}
	s.shows("the same key again ends it")
	for _, cmd := range s.press("q") {
		if cmd != nil {
			s.update(cmd())
		}
	}
	if len(session.quits) != 1 || session.quits[0] {
		t.Fatalf("quits %v", session.quits)
	}
	s.shows("the fleet is being taken down")
	cmd := s.update(comparedMsg{of: s.comparing, closed: true})
	if !s.quits(cmd) {
		t.Error("it is not left once nothing runs")
	}
	if text := s.text(); !strings.Contains(text, "it was ended before it was judged") || !strings.Contains(text, "it was not run") {
		t.Errorf("it does not say what became of the runs:\n%s", text)
	}
}

// What is chosen on the start page begins once its files are read; what is wrong with them is said there.
func TestAComparisonBeginsFromTheStartPage(t *testing.T) {
	s := newStage(t, 120, 50, Options{NoColor: true})
	s.ticking = true
	s.host.err = errors.New("mine.yaml:3: wrong")
	s.update(comparisonCmd(s.host, Choice{On: onLocal, Drill: "mine", Compare: true})())
	s.shows("mine.yaml:3: wrong")
	s.host.err = nil
	s.starts(s.update(comparisonCmd(s.host, Choice{On: onLocal, Drill: "mine", Compare: true})()))
	s.ran(story(storyBegin, storyPlan()), false)
	s.shows("fleet 1 of 2")
}

// The run in focus is replayed once it is over, and leaving the replay is back at the comparison.
func TestARunOfAComparisonIsReplayed(t *testing.T) {
	s := newStage(t, 120, 50, Options{NoColor: true})
	s.compares(true)
	s.host.recorded = story(storyEnd, storyPlan())
	s.ran(story(storyKill, storyPlan()), false)
	s.press("enter")
	s.shows("the run on two-regions is not over")
	s.ran(s.host.recorded[len(story(storyKill, storyPlan())):], true)
	s.shows("replay two-regions")
	s.press("tab", "enter")
	s.shows("the run on three-regions is not over")
	s.press("tab")
	s.runs(s.press("enter")...)
	if !s.past.replays() || s.page() == keys.PageCompared {
		t.Fatalf("on %s", s.page())
	}
	s.press("q")
	if s.page() != keys.PageCompared || s.comparing == nil {
		t.Errorf("after the replay on %s", s.page())
	}
}
