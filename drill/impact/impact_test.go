package impact

import (
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What a mode would lack is predicted too: its writers wait wherever they are.
func TestPredictedWaits(t *testing.T) {
	regions := []string{"east", "west", "south"}
	tests := []struct {
		name    string
		durable topology.Durability
		command runbook.Command
		down    string // a region that is away already
		waits   bool
	}{
		{"async, its authority", topology.Durability{Mode: topology.ModeAsync}, runbook.Command{Verb: runbook.VerbKill, Region: "east"}, "", false},
		{"sync, its authority: the partner takes over, the third is its partner", topology.Durability{Mode: topology.ModeSync, With: "west"}, runbook.Command{Verb: runbook.VerbKill, Region: "east"}, "", false},
		{"sync, its authority, no third", topology.Durability{Mode: topology.ModeSync, With: "west"}, runbook.Command{Verb: runbook.VerbKill, Region: "east"}, "south", true},
		{"sync, its authority while the partner is away", topology.Durability{Mode: topology.ModeSync, With: "west"}, runbook.Command{Verb: runbook.VerbKill, Region: "east"}, "west", true},
		{"sync, its partner", topology.Durability{Mode: topology.ModeSync, With: "west"}, runbook.Command{Verb: runbook.VerbFreeze, Region: "west"}, "", true},
		{"sync, its partner, cordoned: another takes its place", topology.Durability{Mode: topology.ModeSync, With: "west"}, runbook.Command{Verb: runbook.VerbCordon, Region: "west"}, "", false},
		{"sync, its partner, cordoned without another", topology.Durability{Mode: topology.ModeSync, With: "west"}, runbook.Command{Verb: runbook.VerbCordon, Region: "west"}, "south", true},
		{"sync, a third region", topology.Durability{Mode: topology.ModeSync, With: "west"}, runbook.Command{Verb: runbook.VerbKill, Region: "south"}, "", false},
		{"quorum, one", topology.Durability{Mode: topology.ModeQuorum}, runbook.Command{Verb: runbook.VerbKill, Region: "south"}, "", false},
		{"quorum, one beside a store that hangs", topology.Durability{Mode: topology.ModeQuorum}, runbook.Command{Verb: runbook.VerbKill, Region: "south"}, "west hangs", true},
		{"sync, its authority while the partner's store hangs", topology.Durability{Mode: topology.ModeSync, With: "west"}, runbook.Command{Verb: runbook.VerbKill, Region: "east"}, "west hangs", true},
		{"async, its authority beside a store that hangs", topology.Durability{Mode: topology.ModeAsync}, runbook.Command{Verb: runbook.VerbKill, Region: "east"}, "west hangs", false},
		{"quorum, a second", topology.Durability{Mode: topology.ModeQuorum}, runbook.Command{Verb: runbook.VerbKill, Region: "south"}, "west", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fleet := topology.Fleet{
				Routing:  topology.Routing{Probe: topology.DefaultProbe},
				Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease},
				Users: []topology.Population{
					{Name: "writers", Count: 10000, Rate: 10, Writes: 0.5, Timeout: 2 * time.Second, Datasets: []string{"orders", "other"}},
					{Name: "strangers", Count: 10000, Rate: 10, Writes: 0.5, Timeout: 2 * time.Second, Datasets: []string{"other"}},
				},
				Datasets: []topology.Dataset{
					{Name: "orders", Mode: tt.durable.Mode, With: tt.durable.With, Authority: "east", Regions: regions},
					{Name: "other", Mode: topology.ModeAsync, Authority: "north", Regions: []string{"north"}},
				},
			}
			bodies := []drill.Body{}
			stores := []telemetry.Replica{{Dataset: "other", Region: "north", Role: role.Authority, Epoch: 1}}
			for _, region := range append(regions, "north") {
				fleet.Regions = append(fleet.Regions, topology.Region{Name: region})
				bodies = append(bodies, drill.RegionJudged{Region: region, Up: true})
			}
			for i, region := range regions {
				stores = append(stores, telemetry.Replica{Dataset: "orders", Region: region, Epoch: 1, Role: []role.Role{role.Authority, role.Follower, role.Follower}[i]})
			}
			bodies = append([]drill.Body{drill.DrillStarted{Fleet: fleet}}, bodies...)
			bodies = append(bodies, drill.StoresSampled{Stores: stores, AtRisk: map[string]uint64{"orders": 0}}, drill.TrafficSampled{Window: time.Second,
				Populations: []telemetry.Population{
					{Population: "writers", ServedBy: map[string]int{"north": 10}}, {Population: "strangers", ServedBy: map[string]int{"north": 10}},
				}})
			if region, hangs := strings.CutSuffix(tt.down, " hangs"); hangs {
				bodies = append(bodies, drill.StoreStalled{Dataset: "orders", Region: region, Role: role.Follower})
			} else if tt.down != "" {
				bodies = append(bodies, drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: tt.down})
			}
			p := predict(story(bodies...), tt.command)
			if waits := p.Waits["orders"] != ""; waits != tt.waits {
				t.Errorf("waits: %q, want %v", p.Waits["orders"], tt.waits)
			}
			// Half of their requests write, half of these to orders. Where nothing ends the wait
			// within the model that share of them is affected, else less; a cordon of the
			// authority stops writes for a moment.
			least, most := 0.0, 0.0
			switch {
			case tt.waits:
				least, most = 0.15, 0.26
			case tt.command.Verb != runbook.VerbCordon && tt.command.Region == "east":
				least, most = 0.05, 0.25
			}
			if got := p.Users["writers"]; got < least || got > most {
				t.Errorf("%v of the writers, want %v to %v", got, least, most)
			}
			if p.Users["strangers"] != 0 {
				t.Errorf("%v of those who never write to it", p.Users["strangers"])
			}
		})
	}
}

