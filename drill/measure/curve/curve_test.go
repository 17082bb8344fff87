package curve

import (
	"math"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// tale is a drill that a test tells, second by second.
type tale struct {
	*drill.State
	seq uint64
}

func told() *tale {
	s := &tale{State: drill.NewState()}
	s.at(0, drill.DrillStarted{Fleet: topology.Fleet{
		Regions:  []topology.Region{{Name: "us-east"}, {Name: "eu-west"}},
		Users:    []topology.Population{{Name: "americas"}, {Name: "europe"}},
		Datasets: []topology.Dataset{{Name: "orders", Authority: "us-east", Regions: []string{"us-east", "eu-west"}}},
		Web:      topology.Web{Replicas: 2},
	}})
	return s
}

func (s *tale) at(second float64, bodies ...drill.Body) {
	for _, b := range bodies {
		s.seq++
		s.Apply(drill.Event{Seq: s.seq, T: time.Duration(second * float64(time.Second)), Body: b})
	}
}

// answers is what came of ten requests of each population in the second up to one; less than none is that nothing was measured.
func (s *tale) answers(second float64, americas, europe int) {
	var b drill.TrafficSampled
	b.Window = time.Second
	for name, ok := range map[string]int{"americas": americas, "europe": europe} {
		if ok >= 0 {
			b.Populations = append(b.Populations, telemetry.Population{Population: name, Requests: 10, OK: ok, Failed: 10 - ok})
		} else {
			b.Populations = append(b.Populations, telemetry.Population{Population: name})
		}
	}
	s.at(second, b)
}

func (s *tale) kills(region string, at float64) {
	s.at(at+0.2, drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: region, Done: "killed", From: time.Duration(at * float64(time.Second))})
}

// shares is a line's points as numbers; NaN is unknown.
func shares(l Line) (all []float64) {
	for _, p := range l.Points {
		if v := p.Share; p.Known {
			all = append(all, v)
		} else {
			all = append(all, math.NaN())
		}
	}
	return all
}

