package tui

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// TestFewRequestsHaveNoP99 holds that the longest of a few is not called a p99.
func TestFewRequestsHaveNoP99(t *testing.T) {
	at := func(d time.Duration) *time.Duration { return &d }
	few := telemetry.Population{Population: "americas", Requests: 12, OK: 12, P50: at(14 * time.Millisecond), Max: at(230 * time.Millisecond), LatencyN: 12,
		WriteN: 4, WriteP50: at(98 * time.Millisecond), WriteMax: at(118 * time.Millisecond), AskedNow: 1}
	for _, tt := range []struct {
		w, h int
		want string
	}{{120, 36, "max 230 ms of 12"}, {200, 50, "max 230 ms "}, {114, 36, "max 230 ms "}} {
		s := byHand(t)
		s.w, s.h = tt.w, tt.h
		s.happens(0, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{few}})
		s.shows(tt.want)
		if tt.w >= 120 {
			s.shows("write latency, typical and longest")
			s.shows("americas 98/118 · ")
		}
	}
}

// TestRegionWithoutReplicaSaysSo holds that what the law keeps away is not unknown.
func TestRegionWithoutReplicaSaysSo(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 50}} {
		s := byHand(t)
		s.w, s.h = size[0], size[1]
		d := s.live.state.Dataset("orders")
		d.Spec.Mode, d.Spec.Jurisdiction, d.Spec.Regions = topology.ModePinned, "US", []string{"us-east"}
		d.Replicas = map[string]*telemetry.Replica{"us-east": d.Replicas["us-east"]}
		s.press("1")
		s.shows("not kept")
		s.hides("unknown")
		s.press("l", "7", "f")
		s.shows("orders is not kept here: residency: orders is pinned to US")
	}
}

// TestOneClock holds that the header's clock never goes back, and has no sign at zero.
func TestOneClock(t *testing.T) {
	for name, plan := range map[string]*runbook.Plan{"by a plan": storyPlan(), "by hand": nil} {
		last := -time.Hour
		for at := storyUp; at < storyBegin+time.Second; at += 50 * time.Millisecond {
			s := newStage(t, 120, 36, Options{NoColor: true})
			s.events(story(at, plan))
			s.hides("T-00:00.0")
			s.hides("T00:00")
			now := s.now().Elapsed(s.now().Now)
			if now < last {
				t.Fatalf("%s, at %s the clock went from %s to %s", name, at, last, now)
			}
			last = now
		}
	}
}

// TestPredictionStandsBesideItsOwnCommand holds that what faults before it did is not
// counted as a cordon's.
func TestPredictionStandsBesideItsOwnCommand(t *testing.T) {
	s := broken(t, 7*time.Second) // us-east was killed by command 1
	s.shows("kill us-east        predicted   measured")
	s.shows("hurt all users          ~67 %      6.5 %")
	cordon := runbook.Command{Verb: runbook.VerbCordon, Region: "ap-south", By: "operator"}
	one := *s.live.state.Population("asia").Last
	one.Impacts = []telemetry.UserImpact{{Command: 1, Asked: 200, Affected: 100}, {Command: 7, Asked: 200, Affected: 4}}
	s.happens(0, drill.CommandTaken{ID: 7, Command: cordon}, drill.ImpactPredicted{ID: 7, Impact: runbook.Impact{Share: 0}},
		drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{one}})
	s.shows("cordon ap-south     predicted     so far")
	s.shows("hurt all users           ~0 %      2.0 %")
	s.hides("RTO  model") // which was the kill's
	s.hides("with kill us-east")
	one.Impacts = []telemetry.UserImpact{{Command: 1, Asked: 200, Affected: 100, From: time.Second}, {Command: 7, Asked: 200, Affected: 4, From: 2 * time.Second, Until: 4 * time.Second, Closed: true}}
	s.happens(0, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{one}})
	s.shows("cordon ap-south     predicted   measured")
	s.shows("with kill us-east, not over then")
}

// TestPlannedMoveHasAnRTO holds that the time without writes of an evacuation is in the
// result, and that its parts add up.
func TestPlannedMoveHasAnRTO(t *testing.T) {
	s := byHand(t)
	s.happens(0, drill.SwitchoverDone{ID: 1, Dataset: "orders", From: "us-east", To: "eu-west", Epoch: 2, Fence: 12 * time.Millisecond, CatchUp: 60 * time.Millisecond, Promote: 4 * time.Millisecond, Blocked: 313 * time.Millisecond},
		drill.DrillEnded{Verdict: drill.Passed})
	s.shows("orders    async                313 ms")
	s.shows("no writes for 313 ms")
	s.shows("reroute")
	s.shows("237 ms")
}

// TestTheRecoveryIsOfItsFault holds that users whom a newer fault hurts are not told to be
// served as before, because they recovered from the one before.
func TestTheRecoveryIsOfItsFault(t *testing.T) {
	s := broken(t, 12*time.Second) // us-east was killed, and all users recovered from that
	s.shows("served as before")
	now := s.live.state.Now
	hurt := *s.live.state.Population("asia").Last
	hurt.AskedNow, hurt.AffectedNow = 100, 40
	s.happens(0, drill.FaultProved{ID: 9, Fault: drill.FaultFreeze, Region: "ap-south", From: now - time.Second, Done: "frozen"},
		drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{hurt}})
	s.hides("served as before")
	s.shows("by ap-south frozen")
	hurt.AffectedNow = 0
	s.happens(0, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{hurt}})
	s.shows("(us-east killed)")
}