// A partition hurts writers on the wrong side of it, and nobody's reads.
func TestPredictedPartitions(t *testing.T) {
	both := func(a, b string) runbook.Command {
		return runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{a, b}}
	}
	tests := []struct {
		name        string
		durable     topology.Durability
		fence       bool
		command     runbook.Command
		east, south float64 // the shares of those whom these regions serve; half of their requests write
		moves       bool
		waits       bool
	}{
		{"the authority from all others", topology.Durability{Mode: topology.ModeAsync}, true, both("east", topology.EndOthers), 0.5, 0.5, true, false},
		{"the same, one way", topology.Durability{Mode: topology.ModeAsync}, true, runbook.Command{Verb: runbook.VerbPartition, From: topology.EndOthers, To: "east"}, 0.5, 0.5, true, false},
		{"the same, unfenced: its own users go on", topology.Durability{Mode: topology.ModeAsync}, false, both("east", topology.EndOthers), 0, 0.5, true, false},
		{"the authority from the controller alone", topology.Durability{Mode: topology.ModeAsync}, true, both("east", topology.EndControl), 0.5, 0.5, true, false},
		{"a follower from all others: its users' writes don't get out", topology.Durability{Mode: topology.ModeAsync}, true, both("south", topology.EndOthers), 0, 0.5, false, false},
		{"one link to the authority", topology.Durability{Mode: topology.ModeAsync}, true, both("east", "south"), 0, 0.5, false, false},
		{"a link between followers", topology.Durability{Mode: topology.ModeSync, With: "west"}, true, both("west", "south"), 0, 0, false, false},
		{"the authority from sync's partner", topology.Durability{Mode: topology.ModeSync, With: "west"}, true, both("east", "west"), 0.5, 0.5, false, true},
		{"quorum keeps a majority", topology.Durability{Mode: topology.ModeQuorum}, true, both("east", "west"), 0, 0, false, false},
		{"the authority of a quorum", topology.Durability{Mode: topology.ModeQuorum}, true, both("east", topology.EndOthers), 0.5, 0.5, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			regions := []string{"east", "west", "south"}
			fleet := topology.Fleet{
				Routing:  topology.Routing{Probe: topology.DefaultProbe},
				Failover: topology.FailoverPolicy{Fence: tt.fence, Lease: topology.DefaultLease},
				Users:    []topology.Population{{Name: "of east", Count: 5000, Rate: 10, Writes: 0.5, Timeout: 2 * time.Second}, {Name: "of south", Count: 5000, Rate: 10, Writes: 0.5, Timeout: 2 * time.Second}},
				Datasets: []topology.Dataset{{Name: "orders", Mode: tt.durable.Mode, With: tt.durable.With, Authority: "east", Regions: regions}},
			}
			bodies := []drill.Body{}
			var stores []telemetry.Replica
			for i, region := range regions {
				fleet.Regions = append(fleet.Regions, topology.Region{Name: region})
				bodies = append(bodies, drill.RegionJudged{Region: region, Up: true})
				stores = append(stores, telemetry.Replica{Dataset: "orders", Region: region, Epoch: 1, Role: []role.Role{role.Authority, role.Follower, role.Follower}[i]})
			}
			bodies = append([]drill.Body{drill.DrillStarted{Fleet: fleet}}, bodies...)
			bodies = append(bodies, drill.StoresSampled{Stores: stores}, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{
				{Population: "of east", ServedBy: map[string]int{"east": 10}}, {Population: "of south", ServedBy: map[string]int{"south": 10}},
			}})
			p := predict(story(bodies...), tt.command)
			for name, ever := range map[string]float64{"of east": tt.east, "of south": tt.south} {
				if got := p.Users[name]; (got > 0) != (ever > 0) || got > ever+0.01 {
					t.Errorf("%v affected %s, want up to %v: those who write before another leads", got, name, ever)
				}
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
		drill.DrillStarted{Fleet: twoRegions()},
		drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
		drill.StoresSampled{Stores: []telemetry.Replica{
			{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1},
			{Dataset: "orders", Region: "west", Role: role.Follower, Epoch: 1, Seeding: true},
		}},
	)
	if p := predict(s, runbook.Command{Verb: runbook.VerbKill, Region: "east"}); len(p.LastCopy) != 1 {
		t.Errorf("%+v", p)
	}
}

