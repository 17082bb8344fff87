package impact

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/candidate"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// threeRegions is orders kept in three regions, led by east, with what its replicas hold.
func threeRegions(mode topology.Durability, samples map[string]telemetry.Replica, more ...drill.Body) *drill.State {
	fleet := twoRegions()
	fleet.Regions = append(fleet.Regions, topology.Region{Name: "south"})
	fleet.Datasets[0].Regions = []string{"east", "west", "south"}
	fleet.Datasets[0].Mode, fleet.Datasets[0].With = mode.Mode, mode.With
	stores := drill.StoresSampled{AtRisk: map[string]uint64{"orders": 0}}
	bodies := []drill.Body{drill.DrillStarted{Fleet: fleet}}
	for i, region := range fleet.Datasets[0].Regions {
		s := samples[region]
		s.Dataset, s.Region, s.Role, s.Epoch = "orders", region, []role.Role{role.Authority, role.Follower, role.Follower}[i], max(1, samples["east"].LastIn)
		stores.Stores = append(stores.Stores, s)
		bodies = append(bodies, drill.RegionJudged{Region: region, Up: true})
	}
	return story(append(append(bodies, more...), stores)...)
}

// West is dead, south is back and still catching up: nobody is promoted by itself when east
// dies too, and no bound of some writes and no RTO are promised.
func TestNobodyIsPromotedWhoWasLeftBehind(t *testing.T) {
	s := threeRegions(topology.Durability{Mode: topology.ModeAsync},
		map[string]telemetry.Replica{"east": {Position: 5000, Entries: 5000}, "west": {Position: 3000, Entries: 3000}, "south": {Position: 1000, Entries: 1000}},
		drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "west"},
		drill.RejoinStarted{Dataset: "orders", Region: "south", Authority: "east"})
	p := predict(s, runbook.Command{Verb: runbook.VerbKill, Region: "east"})
	text := strings.Join(p.Lines, "\n")
	for _, want := range []string{"no region takes over by itself, and nothing is lost unless a person forces one to", "at least 4,000 confirmed writes would be lost"} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says %q in\n%s", want, text)
		}
	}
	if most, moves := p.WritesAtRisk["orders"]; !moves || most != nil || p.RTO != 0 || p.Waits["orders"] == "" {
		t.Errorf("%+v", p)
	}
}

// A prediction promotes whom the failover controller would, whatever the replicas hold.
func TestAPredictionAgreesWithTheController(t *testing.T) {
	all := []string{"east", "west", "south"}
	promoted, blocked := 0, 0
	for seed := range uint64(3000) {
		draw := rand.New(rand.NewPCG(seed, 1))
		mode := []topology.Durability{{Mode: topology.ModeAsync}, {Mode: topology.ModeSync, With: "west"}, {Mode: topology.ModeQuorum}}[draw.IntN(3)]
		samples := map[string]telemetry.Replica{}
		q := candidate.Question{Dataset: topology.Dataset{Regions: all}, Lead: "east", Rule: candidate.Rule{Durability: mode, CaughtUp: true}, Heard: map[string]store.Status{}}
		answers, down := map[string]store.Status{}, []drill.Body{}
		for _, region := range all {
			epoch, position, copied := 1+draw.Uint64N(2), draw.Uint64N(4), draw.IntN(8) == 0
			samples[region] = telemetry.Replica{LastIn: epoch, Position: position, Entries: position, Seeding: copied}
			q.Heard[region] = store.Status{LastIn: epoch, Position: position, Entries: position, Seeding: copied}
			if region == "east" {
				continue
			}
			switch draw.IntN(5) {
			case 2: // it answers, and its disk takes nothing: it is not asked
				down = append(down, drill.StoreStalled{Dataset: "orders", Region: region, Role: role.Follower})
				q.Behind = append(q.Behind, region)
				continue
			case 0:
				down = append(down, drill.FaultProved{ID: len(down) + 1, Fault: drill.FaultKill, Region: region})
				q.Behind = append(q.Behind, region)
				continue
			case 1:
				down = append(down, drill.RejoinStarted{Dataset: "orders", Region: region, Authority: "east"})
				q.Behind = append(q.Behind, region)
			}
			answers[region] = q.Heard[region]
		}
		s := threeRegions(mode, samples, down...)
		then := after(s, runbook.Effect{Stops: []string{"east"}})
		o := outcomeOf(then, then.Dataset("orders"), runbook.Effect{Stops: []string{"east"}})
		want, reason := q.Certain(answers)
		saw := fmt.Sprintf("seed %d, %s, heard %+v, behind %v, answers %v", seed, mode, samples, q.Behind, answers)
		switch {
		case want != "":
			promoted++
			if o.to != want || o.blocked {
				t.Fatalf("%s: predicted %+v, the controller promotes %s", saw, o, want)
			}
		case o.to != "" && !o.blocked:
			t.Fatalf("%s: predicted %+v, the controller promotes nobody: %s", saw, o, reason)
		case o.blocked:
			blocked++
		}
	}
	if promoted < 300 || blocked < 300 {
		t.Errorf("%d promoted, %d blocked: too few to compare", promoted, blocked)
	}
}

