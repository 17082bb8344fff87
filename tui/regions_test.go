package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// manyRegions is a drill by hand of a fleet that is a table.
func manyRegions(t testing.TB, n, w, h int) *stage {
	f := storyFleet
	f.Regions, f.Users = nil, nil
	bodies := []drill.Body{nil, drill.PhaseEntered{Phase: drill.PhaseRunning}}
	sample := drill.TrafficSampled{Window: time.Second}
	var links drill.LinksSampled
	for i := range n {
		name, users := fmt.Sprintf("region-%02d", i), fmt.Sprintf("users-%02d", i)
		f.Regions = append(f.Regions, topology.Region{Name: name})
		for j := range i {
			other := fmt.Sprintf("region-%02d", j)
			f.Links = append(f.Links, topology.Link{Between: [2]string{other, name}, RTT: time.Duration(i) * time.Millisecond})
			links.Links = append(links.Links, telemetry.Link{From: other, To: name, Rate: 100}, telemetry.Link{From: name, To: other})
		}
		f.Users = append(f.Users, topology.Population{Name: users, Count: 10, Rate: 5, RTT: map[string]time.Duration{name: time.Millisecond}})
		sample.Populations = append(sample.Populations, telemetry.Population{Population: users, Requests: 5, OK: 5, ServedBy: map[string]int{name: 1 + i}})
		bodies = append(bodies, drill.RegionJudged{Region: name, Up: true}, drill.Rerouted{Population: users, To: name})
	}
	f.Datasets = []topology.Dataset{{Name: "orders", Engine: "log", Mode: topology.ModeAsync, Authority: "region-00", Regions: f.RegionNames()}}
	bodies[0] = drill.DrillStarted{Fleet: f, On: "local"}
	bodies = append(bodies, sample, links)
	var events []drill.Event
	for i, b := range bodies {
		events = append(events, drill.Event{Seq: uint64(i + 1), T: time.Duration(i) * time.Millisecond, Body: b})
	}
	tt, _ := t.(*testing.T)
	if tt == nil {
		tt = &testing.T{}
	}
	s := newStage(tt, w, h, Options{NoColor: true})
	s.events(events)
	return s
}

// TestATableOfRegionsIsSortedAndFiltered holds that one key sorts it, that "/" filters it where it has the
// focus, that arrows follow what is shown, and that esc undoes the filter.
func TestATableOfRegionsIsSortedAndFiltered(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 50}} {
		s := manyRegions(t, 60, size[0], size[1])
		s.press("1")
		s.shows("▸ region-00")
		s.shows("by file")
		s.shows("Region region-00") // its detail stands beside it
		s.press("o")
		s.shows("by share")
		s.press("up") // of the least share to its neighbour
		s.shows("▸ region-01")
		s.press("/", "5", "enter")
		s.shows("filter: 5  15 of 60 regions")
		s.press("down")
		s.shows("▸ region-59") // the largest share of those that are left
		s.press("down")
		s.shows("▸ region-58")
		s.press("esc")
		s.shows("of 60 by share")
		s.press("5", "/", "r", "u", "n", "enter") // and the timeline's own is another
		s.shows("Timeline")
		s.shows("of 60 by share")
	}
}

// TestAPictureIsNotSorted holds that the key says why it does nothing.
func TestAPictureIsNotSorted(t *testing.T) {
	s := byHand(t)
	s.press("o")
	s.shows("so few regions are a picture")
	s.press("1", "/")
	if !strings.Contains(s.text(), "Timeline") {
		t.Fatal("a picture has no filter of its own")
	}
}

// BenchmarkManyRegions draws a frame of sixty regions with all their links.
func BenchmarkManyRegions(b *testing.B) {
	s := manyRegions(b, 60, 200, 50)
	for b.Loop() {
		_ = s.frame()
	}
}