func TestPredictedImpact(t *testing.T) {
	sample := func(name string, east, west int) telemetry.Population {
		return telemetry.Population{Population: name, ServedBy: map[string]int{"east": east, "west": west}}
	}
	s := story(
		drill.DrillStarted{Fleet: twoRegions()},
		drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
		drill.StoresSampled{
			Stores: []telemetry.Replica{
				{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1},
				{Dataset: "orders", Region: "west", Role: role.Follower, Epoch: 1},
			},
			AtRisk: map[string]uint64{"orders": 4},
		},
		drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{sample("near", 10, 0), sample("far", 0, 10)}},
	)
	// Requests hang for two seconds: the last that fails was sent just before another region
	// leads, after 1.5 s, so users have recovered after 3.5 s. Until then near's fail for as long
	// as east is not known to be down (1.125 s), and after that its writes; far's writes
	// fail all the while.
	p := predict(s, runbook.Command{Verb: runbook.VerbKill, Region: "east"})
	for name, want := range map[string]float64{"near": (1.125 + 0.375*0.25) / 3.5, "far": 1.5 * 0.25 / 3.5} {
		if got := p.Users[name]; math.Abs(got-want) > 0.02 {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if want := (p.Users["near"] + 3*p.Users["far"]) / 4; math.Abs(p.Share-want) > 0.01 {
		t.Errorf("share %v of all, want %v", p.Share, want)
	}
	if n := p.WritesAtRisk["orders"]; n == nil || *n < 4 || *n > 30 {
		t.Errorf("at most lost: %v, 4 were at risk at 10 writes a second", n)
	}
	if len(p.LastCopy) != 0 {
		t.Errorf("last copy %v, but west has one", p.LastCopy)
	}
	if p := predict(s, runbook.Command{Verb: runbook.VerbKill, Region: "west"}); p.Users["near"] != 0 || p.Users["far"] < 0.2 || len(p.WritesAtRisk) != 0 {
		t.Errorf("killing a follower: %+v", p)
	}
	if p := predict(s, runbook.Command{Verb: runbook.VerbCordon, Region: "east"}); p.Share > 0.1 || *p.WritesAtRisk["orders"] != 0 {
		t.Errorf("a cordon moves the authority first: %+v", p)
	}
	s.Apply(drill.Event{Seq: 50, Body: drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "west"}})
	if p := predict(s, runbook.Command{Verb: runbook.VerbKill, Region: "east"}); len(p.LastCopy) != 1 {
		t.Errorf("the last copy is not named: %+v", p)
	}
}

