package tui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
)

// live is the session with what the screen knows of it.
type live struct {
	session   Session
	state     *drill.State
	lastBatch time.Time     // local time of the last batch
	now       time.Duration // the engine's clock as shown; it never goes back
	closed    bool
	leaving   bool
	asked     bool  // the session was told to end
	stay      bool  // its result is to be seen then
	next      *next // what is to come then; nil is the end of the program
	stopped   bool  // by ctrl-c or a signal: nobody waits for a page
	page      page.Leaving
	// troubles is how many failures there were when leaving or tear-down began.
	troubles int
}

// running reports whether there is a session that has not ended.
func (l *live) running() bool { return l != nil && !l.closed }

// apply takes a batch of events in at a local time.
func (l *live) apply(events []drill.Event, local time.Time) {
	for _, e := range events {
		l.state.Apply(e)
		if b, is := e.Body.(drill.PhaseEntered); is && b.Phase == drill.PhaseTearDown && !l.leaving {
			l.tearDown(e.T)
		}
	}
	if len(events) > 0 {
		l.lastBatch = local
	}
	l.advance(local)
}

// tearDown is called when the fleet begins to be taken down, or is to be: of a drill
// that is over that is before a person leaves, and its stages have begun by then.
func (l *live) tearDown(at time.Duration) {
	l.page.Since, l.troubles = at, len(l.state.Failures)
}

// leave begins to end the session.
func (l *live) leave(keep bool) tea.Cmd {
	if l.state.Phase != drill.PhaseTearDown {
		l.tearDown(l.state.Now)
	}
	l.leaving = true
	if l.asked { // what was said of the fleet stands
		return nil
	}
	l.asked, l.page.Keep = true, keep
	session := l.session
	return func() tea.Msg { session.Quit(keep); return nil }
}

// noKeep says why the fleet can't be left running; "" where it can.
func (l *live) noKeep() string {
	switch {
	case pageOf(l.state) == keys.PageBringUp && !l.session.Found():
		return "A fleet that is only half up can't be kept."
	case !l.session.CanKeep():
		return "Its processes end with this program, so it can't be kept."
	}
	return ""
}

// end is called once the session is over and nothing of it is left to do. It
// returns what went wrong; nil where nothing did. What failed while a person left, and left
// nothing behind, is told on the result's page.
func (l *live) end() *page.Fatal {
	l.closed = true
	s := l.state
	failed := s.Failures[l.troubles:]
	switch {
	case l.leaving && s.Phase == drill.PhaseTearDown: // and did not end
		return &page.Fatal{Title: "Something was left behind", Text: failuresText(failed) + failedStages(s), Next: "“fleetdrill down” takes away what is ours.", Journal: l.session.JournalPath()}
	case l.leaving && !l.stopped && s.Verdict != "" && (len(failed) > 0 || l.stay && l.next == nil):
		l.leaving = false
	case !l.leaving && s.Verdict == "":
		return &page.Fatal{Title: "The drill ended before it was judged", Text: failuresText(s.Failures) + failedStages(s), Journal: l.session.JournalPath()}
	}
	return nil
}

// advance moves the clock on by the local one since the last event.
func (l *live) advance(local time.Time) {
	now := l.state.Now
	if !l.closed && !l.lastBatch.IsZero() {
		now += max(local.Sub(l.lastBatch), 0)
	}
	l.now = max(l.now, now)
}

// failedAt is the engine's clock when a task failed last; 0 where none did.
func failedAt(s *drill.State) time.Duration {
	if len(s.Failures) == 0 {
		return 0
	}
	for _, e := range slices.Backward(s.Timeline) {
		if _, is := e.Body.(drill.TaskFailed); is {
			return e.T
		}
	}
	return 0
}

// timed reports whether a stage or a command is being timed.
func timed(s *drill.State) bool {
	for _, c := range s.Commands {
		if c.Ended == nil {
			return true
		}
	}
	for _, f := range s.Failovers {
		if stage, _ := f.Current(); stage != "" {
			return true
		}
	}
	return false
}
