package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// TestChartsReachBackToTheStart holds that the first fault of a drill is on the charts however long that
// runs on.
func TestChartsReachBackToTheStart(t *testing.T) {
	for _, long := range []time.Duration{time.Minute, 20 * time.Minute, 2 * time.Hour} {
		s := byHand(t)
		began := s.live.state.Now
		s.happens(0, drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "ap-south", From: began, Proof: "exited"})
		sample := func(failed int) drill.TrafficSampled {
			p50, p99 := 20*time.Millisecond, 90*time.Millisecond
			return drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "americas", Requests: 40, OK: 40 - failed, Failed: failed, P50: &p50, P99: &p99}}}
		}
		var events []drill.Event
		for at := time.Second; at <= long; at += 10 * time.Second {
			failed := 0
			if at < 5*time.Second {
				failed = 30
			}
			events = append(events, drill.Event{Seq: 10_000 + uint64(at/time.Second), T: began + at, Body: sample(failed)})
		}
		s.events(events)
		s.press("2", "f")
		s.shows("✕ ap-south killed")
		if chart, _, _ := strings.Cut(s.text(), "✕ ap-south"); strings.Count(chart, "▒") < 2 { // one is the legend's
			t.Errorf("after %s the failures are gone:\n%s", long, s.text())
		}
		s.press("9")
		s.shows("americas 100 ms")
		if !strings.Contains(s.text(), "╎") || !strings.ContainsFunc(s.text(), func(r rune) bool { return r > 0x2800 && r <= 0x28ff }) {
			t.Errorf("after %s there is no line, or no mark on it:\n%s", long, s.text())
		}
	}
}

// TestARecoveryIsWholeAtEverySize holds that each stage, the first write and the users can be seen by
// scrolling, and what each stage means where the pane has the keys.
func TestARecoveryIsWholeAtEverySize(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {100, 30}, {120, 36}, {200, 50}} {
		s := broken(t, 10*time.Second)
		s.w, s.h = size[0], size[1]
		s.press("4")
		seen := s.text()
		for range 12 {
			s.press("pgdown")
			seen += s.text()
		}
		for _, want := range []string{"detect  ", "decide  ", "fence  ", "promote  ", "reroute  ", "first write  ✓ 2.2 s", "all users", "hurt all users", "becomes the leader"} {
			if !strings.Contains(seen, want) {
				t.Errorf("at %v there is no %q:\n%s", size, want, s.text())
			}
		}
		s.press("esc")
		s.shows("detect  ")
	}
}

// TestAnUnexpectedStageIsUnknown holds that a wait whose end nobody knows has no bar.
func TestAnUnexpectedStageIsUnknown(t *testing.T) {
	s := byHand(t)
	s.press("7", "f")
	s.happens(0, drill.StageEntered{Region: "us-east", Stage: "start node", Status: drill.StageRunning, Expected: 20 * time.Second})
	s.wait(5 * time.Second)
	s.shows("start node ━━━─────────  25 % 5 s of ~20 s, a model: not measured on this machine yet")
	s.happens(5*time.Second, drill.StageEntered{Region: "us-east", Stage: "start node", Status: drill.StageDone}, drill.StageEntered{Region: "us-east", Stage: "wait for web", Status: drill.StageRunning})
	s.wait(3 * time.Second)
	s.hides("start node")
	s.shows("wait for web 3 s, how long it takes is unknown")
}
