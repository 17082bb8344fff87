package tui

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// TestFewRequestsHaveNoP99 holds that the longest of a few is not called a p99.
func TestFewRequestsHaveNoP99(t *testing.T) {
	at := func(d time.Duration) *time.Duration { return &d }
	few := drill.PopulationSample{Population: "americas", Requests: 12, OK: 12, P50: at(14 * time.Millisecond), Max: at(230 * time.Millisecond), LatencyN: 12,
		WriteN: 4, WriteP50: at(98 * time.Millisecond), WriteMax: at(118 * time.Millisecond), AskedNow: 1}
	for _, tt := range []struct {
		w, h int
		want string
	}{{120, 36, "max 230 ms of 12"}, {200, 50, "max 230 ms of 12"}, {114, 36, "max 230 ms "}} {
		s := byHand(t)
		s.w, s.h = tt.w, tt.h
		s.happens(0, drill.TrafficSampled{Window: time.Second, Populations: []drill.PopulationSample{few}})
		s.shows(tt.want)
		s.shows("americas 98/max 118")
	}
}

// TestRegionWithoutReplicaSaysSo holds that what the law keeps away is not unknown.
func TestRegionWithoutReplicaSaysSo(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 50}} {
		s := byHand(t)
		s.w, s.h = size[0], size[1]
		d := s.live.state.Dataset("orders")
		d.Spec.Mode, d.Spec.Jurisdiction, d.Spec.Regions = drill.ModePinned, "US", []string{"us-east"}
		d.Replicas = map[string]*drill.StoreSample{"us-east": d.Replicas["us-east"]}
		s.press("1")
		s.shows("not kept")
		s.hides("unknown")
		s.press("l", "7", "f")
		s.shows("orders is not kept here: residency: orders is pinned to US")
	}
}

// TestOneClock holds that the header's clock never goes back, and has no sign at zero.
func TestOneClock(t *testing.T) {
	last := -time.Hour
	for at := storyUp; at < storyBegin+time.Second; at += 50 * time.Millisecond {
		s := newStage(t, 120, 36, Options{NoColor: true})
		s.tell(story(at, storyPlan()))
		s.hides("T-00:00.0")
		s.hides("T00:00")
		now := s.now().Elapsed(s.now().Now)
		if now < last {
			t.Fatalf("at %s the clock went from %s to %s", at, last, now)
		}
		last = now
	}
}