// What was stopped before is stopped still: a dataset kept in east and south, far's users read it
// by way of west, and south is dead when the link to east is cut.
func TestAPredictionKnowsWhoIsDeadAlready(t *testing.T) {
	cut := runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{"west", "east"}}
	far := func(down ...drill.Body) float64 {
		fleet := twoRegions()
		fleet.Regions = append(fleet.Regions, topology.Region{Name: "south"})
		fleet.Datasets[0].Regions = []string{"east", "south"}
		for i := range fleet.Users {
			fleet.Users[i].Writes = 0
		}
		bodies := []drill.Body{drill.DrillStarted{Fleet: fleet},
			drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true}, drill.RegionJudged{Region: "south", Up: true},
			drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}, {Dataset: "orders", Region: "south", Epoch: 1}}},
			drill.TrafficSampled{Populations: []telemetry.Population{{Population: "far", ServedBy: map[string]int{"west": 10}}}}}
		return predict(story(append(bodies, down...)...), cut).Users["far"]
	}
	if got := far(); got > 0.5 {
		t.Errorf("%v of far's users with south alive, which answers them once east is found silent", got)
	}
	for name, down := range map[string][]drill.Body{
		"killed":         {drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "south"}},
		"down of itself": {drill.RegionJudged{Region: "south", Up: false}},
	} {
		// All of those who ask in the 10 s of the cut, of those who ask until the last of them gave up.
		if got := far(down...); got < 0.8 {
			t.Errorf("south %s: %v of far's users, and nobody is left who answers them", name, got)
		}
	}
	back := far(drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "south"}, drill.FaultLifted{ID: 1, Region: "south"})
	if back != far() {
		t.Errorf("%v of far's users once south is restored, %v when it never died", back, far())
	}
}

// A dead copy is none: quorum that lost one before acknowledges nothing once it is cut from
// the other, and an authority that is dead already takes no writes.
func TestADeadRegionCopiesAndLeadsNothing(t *testing.T) {
	dead := func(region string) drill.Body {
		return drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: region}
	}
	quorum := topology.Durability{Mode: topology.ModeQuorum}
	effect := runbook.Effect{Cuts: topology.Ways("east", topology.EndControl, false)}
	for _, tt := range []struct {
		down []drill.Body
		want bool
	}{{nil, true}, {[]drill.Body{dead("west"), drill.FaultProved{ID: 2, Fault: drill.FaultKill, Region: "south"}}, false}, {[]drill.Body{dead("west")}, true}} {
		s := threeRegions(quorum, nil, tt.down...)
		e := newExposure(s, after(s, effect), runbook.Command{}, effect, nil)
		if got := e.acknowledges(s.Dataset("orders")); got != tt.want {
			t.Errorf("%d dead: acknowledges %v", len(tt.down), got)
		}
		if got := e.copier(s.Dataset("orders"), "east", 0); len(tt.down) == 1 && got != "south" {
			t.Errorf("the copy of %q is waited for, and west is dead", got)
		}
	}
	s := threeRegions(topology.Durability{Mode: topology.ModeAsync}, nil, dead("east"))
	other := runbook.Effect{Cuts: topology.Ways("west", "south", false)}
	then := after(s, other)
	o := outcomeOf(then, then.Dataset("orders"), other)
	e := newExposure(s, then, runbook.Command{}, other, map[string]outcome{"orders": o})
	k := class{pop: then.Populations[0], share: 1, stays: []stay{{to: only("west")}}}
	if got := e.request(k, 0, "west", "orders", true); got.bad != 1 || o.moves || o.to == "" {
		t.Errorf("%+v of a write while the authority is dead, %+v", got, o)
	}
	if got := e.request(k, e.promoted, "west", "orders", true); got.bad != 0 {
		t.Errorf("%+v of a write once %s leads", got, o.to)
	}
}
