package drill

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/series"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// sampledFor is a drill of samples every half a second, give or take some, for so long.
func sampledFor(random *rand.Rand, long time.Duration) []Event {
	events := []Event{{Seq: 1, Body: DrillStarted{Fleet: topology.Fleet{Users: []topology.Population{{Name: "x"}, {Name: "y"}}}}}}
	for at := time.Duration(0); at < long; {
		window := 400*time.Millisecond + time.Duration(random.Int64N(int64(200*time.Millisecond)))
		if random.IntN(40) == 0 {
			window = time.Duration(random.Int64N(int64(9 * time.Second))) // the machine was busy
		}
		if random.IntN(50) == 0 {
			at += time.Duration(random.Int64N(int64(20 * time.Second))) // nothing was sampled meanwhile
		}
		at += window
		sample := TrafficSampled{Window: window}
		for _, name := range []string{"x", "y"} {
			p := telemetry.Population{Population: name, OK: random.IntN(40), Failed: random.IntN(3)}
			if p.OK > 10 {
				median := time.Duration(random.Int64N(int64(time.Second)))
				slowest := 2 * median
				p.P50, p.P99, p.Max = &median, &slowest, &slowest
			}
			sample.Populations = append(sample.Populations, p)
		}
		events = append(events, Event{Seq: uint64(len(events) + 1), T: at, Body: sample})
	}
	return events
}

func stateOf(events []Event) *State {
	s := NewState()
	for _, e := range events {
		s.Apply(e)
	}
	return s
}

// TestSeriesKeepsSums holds for drills of any length: a series is bounded, reaches back to the
// drill's start, and neither loses nor invents a request, a counted second, or the highest latency.
func TestSeriesKeepsSums(t *testing.T) {
	random := rand.New(rand.NewPCG(10, 1))
	for _, long := range []time.Duration{0, time.Second, time.Minute, 10 * time.Minute, 21 * time.Minute, 50 * time.Minute} {
		events := sampledFor(random, long)
		want, slowest := map[string]series.Count{}, map[string]time.Duration{}
		for _, e := range events[1:] {
			b := e.Body.(TrafficSampled)
			all := series.Count{Over: b.Window}
			for _, p := range b.Populations {
				want[p.Population] = want[p.Population].Join(series.Count{Over: b.Window, OK: p.OK, Failed: p.Failed})
				all.OK, all.Failed = all.OK+p.OK, all.Failed+p.Failed
				if p.P99 != nil {
					slowest[p.Population] = max(slowest[p.Population], *p.P99)
				}
			}
			want[""] = want[""].Join(all)
		}
		s := stateOf(events)
		if n := len(s.Traffic.Points); n > series.Limit || long > series.Limit*series.FirstWidth && n < series.Limit/2 {
			t.Errorf("%s: %d points", long, n)
		}
		if got := sumOf(s.Traffic); got != want[""] {
			t.Errorf("%s: all traffic is %+v, want %+v", long, got, want[""])
		}
		for _, p := range s.Populations {
			one := p.Series.By(len(p.Series.Points) + 1).Points
			if len(one) == 0 {
				continue
			}
			name := p.Spec.Name
			if one[0].Count != want[name] || one[0].P99 != nil && *one[0].P99 != slowest[name] || len(p.Series.Points) > series.Limit {
				t.Errorf("%s: %s is %+v in %d points, want %+v and %s", long, name, one[0], len(p.Series.Points), want[name], slowest[name])
			}
		}
		if again := stateOf(journalled(t, events)); !reflect.DeepEqual(s.Traffic, again.Traffic) || !reflect.DeepEqual(s.Populations[0].Series, again.Populations[0].Series) {
			t.Errorf("%s: a replay comes to another series", long)
		}
	}
}

// TestSeriesKeepsTimes holds that each request stays where it was, within a point's width.
func TestSeriesKeepsTimes(t *testing.T) {
	random := rand.New(rand.NewPCG(10, 2))
	for range 200 {
		var s series.Of[series.Count]
		at := time.Duration(random.Int64N(int64(4 * time.Hour)))
		s.Take(at, 0, series.Count{Over: 1, OK: 1})
		s.Take(time.Duration(random.Int64N(int64(9*time.Hour))), 0, series.Count{}) // makes it coarser
		for i, p := range s.Points {
			from, to := time.Duration(i)*s.Width, time.Duration(i+1)*s.Width
			if p.OK > 0 && (at <= from && i > 0 || at > to) {
				t.Fatalf("a request of %s is in the point from %s to %s", at, from, to)
			}
		}
		if sumOf(s).OK != 1 || len(s.Points) > series.Limit {
			t.Fatalf("%+v in %d points", sumOf(s), len(s.Points))
		}
	}
}

// TestALongSampleLeavesNoHole holds that what was counted over three seconds is drawn in all three.
func TestALongSampleLeavesNoHole(t *testing.T) {
	s := stateOf([]Event{{Seq: 1, Body: DrillStarted{Fleet: topology.Fleet{Users: []topology.Population{{Name: "x"}}}}},
		{Seq: 2, T: time.Second, Body: TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "x", OK: 7}}}},
		{Seq: 3, T: 4 * time.Second, Body: TrafficSampled{Window: 3 * time.Second, Populations: []telemetry.Population{{Population: "x", OK: 10}}}}})
	var ok []int
	for _, p := range s.Traffic.Points {
		ok = append(ok, p.OK)
	}
	if !reflect.DeepEqual(ok, []int{7, 3, 3, 4}) {
		t.Errorf("answered were %v", ok)
	}
}

func sumOf(s series.Of[series.Count]) (sum series.Count) {
	for _, p := range s.Points {
		sum = sum.Join(p)
	}
	return sum
}

// journalled is the events as they are read back from a journal.
func journalled(t *testing.T, events []Event) []Event {
	t.Helper()
	out := make([]Event, len(events))
	for i, e := range events {
		line, err := json.Marshal(e)
		if err == nil {
			err = json.Unmarshal(line, &out[i])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestNothingCountedIsUnknown(t *testing.T) {
	if _, _, known := (series.Count{OK: 4}).PerSecond(); known {
		t.Error("a rate is known where nothing says over how long")
	}
	if ok, failed, known := (series.Count{Over: 2 * time.Second, OK: 8, Failed: 1}).PerSecond(); ok != 4 || failed != 0.5 || !known {
		t.Error(ok, failed, known)
	}
}
