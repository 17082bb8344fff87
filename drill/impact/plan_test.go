package impact

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// planned is two regions with their users, of which east leads, and a plan.
func planned(change func(*topology.Fleet), steps ...runbook.Step) *drill.State {
	slow := 250 * time.Millisecond
	fleet := topology.Fleet{
		Regions: []topology.Region{{Name: "east"}, {Name: "west"}},
		Links:   []topology.Link{{Between: [2]string{"east", "west"}, RTT: 50 * time.Millisecond}},
		Users: []topology.Population{
			{Name: "e", Count: 1000, Rate: 60, Writes: 0.2, Timeout: time.Second, RTT: map[string]time.Duration{"east": 10 * time.Millisecond, "west": 60 * time.Millisecond}},
			{Name: "w", Count: 1000, Rate: 60, Writes: 0.2, Timeout: time.Second, RTT: map[string]time.Duration{"west": 10 * time.Millisecond, "east": 60 * time.Millisecond}},
		},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
		Failover: topology.FailoverPolicy{Decide: topology.DecideAuto, Fence: true, Lease: topology.DefaultLease},
		Routing:  topology.Routing{Policy: "nearest", Probe: topology.DefaultProbe, DNSTTL: 2 * time.Second},
	}
	if change != nil {
		change(&fleet)
	}
	return story(drill.DrillStarted{Fleet: fleet, Plan: &runbook.Plan{Steady: runbook.Steady{Success: 0.99}, Steps: steps}},
		drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
		drill.StoresSampled{Stores: []telemetry.Replica{
			{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}, {Dataset: "orders", Region: "west", Role: role.Follower, Epoch: 1}},
			AtRisk: map[string]uint64{"orders": 0}},
		drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{
			{Population: "e", ServedBy: map[string]int{"east": 60}, Slow: &slow}, {Population: "w", ServedBy: map[string]int{"west": 60}, Slow: &slow}}})
}

// Each was measured more than ten points away from what was predicted before.
func TestPredictionsByThePlan(t *testing.T) {
	const s = time.Second
	kill := runbook.Command{Verb: runbook.VerbKill, Region: "east", By: "drill"}
	freeze := runbook.Command{Verb: runbook.VerbFreeze, Region: "east", By: "drill"}
	restore := runbook.Command{Verb: runbook.VerbRestore, Region: "east"}
	share := func(change func(*topology.Fleet), steps ...runbook.Step) float64 {
		state := planned(change, steps...)
		state.Step = 0
		c := steps[0].Command
		c.By = "drill"
		return predict(state, c).Share
	}
	step := func(at time.Duration, c runbook.Command) runbook.Step { return runbook.Step{At: at, Command: c} }
	ttl := func(f *topology.Fleet) { f.Routing.DNSTTL = 20 * s }
	wait := step(0, runbook.Command{Verb: runbook.VerbWait, For: runbook.WaitRecovered})
	soon, late := share(ttl, step(0, kill), step(s/2, restore)), share(ttl, step(0, kill), wait, step(s/2, restore))
	if late < soon+0.1 {
		t.Errorf("restored only once users have recovered: %.2f of them, %.2f where it is done at once", late, soon)
	}
	operator := func(f *topology.Fleet) { f.Failover.Decide = topology.DecideOperator }
	promote := step(4*s, runbook.Command{Verb: runbook.VerbPromote, Dataset: "orders", To: "west"})
	takes := func(change func(*topology.Fleet), steps ...runbook.Step) time.Duration {
		state := planned(change, steps...)
		effect := effectOf(state, kill)
		return newExposure(state, after(state, effect), kill, effect, nil).takes("orders")
	}
	if by, never := takes(operator, step(0, kill), promote, step(25*s, restore)), takes(operator, step(0, kill), step(25*s, restore)); by != 4*s || never != 25*s {
		t.Errorf("writes are taken after %v where a step promotes after 4 s, after %v where none does before the fault is lifted", by, never)
	}
	enough, few := share(nil, step(0, kill), step(9*s, restore)), share(func(f *topology.Fleet) { f.Web.Capacity = 70 }, step(0, kill), step(9*s, restore))
	if few < enough+0.1 {
		t.Errorf("one region has capacity for half: %.2f of the users, %.2f where it has for all", few, enough)
	}
	state := planned(nil, step(0, freeze), step(s/2, restore))
	state.Step = 0
	if p := predict(state, freeze); p.RTO != 0 || len(p.WritesAtRisk) > 0 {
		t.Errorf("frozen for less than anybody notices: RTO %v, at risk %v", p.RTO, p.WritesAtRisk)
	}
}
