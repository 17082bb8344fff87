package tui

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// before tells the story of a machine on which things took so long before.
func before(s *stage, until time.Duration, took map[string]time.Duration) {
	events := story(until, storyPlan())
	begun := events[0].Body.(drill.DrillStarted)
	begun.Took = took
	events[0].Body = begun
	s.events(events)
}

// TestWaitsHaveEstimates holds that each wait says about how long it takes, and what that is made
// from; and that a wait of which nothing is known says only how long it lasts.
func TestWaitsHaveEstimates(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 36}} {
		t.Run("bring-up", func(t *testing.T) {
			s := newStage(t, size[0], size[1], Options{NoColor: true})
			before(s, 1900*time.Millisecond, map[string]time.Duration{"bring-up": 20 * time.Second, "start: apply workload": 9 * time.Second})
			s.shows("0 of 3 regions ready, ~19 s left, as last time on this machine")
			s.shows("0 s of ~9 s")
			s.wait(30 * time.Second)
			s.shows("longer than the ~20.0 s of last time")
		})
		t.Run("warm-up", func(t *testing.T) {
			s := newStage(t, size[0], size[1], Options{NoColor: true})
			before(s, storyUp+time.Second, map[string]time.Duration{storyPlan().Name + ": warm-up": 25 * time.Second})
			s.shows("~24 s left")
		})
		t.Run("restore", func(t *testing.T) {
			s := newStage(t, size[0], size[1], Options{NoColor: true})
			before(s, storyBegin+12*time.Second, map[string]time.Duration{"restore": 9 * time.Second})
			s.press("esc")
			took := drill.CommandTaken{ID: 90, Command: runbook.Command{Verb: runbook.VerbRestore, Region: "us-east"}}
			s.happens(0, took)
			s.wait(3 * time.Second)
			s.shows("━━━─────── 3 s of ~9 s")
			s.happens(6*time.Second, drill.CommandDone{ID: 90, Command: took.Command})
			took.ID = 91
			s.happens(0, took)
			s.wait(2 * time.Second)
			s.hides("of ~9 s") // in this drill it took six
			s.shows("2 s of ~6 s")
		})
		t.Run("of which nothing is known", func(t *testing.T) {
			s := newStage(t, size[0], size[1], Options{NoColor: true})
			before(s, storyBegin+12*time.Second, nil)
			s.press("esc")
			s.happens(0, drill.CommandTaken{ID: 90, Command: runbook.Command{Verb: runbook.VerbCordon, Region: "us-east"}})
			s.wait(3 * time.Second)
			s.shows("cordon us-east 3.0 s")
		})
	}
}
