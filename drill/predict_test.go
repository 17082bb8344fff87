package drill

import (
	"testing"
	"time"
)

// What a mode would lack is predicted too: its writers wait wherever they are.
func TestPredictedWaits(t *testing.T) {
	regions := []string{"east", "west", "south"}
	tests := []struct {
		name    string
		promise Durability
		command Command
		down    string // a region that is away already
		waits   bool
	}{
		{"async, its authority", Durability{Mode: ModeAsync}, Command{Verb: VerbKill, Region: "east"}, "", false},
		{"sync, its authority: the partner takes over, the third is its partner", Durability{ModeSync, "west"}, Command{Verb: VerbKill, Region: "east"}, "", false},
		{"sync, its authority, no third", Durability{ModeSync, "west"}, Command{Verb: VerbKill, Region: "east"}, "south", true},
		{"sync, its authority while the partner is away", Durability{ModeSync, "west"}, Command{Verb: VerbKill, Region: "east"}, "west", true},
		{"sync, its partner", Durability{ModeSync, "west"}, Command{Verb: VerbFreeze, Region: "west"}, "", true},
		{"sync, its partner, cordoned: another takes its place", Durability{ModeSync, "west"}, Command{Verb: VerbCordon, Region: "west"}, "", false},
		{"sync, its partner, cordoned without another", Durability{ModeSync, "west"}, Command{Verb: VerbCordon, Region: "west"}, "south", true},
		{"sync, a third region", Durability{ModeSync, "west"}, Command{Verb: VerbKill, Region: "south"}, "", false},
		{"quorum, one", Durability{Mode: ModeQuorum}, Command{Verb: VerbKill, Region: "south"}, "", false},
		{"quorum, a second", Durability{Mode: ModeQuorum}, Command{Verb: VerbKill, Region: "south"}, "west", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fleet := Fleet{
				Users: []Population{
					{Name: "writers", Count: 100, Rate: 10, Writes: 0.5, Datasets: []string{"orders", "other"}},
					{Name: "strangers", Count: 100, Rate: 10, Writes: 0.5, Datasets: []string{"other"}},
				},
				Datasets: []Dataset{
					{Name: "orders", Mode: tt.promise.Mode, With: tt.promise.With, Authority: "east", Regions: regions},
					{Name: "other", Mode: ModeAsync, Authority: "north", Regions: []string{"north"}},
				},
			}
			bodies := []Body{}
			stores := []StoreSample{{Dataset: "other", Region: "north", Role: RoleAuthority, Epoch: 1}}
			for _, region := range append(regions, "north") {
				fleet.Regions = append(fleet.Regions, Region{Name: region})
				bodies = append(bodies, RegionJudged{Region: region, Up: true})
			}
			for i, region := range regions {
				stores = append(stores, StoreSample{Dataset: "orders", Region: region, Epoch: 1, Role: []Role{RoleAuthority, RoleFollower, RoleFollower}[i]})
			}
			bodies = append([]Body{DrillStarted{Fleet: fleet}}, bodies...)
			bodies = append(bodies, StoresSampled{Stores: stores, AtRisk: map[string]uint64{"orders": 0}}, TrafficSampled{Window: time.Second,
				Populations: []PopulationSample{
					{Population: "writers", ServedBy: map[string]int{"north": 10}}, {Population: "strangers", ServedBy: map[string]int{"north": 10}},
				}})
			if tt.down != "" {
				bodies = append(bodies, FaultProved{ID: 1, Fault: FaultKill, Region: tt.down})
			}
			p := Predict(story(bodies...), tt.command)
			if waits := p.Waits["orders"] != ""; waits != tt.waits {
				t.Errorf("waits: %q, want %v", p.Waits["orders"], tt.waits)
			}
			hurt := tt.waits || tt.command.Verb != VerbCordon && tt.command.Region == "east"
			if want := map[bool]float64{true: 0.25, false: 0}[hurt]; p.Users["writers"] != want {
				t.Errorf("%v of the writers, want %v: half of their requests write, half of these to orders", p.Users["writers"], want)
			}
			if p.Users["strangers"] != 0 {
				t.Errorf("%v of those who never write to it", p.Users["strangers"])
			}
		})
	}
}