// What is at risk grows by every write while the replica is cut off, so the sample's age counts.
func TestWhatIsAtRiskGrowsWhileTheReplicaIsCutOff(t *testing.T) {
	most := func(cut bool) uint64 {
		bodies := []drill.Body{
			drill.DrillStarted{Fleet: twoRegions()},
			drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
			drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "near", ServedBy: map[string]int{"east": 10}}}},
		}
		if cut {
			bodies = append(bodies, drill.FaultProved{ID: 1, Fault: drill.FaultPartition, Between: []string{"east", "west"}})
		} else {
			bodies = append(bodies, drill.LinksSampled{})
		}
		s := story(append(bodies, drill.StoresSampled{AtRisk: map[string]uint64{"orders": 100}, Stores: []telemetry.Replica{
			{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}, {Dataset: "orders", Region: "west", Role: role.Follower, Epoch: 1},
		}})...)
		s.Populations[0].Spec.Rate = 1600 // 400 writes a second
		s.Apply(drill.Event{Seq: 50, T: s.Now + 450*time.Millisecond, Body: drill.LinksSampled{}})
		n := predict(s, runbook.Command{Verb: runbook.VerbKill, Region: "east"}).WritesAtRisk["orders"]
		if n == nil {
			t.Fatal("no bound")
		}
		return *n
	}
	if followed, alone := most(false), most(true); followed > 100+100 || alone < followed+180 {
		t.Errorf("at most %d where a replica follows, %d where it is cut off, 450 ms after the sample at 400 writes a second", followed, alone)
	}
}

// story applies bodies a tenth of a second apart, from T = 0.1 s.
func story(bodies ...drill.Body) *drill.State {
	s := drill.NewState()
	for i, b := range bodies {
		s.Apply(drill.Event{Seq: uint64(i + 1), T: time.Duration(i+1) * 100 * time.Millisecond, Body: b})
	}
	return s
}

func twoRegions() topology.Fleet {
	return topology.Fleet{
		Name:    "two",
		Regions: []topology.Region{{Name: "east"}, {Name: "west"}},
		Users: []topology.Population{
			{Name: "near", Count: 10000, Rate: 10, Writes: 0.25, Timeout: 2 * time.Second},
			{Name: "far", Count: 30000, Rate: 30, Writes: 0.25, Timeout: 2 * time.Second},
		},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
		Routing:  topology.Routing{Probe: topology.DefaultProbe},
		Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease},
	}
}

// A cut-off authority acknowledges until its lease is over, and all of that is lost.
func TestMostLostOfACutOffAuthority(t *testing.T) {
	bound := func(change func(*topology.Fleet)) *uint64 {
		fleet := twoRegions()
		change(&fleet)
		s := story(
			drill.DrillStarted{Fleet: fleet},
			drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
			drill.StoresSampled{
				Stores: []telemetry.Replica{
					{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1},
					{Dataset: "orders", Region: "west", Role: role.Follower, Epoch: 1},
				},
				AtRisk: map[string]uint64{"orders": 0},
			},
			drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{
				{Population: "near", ServedBy: map[string]int{"east": 10}}, {Population: "far", ServedBy: map[string]int{"west": 10}},
			}},
		)
		return predict(s, runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{"east", topology.EndOthers}}).WritesAtRisk["orders"]
	}
	near := func(rate float64) func(*topology.Fleet) {
		return func(f *topology.Fleet) { f.Users[0].Rate, f.Users[1].Rate = rate, 0 }
	}
	// 100 requests a second, a quarter of them writes, for a lease of 1.5 s.
	if n := bound(near(100)); n == nil || *n < 38 || *n > 80 {
		t.Errorf("%v, want 37.5 and some deviations", n)
	}
	if slow, fast := bound(near(10)), bound(near(100)); *slow >= *fast {
		t.Errorf("%d at a tenth of the rate of %d", *slow, *fast)
	}
	if n := bound(func(f *topology.Fleet) { f.Failover.Lease = 0; f.Users[1].Rate = 0 }); *n > 10 {
		t.Errorf("%d without a lease", *n)
	}
	sync := func(f *topology.Fleet) {
		f.Datasets[0].Mode, f.Datasets[0].With = topology.ModeSync, "west"
	}
	if n := bound(sync); n == nil || *n != 0 {
		t.Errorf("%v of sync, which acknowledges nothing alone", n)
	}
	if n := bound(func(f *topology.Fleet) { f.Failover.Fence, f.Failover.Decide = false, "operator" }); n != nil {
		t.Errorf("%d, but nobody stops it", *n)
	}
}

