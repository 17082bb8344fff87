package measure

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// linked is a fleet whose west is 24 ms and 200 Mbit/s from the authority in east.
func linked() journal {
	j := journal{drill.NewState()}
	j.at(0, drill.DrillStarted{Fleet: topology.Fleet{
		Regions: []topology.Region{{Name: "east", Jurisdiction: "EU"}, {Name: "west", Jurisdiction: "EU"}, {Name: "far", Jurisdiction: "US"}},
		Links:   []topology.Link{{Between: [2]string{"east", "west"}, RTT: ms(24), Bandwidth: 200e6}},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModePinned, Jurisdiction: "EU", Authority: "east",
			Regions: []string{"east", "west"}}},
	}})
	j.at(0, drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}}})
	return j
}

func (j journal) west(at time.Duration, held, owed int64) *drill.DatasetState {
	j.at(at, drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "west", Role: role.Follower, Epoch: 1, Bytes: held, OwedBytes: &owed, Contact: at}}})
	return j.Dataset("orders")
}

// Nothing is divided by a span that is shorter than what it measures, and nothing is faster
// than its link.
func TestCopyRate(t *testing.T) {
	j := linked()
	d := j.west(ms(1000), 0, 0)
	if r := CopyRate(j.State, d, "west"); r.Known {
		t.Errorf("of one answer: %+v", r)
	}
	j.west(ms(1020), 5<<20, 0)
	if r := CopyRate(j.State, d, "west"); r.Known {
		t.Errorf("over 20 ms: %+v", r)
	}
	j.west(ms(2000), 10_000_000, 0)
	if r := CopyRate(j.State, d, "west"); !r.Known || r.BytesPerSecond != 10e6 {
		t.Errorf("over a second: %+v", r)
	}
	j.west(ms(2500), 500<<20, 0)
	if r := CopyRate(j.State, d, "west"); r.BytesPerSecond != 25e6 {
		t.Errorf("%+v, the link carries 25 MB a second", r)
	}
	j.west(ms(3000), 10, 0) // its disk was lost
	if r := CopyRate(j.State, d, "west"); r.Known {
		t.Errorf("of what shrank: %+v", r)
	}
}

// A replica that follows takes in what is written, a few KiB a second. That says nothing of
// how fast it would copy what it lacks.
func TestCatchUp(t *testing.T) {
	j := linked()
	d := j.west(ms(1000), 0, 0)
	j.west(ms(2000), 5000, 250_000)
	if need := CatchUp(j.State, d, "west"); need.D != ms(24+10) {
		t.Errorf("%s, want a round trip and a quarter of a MB at 25 MB a second", need.D)
	}
	if need := CatchUp(j.State, d, "far"); need.Known {
		t.Errorf("of no replica: %+v", need)
	}
	j.at(ms(2100), drill.RejoinStarted{Dataset: "orders", Region: "west", Authority: "east"})
	j.west(ms(3000), 10_000, 250_000)
	if need := CatchUp(j.State, d, "west"); need.D != ms(24+50_000) {
		t.Errorf("%s, want what it copies now, 5,000 bytes a second", need.D)
	}
}

func TestAReturnThatStands(t *testing.T) {
	j := linked()
	j.at(ms(1000), drill.RejoinStarted{Dataset: "orders", Region: "west", Authority: "east"})
	d := j.west(ms(1000), 5000, 250_000)
	j.west(ms(2500), 5000, 250_000)
	if need := CatchUp(j.State, d, "west"); need.Known || !need.AtLeast {
		t.Errorf("%+v, but nothing is being copied", need)
	}
}

func TestReturn(t *testing.T) {
	j := linked()
	back := func(took time.Duration, bytes int64) Return {
		return ReturnOf(j.State, &drill.Rejoin{RejoinStarted: drill.RejoinStarted{Dataset: "orders", Region: "west", Authority: "east"},
			Done: &drill.RejoinDone{Took: took, Bytes: bytes}})
	}
	if r := back(300*time.Microsecond, 30_000); !r.AtMost || r.Took != Resolution || r.Rate.Known {
		t.Errorf("in 0.3 ms over 24 ms: %+v", r)
	}
	if r := back(2*time.Second, 20_000_000); r.AtMost || r.Rate.BytesPerSecond != 10e6 {
		t.Errorf("%+v", r)
	}
	if r := back(time.Second, 1<<30); r.Rate.BytesPerSecond != 25e6 {
		t.Errorf("faster than its link: %+v", r)
	}
}

func TestKept(t *testing.T) {
	j := linked()
	d := j.Dataset("orders")
	if kept, law := Kept(j.State, d, "west"); !kept || law != nil {
		t.Errorf("west: %v %v", kept, law)
	}
	if kept, law := Kept(j.State, d, "far"); kept || law == nil {
		t.Errorf("far: %v %v", kept, law)
	}
}
