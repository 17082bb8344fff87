package impact

import (
	"math"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// readers is two regions whose one population only reads, over both by equal weights, and a plan.
func readers(count int, rate float64, entry string, change func(*topology.Fleet), steps ...runbook.Step) *drill.State {
	slow := 300 * time.Millisecond
	fleet := topology.Fleet{
		Regions: []topology.Region{{Name: "east", Jurisdiction: "US"}, {Name: "west", Jurisdiction: "EU"}},
		Users:   []topology.Population{{Name: "all", Count: count, Rate: rate, Timeout: time.Second, Entry: entry}},
		Routing: topology.Routing{Policy: "weighted", Weights: map[string]float64{"east": 0.5, "west": 0.5}, Probe: topology.DefaultProbe, DNSTTL: 2 * time.Second},
	}
	served, shares := map[string]int{"east": 50, "west": 50}, map[string]float64{"east": 0.5, "west": 0.5}
	if change != nil {
		change(&fleet)
		served, shares = map[string]int{"east": 100}, nil
	}
	return story(drill.DrillStarted{Fleet: fleet, Plan: &runbook.Plan{Steady: runbook.Steady{Success: 0.99}, Steps: steps}},
		drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
		drill.Rerouted{Population: "all", To: "east", Shares: shares},
		drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "all", ServedBy: served, Slow: &slow}}})
}

// A population over two regions: behind a load balancer half of each user's requests fail until the router knows, 1.1 s of
// the 2.5 s until nobody's hangs any more. By a name half of the users are there, and whose resolver asks anew meanwhile may
// come there: of those who ask all the time half and an eighth are affected, the rest never.
func TestWeightsArePartOfThePrediction(t *testing.T) {
	kill := runbook.Command{Verb: runbook.VerbKill, Region: "east"}
	for _, tt := range []struct {
		name  string
		count int
		rate  float64
		entry string
		want  float64
	}{
		{"lb, who asks seldom", 100_000, 100, topology.EntryLB, 0.225},
		{"lb, who asks all the time", 100, 1000, topology.EntryLB, 1},
		{"dns, who asks seldom", 100_000, 100, topology.EntryDNS, 0.24},
		{"dns, who asks all the time", 100, 1000, topology.EntryDNS, 0.64},
	} {
		if p := predict(readers(tt.count, tt.rate, tt.entry, nil), kill); math.Abs(p.Share-tt.want) > 0.05 {
			t.Errorf("%s: %v of the users, want %v", tt.name, p.Share, tt.want)
		}
	}
}

// By law nobody else serves them: they are refused until the region is up again, and not for long after.
func TestWhoIsRefusedIsPartOfThePrediction(t *testing.T) {
	kill, restore := runbook.Command{Verb: runbook.VerbKill, Region: "east"}, runbook.Command{Verb: runbook.VerbRestore, Region: "east"}
	for _, entry := range topology.Entries() {
		p := predict(readers(100_000, 100, entry, func(f *topology.Fleet) {
			f.Routing.Policy, f.Routing.Weights, f.Users[0].Jurisdiction = "geo", nil, "US"
		}, runbook.Step{Command: kill}, runbook.Step{At: 4 * time.Second, Command: restore}), kill)
		if p.Share < 0.85 {
			t.Errorf("%s: %v of the users", entry, p.Share)
		}
		if last := p.Lines[len(p.Lines)-1]; last != "all would be refused, not moved: no region in US is up then" {
			t.Errorf("%s: %q", entry, p.Lines)
		}
	}
}

// What a region that only stands still has not answered it answers late, once it goes on: 0.7 s of requests are slow then,
// which are seen in the second and a half until all of them are answered.
func TestAPauseIsCountedOnceItIsOver(t *testing.T) {
	freeze, restore := runbook.Command{Verb: runbook.VerbFreeze, Region: "east"}, runbook.Command{Verb: runbook.VerbRestore, Region: "east"}
	s := readers(100_000, 100, topology.EntryLB, func(f *topology.Fleet) { f.Routing.Policy, f.Routing.Weights = "nearest", nil },
		runbook.Step{Command: freeze}, runbook.Step{At: time.Second, Command: restore})
	if p := predict(s, freeze); math.Abs(p.Share-0.7/1.5) > 0.05 {
		t.Errorf("%v of the users", p.Share)
	}
}