// A partition hurts writers on the wrong side of it, and nobody's reads.
func TestPredictedPartitions(t *testing.T) {
	both := func(a, b string) Command { return Command{Verb: VerbPartition, Between: [2]string{a, b}} }
	tests := []struct {
		name        string
		promise     Durability
		fence       bool
		command     Command
		east, south float64 // the shares of those whom these regions serve; half of their requests write
		moves       bool
		waits       bool
	}{
		{"the authority from all others", Durability{Mode: ModeAsync}, true, both("east", EndOthers), 0.5, 0.5, true, false},
		{"the same, one way", Durability{Mode: ModeAsync}, true, Command{Verb: VerbPartition, From: EndOthers, To: "east"}, 0.5, 0.5, true, false},
		{"the same, unfenced: its own users go on", Durability{Mode: ModeAsync}, false, both("east", EndOthers), 0, 0.5, true, false},
		{"the authority from the controller alone", Durability{Mode: ModeAsync}, true, both("east", EndControl), 0.5, 0.5, true, false},
		{"a follower from all others: its users' writes don't get out", Durability{Mode: ModeAsync}, true, both("south", EndOthers), 0, 0.5, false, false},
		{"one link to the authority", Durability{Mode: ModeAsync}, true, both("east", "south"), 0, 0.5, false, false},
		{"a link between followers", Durability{Mode: ModeSync, With: "west"}, true, both("west", "south"), 0, 0, false, false},
		{"the authority from sync's partner", Durability{ModeSync, "west"}, true, both("east", "west"), 0.5, 0.5, false, true},
		{"quorum keeps a majority", Durability{Mode: ModeQuorum}, true, both("east", "west"), 0, 0, false, false},
		{"the authority of a quorum", Durability{Mode: ModeQuorum}, true, both("east", EndOthers), 0.5, 0.5, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			regions := []string{"east", "west", "south"}
			fleet := Fleet{
				Failover: FailoverPolicy{Fence: tt.fence},
				Users:    []Population{{Name: "of east", Count: 1, Writes: 0.5}, {Name: "of south", Count: 1, Writes: 0.5}},
				Datasets: []Dataset{{Name: "orders", Mode: tt.promise.Mode, With: tt.promise.With, Authority: "east", Regions: regions}},
			}
			bodies := []Body{}
			var stores []StoreSample
			for i, region := range regions {
				fleet.Regions = append(fleet.Regions, Region{Name: region})
				bodies = append(bodies, RegionJudged{Region: region, Up: true})
				stores = append(stores, StoreSample{Dataset: "orders", Region: region, Epoch: 1, Role: []Role{RoleAuthority, RoleFollower, RoleFollower}[i]})
			}
			bodies = append([]Body{DrillStarted{Fleet: fleet}}, bodies...)
			bodies = append(bodies, StoresSampled{Stores: stores}, TrafficSampled{Window: time.Second, Populations: []PopulationSample{
				{Population: "of east", ServedBy: map[string]int{"east": 10}}, {Population: "of south", ServedBy: map[string]int{"south": 10}},
			}})
			p := Predict(story(bodies...), tt.command)
			if p.Users["of east"] != tt.east || p.Users["of south"] != tt.south {
				t.Errorf("hurt %v, want %v of east and %v of south", p.Users, tt.east, tt.south)
			}
			if _, moves := p.WritesAtRisk["orders"]; moves != tt.moves {
				t.Errorf("moves: %v", moves)
			}
			if waits := p.Waits["orders"] != ""; waits != tt.waits {
				t.Errorf("waits: %q", p.Waits["orders"])
			}
		})
	}
}

// A copy that is being made is no copy yet: what is left would be the last.
func TestASeedingReplicaIsNoCopy(t *testing.T) {
	s := story(
		DrillStarted{Fleet: testFleet()},
		RegionJudged{Region: "east", Up: true}, RegionJudged{Region: "west", Up: true},
		StoresSampled{Stores: []StoreSample{
			{Dataset: "orders", Region: "east", Role: RoleAuthority, Epoch: 1},
			{Dataset: "orders", Region: "west", Role: RoleFollower, Epoch: 1, Seeding: true},
		}},
	)
	if p := Predict(s, Command{Verb: VerbKill, Region: "east"}); len(p.LastCopy) != 1 {
		t.Errorf("%+v", p)
	}
}
