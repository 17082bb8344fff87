package tui

import (
	"context"
	"errors"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/dialog"
)

// TestFailedStartLeadsBack holds that nothing is lost but the start, also where
// flags had chosen and this machine was not looked at yet.
func TestFailedStartLeadsBack(t *testing.T) {
	s := &stage{t: t, host: newFakeHost(), at: time.Now()}
	s.host.err = errors.New("docker is not installed")
	s.model = newModel(context.Background(), s.host, Options{NoColor: true, Clock: func() time.Time { return s.at }, Start: &Choice{Fleet: "three-regions"}})
	s.update(tea.WindowSizeMsg{Width: 80, Height: 24})
	s.still().run(s.Init())
	s.shows("The drill could not be started")
	s.shows("see “fleetdrill doctor”; esc goes back to the start screen")
	s.ticking = true
	s.run(s.press("esc")...)
	s.shows("~1.9 GiB") // what was found out on the way back
	s.shows("⏎ start")
	s.host.err = nil
	s.run(s.press("enter")...)
	if len(s.host.chosen) != 2 || s.live == nil {
		t.Fatalf("chosen %v", s.host.chosen)
	}
}

// TestQuittingGivesAStartUp holds that a start which still waits for the container
// engine is ended, and that nothing is begun in its place, however one quits.
func TestQuittingGivesAStartUp(t *testing.T) {
	for _, key := range []string{"ctrl+c", "q"} {
		s := newStage(t, 80, 24, Options{NoColor: true})
		s.host.waits = true
		begin := s.press("enter")[0]
		began := make(chan tea.Msg)
		go func() { began <- begin().(tea.BatchMsg)[0]() }()
		if s.quits(s.press(key)...) {
			t.Fatalf("%s quits while a fleet may be about to be", key)
		}
		select {
		case msg := <-began:
			if !s.quits(s.update(msg)) || s.live != nil {
				t.Fatal("it did not quit")
			}
		case <-time.After(5 * time.Second):
			t.Fatal("the start went on")
		}
	}
}

// TestFoundFleetIsLeft holds that a fleet which was there before a drill is there
// after it, unless a person says otherwise.
func TestFoundFleetIsLeft(t *testing.T) {
	const left = "the fleet is left as it was found; quit, then “fleetdrill down” removes it"
	found := func(t *testing.T, until time.Duration) *stage {
		s := newStage(t, 80, 24, Options{NoColor: true})
		s.shows("three-regions runs already: it is joined, and left running afterwards")
		s.host.session.found = true
		s.events(story(until, storyPlan()))
		return s.still()
	}
	is := func(t *testing.T, s *stage, keep bool) {
		t.Helper()
		if q := s.host.session.quits; len(q) != 1 || q[0] != keep {
			t.Fatalf("the session was told %v, want %v", q, keep)
		}
	}
	t.Run("at the end", func(t *testing.T) {
		s := found(t, storyEnd)
		s.shows(left)
		s.quits(s.press("q")...)
		is(t, s, true)
	})
	t.Run("by ctrl-c", func(t *testing.T) {
		s := found(t, 12*time.Second)
		s.quits(s.press("ctrl+c")...)
		is(t, s, true)
		s.shows("leaves running")
	})
	t.Run("during bring-up", func(t *testing.T) {
		s := found(t, time.Second)
		s.press("q")
		s.wait(dialog.InFlight)
		s.shows("Keep it running")
	})
	t.Run("but for who says so", func(t *testing.T) {
		s := found(t, 12*time.Second)
		s.press("q")
		s.wait(dialog.InFlight)
		s.quits(s.still().press("end", "enter")...)
		is(t, s, false)
	})
	t.Run("a fleet of the drill's own is not", func(t *testing.T) {
		s := newStage(t, 80, 24, Options{NoColor: true})
		s.press("tab", "down")
		s.hides("left running afterwards") // on local nothing can be joined
		s.events(story(storyEnd, storyPlan()))
		s.hides(left)
		s.quits(s.still().press("q")...)
		is(t, s, false)
	})
}

// TestStartShowsWhatFlagsChose holds that while a start waits, the page shows what is
// started and not what it would have offered.
func TestStartShowsWhatFlagsChose(t *testing.T) {
	for _, tt := range []struct {
		choice Choice
		shows  []string
	}{
		{Choice{Fleet: "two-regions"}, []string{"▸ two-regions", "▸ free drill", "starting two-regions"}},
		{Choice{Drill: "evacuate-a-region"}, []string{"▸ three-regions", "▸ evacuate-a-region", "starting evacuate-a-region"}},
		{Choice{Drill: "../mine.yaml"}, []string{"starting ../mine.yaml"}},
	} {
		s := &stage{t: t, host: newFakeHost()}
		s.model = newModel(context.Background(), s.host, Options{NoColor: true, Clock: time.Now, Start: &tt.choice})
		s.update(tea.WindowSizeMsg{Width: 80, Height: 24})
		s.Init()
		s.looked()
		for _, want := range tt.shows {
			s.shows(want)
		}
	}
}

// asked counts what is asked of a host that may have to read files for it.
type asked struct {
	*fakeHost
	times int
}

func (h *asked) Catalog() Catalog { h.times++; return h.fakeHost.Catalog() }

func (h *asked) Journals() ([]JournalChoice, int) { h.times++; return h.fakeHost.Journals() }

func (h *asked) Fits(drill, fleet string) error { h.times++; return h.fakeHost.Fits(drill, fleet) }

func (h *asked) Machine(ctx context.Context) Machine { h.times++; return h.fakeHost.Machine(ctx) }

// TestTheStartPageReadsNothingItself holds that no file is read within a message: commands do, and
// the page fills in.
func TestTheStartPageReadsNothingItself(t *testing.T) {
	host := &asked{fakeHost: newFakeHost()}
	s := &stage{t: t, host: host.fakeHost, at: time.Now()}
	s.model = newModel(context.Background(), host, Options{NoColor: true, Clock: func() time.Time { return s.at }})
	s.update(tea.WindowSizeMsg{Width: 120, Height: 36})
	look := s.still().Init()
	s.shows("being read")
	if host.times > 0 {
		t.Fatalf("%d times before the first frame", host.times)
	}
	s.run(look)
	s.shows("▸ lose-the-authority")
	was := host.times
	cmds := s.press("tab", "tab", "down")
	if host.times != was {
		t.Fatal("a key has files read")
	}
	s.run(cmds...)
	if host.times != was+1 {
		t.Fatalf("whether the drill can run on the fleet was asked %d times", host.times-was)
	}
	s.shows("lose-the-authority runs on it.")
}
