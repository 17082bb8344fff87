package tui

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
)

// inPipes is options for a screen without a terminal.
func inPipes(t *testing.T) Options {
	in, keep := io.Pipe()
	t.Cleanup(func() { _ = keep.Close() })
	return Options{Start: &Choice{On: onLocal, Fleet: "three-regions"}, Theme: ThemeDark, Input: in, Output: io.Discard, Environ: []string{"TERM=xterm"}}
}

// ending makes a session that closes its events once it is told to quit, and
// begins with a few of them.
func ending(h *fakeHost, events []drill.Event) {
	h.session.events <- events
	var once sync.Once
	h.session.onQuit = func() { once.Do(func() { close(h.session.events) }) }
}

// runs calls Run and fails when it does not return within ten seconds.
func runs(t *testing.T, ctx context.Context, h Host, o Options) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- Run(ctx, h, o) }()
	select {
	case err := <-done:
		return err
	case <-time.After(10 * time.Second):
		t.Fatal("Run did not return")
		return nil
	}
}

func TestRunEndsTheSessionWhenItsContextDoes(t *testing.T) {
	h := newFakeHost()
	ending(h, story(12*time.Second, storyPlan()))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := runs(t, ctx, h, inPipes(t)); err != nil {
		t.Fatal(err)
	}
	if q := h.session.quits; len(q) != 1 || q[0] {
		t.Fatalf("the session was told %v", q)
	}
}

// panicking breaks the screen from within.
type panicking struct{ *fakeSession }

func (panicking) JournalPath() string { panic("a defect in the screen") }

type panickingHost struct{ *fakeHost }

func (h panickingHost) Start(context.Context, Choice) (Session, error) {
	return panicking{h.session}, nil
}

func TestRunTakesTheFleetDownWhenTheScreenPanics(t *testing.T) {
	h := newFakeHost()
	ending(h, story(storyEnd, storyPlan())) // the result page asks for the journal
	o := inPipes(t)
	o.more = []tea.ProgramOption{tea.WithWindowSize(120, 36)}
	err := runs(t, context.Background(), panickingHost{h}, o)
	if !errors.Is(err, tea.ErrProgramPanic) {
		t.Fatalf("Run returned %v", err)
	}
	if q := h.session.quits; len(q) != 1 || q[0] {
		t.Fatalf("the session was told %v", q)
	}
}

func TestNoColor(t *testing.T) {
	tests := []struct {
		environ []string
		want    bool
	}{
		{nil, false}, {[]string{"NO_COLOR="}, false}, {[]string{"NO_COLOR=yes"}, true}, {[]string{"NO_COLOR=0"}, true}, {[]string{"NO_COLORS=1"}, false},
	}
	for _, tt := range tests {
		if got := noColor(tt.environ); got != tt.want {
			t.Errorf("%v: %v", tt.environ, got)
		}
	}
}

// TestBatchesAreJoined holds that a burst is one message, in order, and that the
// engine's own slices are left alone.
func TestBatchesAreJoined(t *testing.T) {
	s := newFakeSession()
	backing := []drill.Event{{Seq: 1}, {Seq: 2}, {Seq: 99}}
	s.events <- backing[:2]
	s.events <- []drill.Event{{Seq: 3}}
	close(s.events)
	msg := eventsCmd(s)().(eventsMsg)
	if !msg.closed || len(msg.events) != 3 || msg.events[2].Seq != 3 || backing[2].Seq != 99 {
		t.Fatalf("got %+v, backing %+v", msg, backing)
	}
}

// TestOneTickAtATime holds that keys do not multiply the frames.
func TestOneTickAtATime(t *testing.T) {
	s := byHand(t)
	s.ticking = false
	if s.tick() == nil || s.tick() != nil {
		t.Fatal("a tick is asked for twice")
	}
	s.update(eventsMsg{closed: true})
	s.update(tickMsg{})
	if s.tick() != nil {
		t.Fatal("it ticks although nothing moves")
	}
}

// TestFramesAreKept holds that nothing is drawn again without need.
func TestFramesAreKept(t *testing.T) {
	s := byHand(t)
	before := s.screen()
	s.live.state.Fleet.Name = "changed behind its back"
	if s.screen() != before {
		t.Fatal("it was drawn again although nothing was heard")
	}
	s.update(tickMsg{})
	if s.screen() == before {
		t.Fatal("it was not drawn again after a tick")
	}
}

// TestClockNeverGoesBack holds that an event which comes late does not turn the
// screen's clock back.
func TestClockNeverGoesBack(t *testing.T) {
	s := byHand(t)
	s.wait(900 * time.Millisecond)
	was := s.now().Now
	s.events([]drill.Event{{Seq: 9000, T: s.live.state.Now + 100*time.Millisecond, Body: drill.NoteWritten{By: "operator", Text: "late"}}})
	if now := s.now().Now; now < was {
		t.Fatalf("the clock went from %s to %s", was, now)
	}
}
