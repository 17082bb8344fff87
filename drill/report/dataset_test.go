package report

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// torn is a drill of one dataset whose durability changes, whose writes wait, which
// two regions take writes of at once, and which crosses a border.
func torn() []drill.Event {
	fleet := topology.Fleet{
		Name:    "torn",
		Regions: []topology.Region{{Name: "us", Place: "Virginia", Jurisdiction: "US"}, {Name: "eu", Place: "Ireland", Jurisdiction: "EU"}},
		Datasets: []topology.Dataset{{Name: "orders", Engine: "postgres", Mode: topology.ModeSync, With: "eu", Authority: "us",
			Regions: []string{"us", "eu"}}},
	}
	d := &diary{began: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}
	d.at(0, drill.DrillStarted{Fleet: fleet, On: "local", Seed: 1, Version: "test"})
	d.at(2*time.Second, drill.WritesWaiting{Dataset: "orders", Region: "us", For: []string{"eu"}, Mode: topology.ModeSync, Since: 900 * ms})
	d.at(5*time.Second, drill.ModeChanged{Dataset: "orders", Was: topology.Durability{Mode: topology.ModeSync, With: "eu"}, Now: topology.Durability{Mode: topology.ModeAsync},
		By: "operator", Took: 300 * ms}, drill.WritesWaiting{Dataset: "orders", Region: "us", Mode: topology.ModeAsync})
	d.at(6*time.Second, drill.FailoverStaged{ID: 1, Dataset: "orders", From: "us", Cause: "fault", Stage: drill.StageFault, End: 6 * time.Second})
	split := drill.SplitBrain{Dataset: "orders", Old: "us", OldEpoch: 1, New: "eu", NewEpoch: 2, Began: 7 * time.Second,
		Tails: map[string][]string{"us": {"w1"}, "eu": {"w2"}}}
	d.at(7*time.Second, split)
	split.Tails, split.Over = map[string][]string{"us": {"w3"}}, true // only what is new
	d.at(8*time.Second, split)
	d.at(9*time.Second, drill.RejoinStarted{Dataset: "orders", Region: "us", Authority: "eu"},
		drill.RejoinDone{Dataset: "orders", Region: "us", Diverged: 2, Exported: "diverged-1.jsonl", Bytes: 5000, Took: 900 * ms})
	d.at(10*time.Second, drill.LinksSampled{Links: []telemetry.Link{
		{From: "us", To: "eu", Bytes: 9000, Datasets: map[string]uint64{"orders": 1 << 30}},
		{From: "eu", To: "us", Bytes: 100},
	}})
	d.at(11*time.Second, drill.ModeChanged{Dataset: "orders", Was: topology.Durability{Mode: topology.ModeAsync}, Now: topology.Durability{Mode: topology.ModeQuorum}, By: "drill"})
	d.at(11*time.Second, drill.WritesWaiting{Dataset: "orders", Region: "eu", For: []string{"us"}, Mode: topology.ModeQuorum, Since: 9800 * ms})
	return d.events
}

// A journal of before says not since when writes waited: then they did from when it was said.
func TestAWaitOfAnOldJournalBeganWhenItWasSaid(t *testing.T) {
	d := &diary{}
	d.at(0, drill.DrillStarted{Fleet: topology.Fleet{Datasets: []topology.Dataset{{Name: "orders"}}}})
	d.at(5*time.Second, drill.WritesWaiting{Dataset: "orders", For: []string{"eu"}})
	d.at(8*time.Second, drill.WritesWaiting{Dataset: "orders", For: []string{"eu", "ap"}, Since: 2 * time.Second})
	d.at(25*time.Second, drill.WritesWaiting{Dataset: "orders"})
	r, err := FromEvents(d.events)
	if err != nil {
		t.Fatal(err)
	}
	want := []Wait{{At: 5, For: []string{"eu"}, Took: of(3.0), when: "5.0 s since the start"}, {At: 8, For: []string{"eu", "ap"}, Took: of(17.0), when: "8.0 s since the start"}}
	if got := r.Datasets["orders"].Waits; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// A rejoin that was quicker than samples measure has one time everywhere: at most that of a sample.
func TestARejoinThatIsTooQuickToMeasureSaysSo(t *testing.T) {
	for took, want := range map[time.Duration]Rejoin{
		0:                       {AtMost: of(0.5)},
		256 * time.Millisecond:  {AtMost: of(0.5)},
		1256 * time.Millisecond: {Took: of(1.256)},
	} {
		d := &diary{}
		d.at(0, drill.DrillStarted{Fleet: topology.Fleet{Datasets: []topology.Dataset{{Name: "orders"}}}})
		d.at(5*time.Second, drill.RejoinStarted{Dataset: "orders", Region: "eu"}, drill.RejoinDone{Dataset: "orders", Region: "eu", Bytes: 12 << 10, Took: took})
		r, err := FromEvents(d.events)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Rejoins[0]; !reflect.DeepEqual(got.Took, want.Took) || !reflect.DeepEqual(got.AtMost, want.AtMost) {
			t.Errorf("%s: %+v", took, got)
		}
		var out bytes.Buffer
		if err := Summary(&out, r); err != nil {
			t.Fatal(err)
		}
		if words := format.Either(want.AtMost != nil, "within 500 ms eu", "1.3 s eu"); !strings.Contains(strings.Join(strings.Fields(out.String()), " "), words) {
			t.Errorf("%s: nothing says %q in\n%s", took, words, out.String())
		}
	}
}

func TestWhatAStrategyCost(t *testing.T) {
	r, err := FromEvents(torn())
	if err != nil {
		t.Fatal(err)
	}
	got := r.Datasets["orders"]
	want := Dataset{
		Engine: "postgres", Mode: "quorum",
		Modes: []ModeChange{
			{At: 5, Was: "sync with eu", Now: "async", By: "operator", Took: 0.3, when: "5.0 s since the start"},
			{At: 11, Was: "async", Now: "quorum", By: "drill", when: "11.0 s since the start"},
		},
		Waits: []Wait{{At: 0.9, For: []string{"eu"}, Mode: "sync", Took: of(4.1), when: "0.9 s since the start"}, {At: 9.8, For: []string{"us"}, Mode: "quorum", when: "9.8 s since the start"}},
		SplitBrains: []SplitBrain{{At: 7, Old: "us", OldEpoch: 1, New: "eu", NewEpoch: 2, Over: true, when: "7.0 s since the start",
			Writes: map[string][]string{"us": {"w1", "w3"}, "eu": {"w2"}}}},
		Populations: map[string]WriteLatency{}, Replicas: map[string]Replica{},
		Borders: []Border{{From: "US", To: "EU", Bytes: 1 << 30, Egress: of(0.02)}, {From: "EU", To: "US", Egress: of(0.0)}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	// The durability at the time counts, not that at the end.
	if mode := r.Failovers[0].Mode; mode != "async" {
		t.Errorf("the failover's mode is %s, it was async then", mode)
	}
	if name := r.Rejoins[0].Exported; name == nil || *name != "diverged-1.jsonl" {
		t.Errorf("the rejoin exported %v", name)
	}
	var out bytes.Buffer
	if err := Summary(&out, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "torn.txt", out.Bytes())
}