// predict predicts with the effect that the command's action gives it.
func predict(s *drill.State, c runbook.Command) runbook.Impact { return Predict(s, c, effectOf(s, c)) }

func effectOf(s *drill.State, c runbook.Command) runbook.Effect {
	switch c.Verb {
	case runbook.VerbCordon:
		return runbook.Effect{Empties: []string{c.Region}, Undo: runbook.VerbUncordon}
	case runbook.VerbPartition:
		return runbook.Effect{Cuts: c.Ways(), Undo: runbook.VerbHeal}
	case "brownout":
		return runbook.Effect{Reshapes: c.Ways(), Shape: c.Shape, Undo: "clear"}
	}
	return runbook.Effect{Stops: s.Fleet.Domain(c.Region), Still: c.Verb == runbook.VerbFreeze, Undo: runbook.VerbRestore}
}

// A kill takes the regions away that share a cluster.
func TestAFailureDomainGoesAsAWhole(t *testing.T) {
	fleet := twoRegions()
	fleet.Regions = []topology.Region{{Name: "east", Cluster: "one"}, {Name: "west", Cluster: "one"}, {Name: "south"}}
	fleet.Datasets[0].Regions = []string{"east", "west", "south"}
	var stores []telemetry.Replica
	bodies := []drill.Body{drill.DrillStarted{Fleet: fleet}}
	for _, r := range fleet.Regions {
		is := role.Follower
		if r.Name == "east" {
			is = role.Authority
		}
		stores = append(stores, telemetry.Replica{Dataset: "orders", Region: r.Name, Role: is, Epoch: 1})
		bodies = append(bodies, drill.RegionJudged{Region: r.Name, Up: true})
	}
	bodies = append(bodies, drill.StoresSampled{Stores: stores}, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{
		{Population: "near", ServedBy: map[string]int{"south": 10}}, {Population: "far", ServedBy: map[string]int{"west": 10}},
	}})
	s := story(bodies...)
	p := predict(s, runbook.Command{Verb: runbook.VerbKill, Region: "west"})
	if _, moves := p.WritesAtRisk["orders"]; !moves {
		t.Error("east, which leads and shares west's cluster, is not predicted to be lost")
	}
	if p.Users["near"] == 0 || p.Users["far"] < 0.25 {
		t.Errorf("users %v", p.Users)
	}
	if p := predict(s, runbook.Command{Verb: runbook.VerbCordon, Region: "west"}); len(p.WritesAtRisk) != 0 {
		t.Errorf("a cordon empties one region: %+v", p)
	}
}

// A write over a slow link takes the way to the authority and what its durability waits
// for, and is refused once a region has waited long enough for it.
func TestAWriteOverASlowLinkWaitsForItsCopies(t *testing.T) {
	predicted := func(mode topology.Mode, rtt time.Duration) float64 {
		slow := 900 * time.Millisecond
		fleet := topology.Fleet{
			Regions:  []topology.Region{{Name: "east"}, {Name: "west"}, {Name: "south"}},
			Links:    []topology.Link{{Between: [2]string{"east", "west"}, RTT: rtt}, {Between: [2]string{"east", "south"}, RTT: 2 * rtt}, {Between: [2]string{"south", "west"}, RTT: rtt}},
			Routing:  topology.Routing{Probe: topology.DefaultProbe},
			Users:    []topology.Population{{Name: "far", Count: 1000, Rate: 100, Writes: 1, Timeout: 2 * time.Second}},
			Datasets: []topology.Dataset{{Name: "orders", Mode: mode, With: "south", Authority: "east", Regions: []string{"east", "west", "south"}}},
		}
		s := drill.NewState()
		for i, b := range []drill.Body{
			drill.DrillStarted{Fleet: fleet},
			drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true}, drill.RegionJudged{Region: "south", Up: true},
			drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}}},
			drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "far", ServedBy: map[string]int{"west": 10}, Slow: &slow}}},
		} {
			s.Apply(drill.Event{Seq: uint64(i + 1), T: time.Duration(i) * time.Second, Body: b})
		}
		return predict(s, runbook.Command{Verb: "brownout", Between: [2]string{"east", "west"}, Shape: topology.Shape{RTT: rtt}}).Share
	}
	tests := []struct {
		name  string
		mode  topology.Mode
		rtt   time.Duration
		wants float64
	}{
		{"async waits for the way alone", topology.ModeAsync, 400 * time.Millisecond, 0},
		{"quorum waits for the nearest copy too", topology.ModeQuorum, 400 * time.Millisecond, 0},
		{"sync waits for its partner, too long", topology.ModeSync, 400 * time.Millisecond, 1},
		{"the way alone is slower than the threshold", topology.ModeAsync, 950 * time.Millisecond, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := predicted(tt.mode, tt.rtt); math.Abs(got-tt.wants) > 0.01 {
				t.Errorf("%.2f of the users, want %.2f", got, tt.wants)
			}
		})
	}
}

