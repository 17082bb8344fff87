package impact

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/impact/ahead"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func underHub(hub *topology.Hub, fence bool) *drill.State {
	f := topology.Fleet{
		Regions:  []topology.Region{{Name: "east"}, {Name: "west"}},
		Routing:  topology.Routing{Policy: "nearest", Probe: topology.DefaultProbe},
		Failover: topology.FailoverPolicy{Decide: "auto", Fence: fence, Lease: topology.DefaultLease},
		Users: []topology.Population{
			{Name: "writers", Count: 100000, Rate: 100, Writes: 1, Timeout: 2 * time.Second, RTT: map[string]time.Duration{"west": time.Millisecond}},
			{Name: "readers", Count: 100000, Rate: 100, Timeout: 2 * time.Second, RTT: map[string]time.Duration{"west": time.Millisecond}},
		},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
		Hub:      hub,
	}
	s := drill.NewState()
	slow := 100 * time.Millisecond
	bodies := []drill.Body{drill.DrillStarted{Fleet: f}}
	for _, r := range f.Standing().Regions {
		bodies = append(bodies, drill.RegionJudged{Region: r.Name, Up: true})
	}
	bodies = append(bodies, drill.StoresSampled{Stores: []telemetry.Replica{
		{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}, {Dataset: "orders", Region: "west", Role: role.Follower, Epoch: 1},
	}})
	for i, b := range bodies {
		s.Apply(drill.Event{Seq: uint64(i + 1), Body: b})
	}
	for _, p := range s.Populations {
		p.Region = "east"
		p.Last = &telemetry.Population{Population: p.Spec.Name, Slow: &slow, ServedBy: map[string]int{"east": 10}}
	}
	return s
}

// Without a hub nobody renews a lease: fenced writes stop for as long, and nothing else does; nobody takes over either.
func TestWhatLosingTheHubIsPredictedToDo(t *testing.T) {
	own, inEast := &topology.Hub{Name: "hub"}, &topology.Hub{Name: "hub", In: "east"}
	kill := func(c runbook.Command, s *drill.State) runbook.Impact {
		return Predict(s, c, runbook.Effect{Stops: c.Falls(s.Fleet), Undo: runbook.VerbRestore})
	}
	hub := runbook.Command{Verb: runbook.VerbKill, Domain: topology.Target{Kind: topology.DomainHub, Name: "hub"}}
	east := runbook.Command{Verb: runbook.VerbKill, Region: "east"}
	// Where nobody is sent elsewhere all fail until the region is back; else until they were.
	// Until it is restored after 10 s, one in a thousand asks each second.
	share := func(bad, of time.Duration) float64 {
		return (1 - math.Exp(-bad.Seconds()/1000)) / (1 - math.Exp(-of.Seconds()/1000))
	}
	lease := topology.DefaultLease - topology.RenewEvery(topology.DefaultLease)/2
	for _, tt := range []struct {
		name             string
		state            *drill.State
		command          runbook.Command
		writers, readers float64
		moves            bool
	}{
		{"the hub, fenced", underHub(own, true), hub, share(ahead.DefaultUndone-lease, ahead.DefaultUndone), 0, false},
		{"the hub, unfenced", underHub(own, false), hub, 0, 0, false},
		{"a region, with its hub: its return resets what hangs", underHub(inEast, true), east, 0.97, 0.97, false},
		{"a region beside the hub", underHub(own, true), east, 0.43, 0.32, true},
	} {
		p := kill(tt.command, tt.state)
		if math.Abs(p.Users["writers"]-tt.writers) > 0.05 || math.Abs(p.Users["readers"]-tt.readers) > 0.05 {
			t.Errorf("%s: %v of those who write and %v of those who read, want %v and %v", tt.name, p.Users["writers"], p.Users["readers"], tt.writers, tt.readers)
		}
		if _, moves := p.WritesAtRisk["orders"]; moves != tt.moves {
			t.Errorf("%s: that orders moves is %v", tt.name, moves)
		}
		says := strings.Contains(strings.Join(p.Lines, "\n"), "nobody renews its leader's lease of 1.5 s while the hub is gone")
		if says != (tt.name != "the hub, unfenced" && !tt.moves) {
			t.Errorf("%s: the lines are %q", tt.name, p.Lines)
		}
	}
}
