package measure

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What a dataset takes to where web replicas were added is what its link says, and, once the drill copied it there, what that
// took; what merely caught up says nothing of the whole.
func TestComputeBesideItsData(t *testing.T) {
	const mib = 1 << 20
	s := drill.NewState()
	s.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{Fleet: topology.Fleet{
		Regions:  []topology.Region{{Name: "a"}, {Name: "b"}},
		Links:    []topology.Link{{Between: [2]string{"a", "b"}, RTT: 100 * time.Millisecond, Bandwidth: 8 * mib}},
		Datasets: []topology.Dataset{{Name: "orders", Authority: "a", Regions: []string{"a", "b"}}},
	}}})
	d := s.Dataset("orders")
	d.Authority = "a"
	d.Replicas = map[string]*telemetry.Replica{"a": {}, "b": {}}
	d.Replicas["a"].Bytes = 10 * mib
	if _, _, ok := ComputeBesideData(s); ok {
		t.Error("before anything was scaled compute has moved")
	}
	s.Apply(drill.Event{Seq: 2, T: 2 * time.Second, Body: drill.RegionScaled{Region: "b", Was: 4, Replicas: 2, Took: time.Second}})
	s.Apply(drill.Event{Seq: 3, T: 3 * time.Second, Body: drill.RegionScaled{Region: "a", Was: 2, Replicas: 4, Took: time.Second}})
	if _, _, ok := ComputeBesideData(s); ok {
		t.Error("scaled down, or where the data is, data has to be copied")
	}
	s.Apply(drill.Event{Seq: 4, T: 3 * time.Second, Body: drill.RegionScaled{Region: "b", Was: 2, Replicas: 3}})
	if moves := ComputeMoves(s); len(moves) != 1 || moves[0].Region != "a" {
		t.Errorf("a scaling that nobody waited for is timed: %+v", moves)
	}
	s.Apply(drill.Event{Seq: 5, T: 4 * time.Second, Body: drill.RegionScaled{Region: "b", Was: 3, Replicas: 4, Took: 30 * time.Millisecond}})
	want := Haul{Dataset: "orders", From: "a", Bytes: 10 * mib, Took: 10100 * time.Millisecond}
	m, h, ok := ComputeBesideData(s)
	if !ok || m.Region != "b" || m.Took != 30*time.Millisecond || h != want {
		t.Errorf("%v in %s beside %+v, want %+v", m.Took, m.Region, h, want)
	}
	back := func(bytes int64, took time.Duration) {
		s.Rejoins = append(s.Rejoins, &drill.Rejoin{RejoinStarted: drill.RejoinStarted{Dataset: "orders", Region: "b", Authority: "a"}, Done: &drill.RejoinDone{Bytes: bytes, Took: took}})
	}
	back(mib, time.Second)
	if _, h, _ = ComputeBesideData(s); h != want {
		t.Errorf("what was missed tells of the whole: %+v", h)
	}
	back(10*mib, 12*time.Second)
	if _, h, _ = ComputeBesideData(s); !h.Measured || h.Took != 12*time.Second || h.Bytes != 10*mib {
		t.Errorf("once it was copied: %+v", h)
	}
}