// Where users go next is what the fleet's policy says: the first that is up, or the nearest.
func TestUsersGoWhereThePolicySendsThem(t *testing.T) {
	slow := 100 * time.Millisecond
	share := func(rule string) float64 {
		fleet := twoRegions()
		fleet.Regions = []topology.Region{{Name: "east"}, {Name: "far-off"}, {Name: "close-by"}}
		fleet.Datasets = nil
		fleet.Routing.Policy, fleet.Routing.DNSTTL = rule, 0
		fleet.Users = fleet.Users[:1]
		fleet.Users[0].RTT = map[string]time.Duration{"far-off": 300 * time.Millisecond, "close-by": 20 * time.Millisecond}
		s := story(drill.DrillStarted{Fleet: fleet},
			drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "far-off", Up: true}, drill.RegionJudged{Region: "close-by", Up: true},
			drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "near", ServedBy: map[string]int{"east": 10}, Slow: &slow}}})
		return predict(s, runbook.Command{Verb: runbook.VerbKill, Region: "east"}).Users["near"]
	}
	if nearest, failover := share("nearest"), share("failover"); failover < nearest+0.3 {
		t.Errorf("%v affected where the far region is next, %v where the close one is: who is sent far has slow answers", failover, nearest)
	}
}

// A TTL of a day is no reason to follow users for a day: a dialog predicts with every frame.
func TestALongTTLIsNotFollowedToItsEnd(t *testing.T) {
	allocated := func(ttl time.Duration) uint64 {
		fleet := twoRegions()
		fleet.Routing.DNSTTL = ttl
		s := story(drill.DrillStarted{Fleet: fleet}, drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		predict(s, runbook.Command{Verb: runbook.VerbKill, Region: "east"})
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	if most, got := 2*allocated(mostMoved), allocated(3*mostMoved); got > most {
		t.Errorf("a TTL of %s takes %d bytes, one of %s at most %d", 3*mostMoved, got, mostMoved, most)
	}
}

// Who leads next is sync's partner, else the newest replica, and of equals the nearest.
func TestSuccessor(t *testing.T) {
	for name, tt := range map[string]struct {
		mode        topology.Durability
		west, south uint64 // how far their replicas reach
		want        string
	}{
		"equals":                        {topology.Durability{Mode: topology.ModeAsync}, 7, 7, "south"},
		"the newest":                    {topology.Durability{Mode: topology.ModeAsync}, 8, 7, "west"},
		"sync's partner, whoever leads": {topology.Durability{Mode: topology.ModeSync, With: "west"}, 7, 8, "west"},
	} {
		fleet := twoRegions()
		fleet.Regions = append(fleet.Regions, topology.Region{Name: "south"})
		fleet.Links = []topology.Link{{Between: [2]string{"east", "west"}, RTT: 80 * time.Millisecond}, {Between: [2]string{"south", "east"}, RTT: 20 * time.Millisecond}}
		fleet.Datasets[0].Regions = []string{"east", "west", "south"}
		fleet.Datasets[0].Mode, fleet.Datasets[0].With = tt.mode.Mode, tt.mode.With
		s := story(drill.DrillStarted{Fleet: fleet},
			drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true}, drill.RegionJudged{Region: "south", Up: true},
			drill.StoresSampled{Stores: []telemetry.Replica{
				{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1, Position: 9},
				{Dataset: "orders", Region: "west", Role: role.Follower, Epoch: 1, Position: tt.west},
				{Dataset: "orders", Region: "south", Role: role.Follower, Epoch: 1, Position: tt.south},
			}})
		if o := outcomeOf(s, s.Dataset("orders"), runbook.Effect{Stops: []string{"east"}}); o.to != tt.want {
			t.Errorf("%s: %s leads next, want %s", name, o.to, tt.want)
		}
	}
}

// What is broken on links already is part of what is predicted: a slow link has more on its
// way when its authority dies, and a cut one keeps writes from the authority.
func TestAPredictionStandsOnWhatIsBroken(t *testing.T) {
	slow := 500 * time.Millisecond
	after := func(faults ...drill.Body) *drill.State {
		fleet := twoRegions()
		fleet.Regions = append(fleet.Regions, topology.Region{Name: "south"})
		fleet.Links = []topology.Link{{Between: [2]string{"east", "west"}, RTT: 80 * time.Millisecond}, {Between: [2]string{"east", "south"}, RTT: 200 * time.Millisecond}}
		fleet.Datasets[0].Regions = []string{"east", "west", "south"}
		bodies := []drill.Body{drill.DrillStarted{Fleet: fleet},
			drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true}, drill.RegionJudged{Region: "south", Up: true},
			drill.StoresSampled{AtRisk: map[string]uint64{"orders": 0}, Stores: []telemetry.Replica{
				{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}, {Dataset: "orders", Region: "west", Epoch: 1}, {Dataset: "orders", Region: "south", Epoch: 1}}},
			drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{
				{Population: "near", ServedBy: map[string]int{"east": 10}, Slow: &slow}, {Population: "far", ServedBy: map[string]int{"west": 10}, Slow: &slow}}}}
		return story(append(bodies, faults...)...)
	}
	brownout := func(id int, oneWay bool) drill.Body {
		return drill.FaultProved{ID: id, Fault: "brownout", Between: []string{"east", topology.EndOthers}, OneWay: oneWay, Shape: topology.Shape{RTT: 800 * time.Millisecond}}
	}
	kill := runbook.Command{Verb: runbook.VerbKill, Region: "east"}
	lost := func(faults ...drill.Body) uint64 { return *predict(after(faults...), kill).WritesAtRisk["orders"] }
	clean, over := lost(), lost(brownout(1, false), drill.FaultLifted{ID: 1})
	if open, half := lost(brownout(1, false)), lost(brownout(1, true)); over != clean || half <= clean || open <= half {
		t.Errorf("at most %d lost, %d after a brownout, %d in one, %d in one that goes one way", clean, over, open, half)
	}
	// Of a kill that affects nobody else, the writes that a standing brownout or cut hits are there to be seen.
	kill.Region = "south"
	far := func(faults ...drill.Body) float64 { return predict(after(faults...), kill).Users["far"] }
	cut := drill.FaultProved{ID: 1, Fault: drill.FaultPartition, Between: []string{"east", "west"}}
	if clean := far(); clean != 0 || far(brownout(1, false)) < 0.1 || far(cut) < 0.1 {
		t.Errorf("%v affected, %v in a brownout, %v where the link is cut", clean, far(brownout(1, false)), far(cut))
	}
}

// A prediction is written as what is measured is: a share below ten with its tenth, one write in
// the singular.
func TestLinesAreFormatted(t *testing.T) {
	one := uint64(1)
	for by, near := range map[string]string{
		"east": "about 3.4 % in near: east answers them now",
		"west": "about 3.4 % in near: their writes go to east", // and of 0 % nothing is said
	} {
		s := story(drill.DrillStarted{Fleet: twoRegions()}, drill.AuthorityTook{Dataset: "orders", Region: "east", Epoch: 1},
			drill.TrafficSampled{Populations: []telemetry.Population{{Population: "near", ServedBy: map[string]int{by: 9}}}})
		text := strings.Join(lines(s, runbook.Command{Verb: runbook.VerbKill, Region: "east"}, runbook.Effect{Stops: []string{"east"}}, runbook.Impact{
			Users: map[string]float64{"near": 0.034}, WritesAtRisk: map[string]*uint64{"orders": &one}, RTO: 1480 * time.Millisecond}, nil), "\n")
		for _, want := range []string{near, "at most 1 write lost, no writes for about 1.5 s (RTO)"} {
			if !strings.Contains(text, want) {
				t.Errorf("nothing says %q in\n%s", want, text)
			}
		}
	}
}