func same(t *testing.T, what string, got []float64, want ...float64) {
	t.Helper()
	ok := len(got) == len(want)
	for i := 0; ok && i < len(got); i++ {
		ok = got[i] == want[i] || math.IsNaN(got[i]) && math.IsNaN(want[i])
	}
	if !ok {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// Each population has a line from three seconds before the fault to five after all are as before; a second in which no
// request came to an end is unknown, and none of it reaches beyond what was measured.
func TestEachPopulationHasACurve(t *testing.T) {
	s := told()
	for i := 1; i <= 9; i++ {
		s.answers(float64(i), 10, 10)
	}
	s.kills("us-east", 9.5)
	for i, ok := range []int{-1, 0, 5, 10, 10, 10, 10, 10, 10, 10, 10} {
		s.answers(float64(10+i), ok, 10)
	}
	c, ok := Answered(s.State)
	if !ok || len(c.Lines) != 2 || c.Lines[0].Name != "americas" {
		t.Fatalf("%t, %+v", ok, c)
	}
	same(t, "americas", shares(c.Lines[0]), 1, 1, 1, math.NaN(), 0, 0.5, 1, 1, 1, 1, 1)
	same(t, "europe", shares(c.Lines[1]), 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
	if got, want := c.From(), -3500*time.Millisecond; got != want {
		t.Errorf("it begins at %s, want %s", got, want)
	}
	if len(c.Marks) != 1 || c.Marks[0].At != 0 || c.Marks[0].Fault.Region != "us-east" {
		t.Errorf("marks %+v", c.Marks)
	}
	if v, known := c.Lines[0].Over(1500*time.Millisecond, 2500*time.Millisecond); !known || v != 0.5 {
		t.Errorf("two seconds later it is %v, %t", v, known)
	}
	if v, known := c.Lines[0].Over(750*time.Millisecond, 1750*time.Millisecond); !known || v != 0.125 {
		t.Errorf("of three quarters of a second with nothing and a quarter with half it is %v, %t", v, known)
	}
	if v, known := c.Lines[0].Least(); !known || v != 0 {
		t.Errorf("it is %v at the least, %t", v, known)
	}
	if _, known := c.Lines[0].Over(-400*time.Millisecond, 400*time.Millisecond); known {
		t.Error("what was not measured is known")
	}
}

// There is nothing to draw before anything is done, nor where everybody was answered all along.
func TestWhatWasNeverAwayHasNoCurve(t *testing.T) {
	s := told()
	s.answers(1, 10, 10)
	if c, ok := Answered(s.State); ok {
		t.Errorf("before a fault: %+v", c)
	}
	s.kills("us-east", 1)
	s.answers(2, 10, 10)
	if c, ok := Answered(s.State); ok {
		t.Errorf("with nothing failed: %+v", c)
	}
	if c, ok := Moved(s.State); ok {
		t.Errorf("with nothing moved: %+v", c)
	}
}

// Runs of several fleets have a line each from their own faults on, all populations together; one that did not come about
// has none.
func TestRunsStandOnOneAxis(t *testing.T) {
	run := func(kill float64, ok ...int) *drill.State {
		s := told()
		for i := 1; i <= int(kill); i++ {
			s.answers(float64(i), 10, 10)
		}
		s.kills("us-east", kill)
		for i, ok := range ok {
			s.answers(kill+float64(i+1), ok, 10)
		}
		return s.State
	}
	c, ok := Runs([]string{"one", "gone", "three"}, []*drill.State{run(4, 0, 0, 10), nil, run(7, 5, 10)})
	if !ok || len(c.Lines) != 2 || c.Lines[0].Name != "one" || c.Lines[1].Name != "three" {
		t.Fatalf("%t, %+v", ok, c)
	}
	same(t, "one", shares(c.Lines[0]), 1, 1, 1, 0.5, 0.5, 1)
	same(t, "three", shares(c.Lines[1]), 1, 1, 1, 0.75, 1)
	for i := range c.Lines {
		if at := c.Lines[i].Points[3].At; at != 0 {
			t.Errorf("%s: the first second after the fault begins at %s", c.Lines[i].Name, at)
		}
	}
}

// Web replicas serve a second after they were asked for, and the data behind them comes byte by byte; while a replica does
// not answer, what it has is unknown and not nothing.
func TestComputeMovesBeforeItsData(t *testing.T) {
	s := told()
	stores := func(at float64, west int64, stale bool) {
		d := time.Duration(at * float64(time.Second))
		s.at(at, drill.StoresSampled{Stores: []telemetry.Replica{
			{Dataset: "orders", Region: "us-east", Role: role.Authority, Epoch: 1, Bytes: 1000, Contact: d},
			{Dataset: "orders", Region: "eu-west", Role: role.Follower, Epoch: 1, Bytes: west, Contact: d, Stale: stale},
		}})
	}
	s.at(0.5, drill.RegionJudged{Region: "eu-west", Up: true}, drill.RegionSeen{Region: "eu-west", WebReady: 1, WebWanted: 1})
	for i := 1; i <= 4; i++ {
		stores(float64(i), 1000, false)
		s.answers(float64(i), 10, 10)
	}
	s.at(4, drill.CommandTaken{ID: 1, Command: runbook.Command{Verb: "reseed", Dataset: "orders", Region: "eu-west"}})
	s.at(4.5, drill.RegionSeen{Region: "eu-west", WebReady: 2, WebWanted: 2})
	for i, have := range []int64{0, 250, 0, 500, 1000} {
		stores(float64(5+i), have, i == 2)
		s.answers(float64(5+i), 10, 10)
	}
	c, ok := Moved(s.State)
	if !ok || len(c.Lines) != 2 {
		t.Fatalf("%t, %+v", ok, c)
	}
	web, data := c.Lines[0], c.Lines[1]
	if web.Kind != Compute || web.Name != "eu-west" || web.Whole != 2 || data.Kind != Data || data.Dataset != "orders" || data.Whole != 1000 {
		t.Errorf("%+v, %+v", web, data)
	}
	same(t, "compute", shares(web), 0.5, 0.5, 0.5, 1, 1, 1, 1, 1)
	same(t, "data", shares(data), 1, 1, 1, 0, 0.25, math.NaN(), 0.5, 1)
}

// What a fault has stopped serves nothing, whatever its cluster said of it last, and what was never judged is unknown.
func TestServingWeb(t *testing.T) {
	s := told()
	r := s.Region("us-east")
	if _, known := r.ServingWeb(); known {
		t.Error("known before it was seen")
	}
	s.at(1, drill.RegionJudged{Region: "us-east", Up: true}, drill.RegionSeen{Region: "us-east", WebReady: 2, WebWanted: 2})
	if n, known := r.ServingWeb(); !known || n != 2 {
		t.Errorf("%d serve, %t", n, known)
	}
	gone := drill.FaultProved{ID: 2, Fault: "kill-control-plane", Region: "us-east", Part: runbook.PartControlPlane}
	gone.Effect.Weakens = []runbook.Weakening{{Region: "us-east", Part: runbook.PartControlPlane, Web: 1}}
	s.at(1, gone)
	if n, known := r.ServingWeb(); known {
		t.Errorf("%d serve, by what an API server said that is gone", n)
	}
	s.at(1.5, drill.FaultLifted{ID: 2, Region: "us-east"})
	if _, known := r.ServingWeb(); !known {
		t.Error("its API server is back, and nothing is known")
	}
	s.kills("us-east", 2)
	if n, known := r.ServingWeb(); !known || n != 0 {
		t.Errorf("of one that was killed %d serve, %t", n, known)
	}
}
