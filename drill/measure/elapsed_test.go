package measure

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// The drill's clock runs on when the steady check ends, however long that took.
func TestTheClockNeverJumpsBack(t *testing.T) {
	for _, took := range []time.Duration{ms(2900), ms(3000), ms(4200)} {
		s := drill.NewState()
		apply := func(at time.Duration, b drill.Body) { s.Apply(drill.Event{Seq: s.LastSeq + 1, T: at, Body: b}) }
		apply(0, drill.DrillStarted{Plan: &runbook.Plan{Steady: runbook.Steady{For: ms(3000)}}})
		apply(ms(8000), drill.PhaseEntered{Phase: drill.PhaseSteady})
		was := Elapsed(s, s.Now)
		for at := ms(8000); at < ms(14000); at += ms(100) {
			if at == ms(8000)+took {
				apply(at, drill.PhaseEntered{Phase: drill.PhaseRunning})
			} else {
				apply(at, drill.LinksSampled{})
			}
			if now := Elapsed(s, s.Now); now < was {
				t.Fatalf("a check of %s: the clock went from %s to %s", took, was, now)
			} else {
				was = now
			}
		}
		if want := ms(13900) - ms(8000) - took; was != want {
			t.Errorf("a check of %s: %s at the end, want %s since it ended", took, was, want)
		}
	}
}
