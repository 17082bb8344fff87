package impact

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/impact/ahead"
	"github.com/fleetdrill/fleetdrill/drill/impact/rollout"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// governed is two regions that a repository governs: americas are served by east, which leads orders, and as many in europe by west.
// Each user asks about once in ten seconds.
func governed(how topology.Config, more ...drill.Body) *drill.State {
	rtt := func(east, west time.Duration) map[string]time.Duration {
		return map[string]time.Duration{"east": east * time.Millisecond, "west": west * time.Millisecond}
	}
	f := topology.Fleet{
		Regions:  []topology.Region{{Name: "east"}, {Name: "west"}},
		Links:    []topology.Link{{Between: [2]string{"east", "west"}, RTT: 20 * time.Millisecond}},
		Routing:  topology.Routing{Policy: "nearest", Entry: topology.EntryLB, Probe: topology.DefaultProbe},
		Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease},
		Users: []topology.Population{
			{Name: "americas", Count: 1000, Rate: 100, Writes: 0.25, Timeout: 2 * time.Second, RTT: rtt(5, 30)},
			{Name: "europe", Count: 1000, Rate: 100, Writes: 0.25, Timeout: 2 * time.Second, RTT: rtt(30, 5)},
		},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
		Web:      topology.Web{Replicas: 4, Capacity: 600},
		Config:   &how,
	}
	s := drill.NewState()
	slow := 500 * time.Millisecond
	bodies := []drill.Body{drill.DrillStarted{Fleet: f}, drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
		drill.StoresSampled{AtRisk: map[string]uint64{"orders": 0}, Stores: []telemetry.Replica{
			{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}, {Dataset: "orders", Region: "west", Role: role.Follower, Epoch: 1}}},
		drill.Configured{News: config.Committed{Revision: config.Revision{Hash: "first", Author: config.Author}}},
		drill.Configured{News: config.Released{Revision: "first", Of: 1, Regions: []string{"east", "west"}}},
		drill.Configured{News: config.Applied{Region: "east", Revision: "first"}}, drill.Configured{News: config.Applied{Region: "west", Revision: "first"}},
	}
	for i, b := range append(bodies, more...) {
		s.Apply(drill.Event{Seq: uint64(i + 1), Body: b})
	}
	for i, p := range s.Populations {
		region := []string{"east", "west"}[i]
		p.Region, p.Last = region, &telemetry.Population{Population: p.Spec.Name, Slow: &slow, ServedBy: map[string]int{region: 10}}
	}
	return s
}

var (
	pulled = topology.Config{Mode: topology.ConfigPull, Every: time.Second}
	byHand = topology.Config{Mode: topology.ConfigManual}
	waved  = topology.Config{Mode: topology.ConfigPull, Every: time.Second, Waves: [][]string{{"west"}, {"east"}}, Gate: &topology.ConfigGate{Success: 0.99, For: 2 * time.Second}}
	pushed = topology.Config{Mode: topology.ConfigHub, Every: time.Second}
)

func setTo(f config.Field, value string) []config.Field {
	f.Wanted = value
	return []config.Field{f}
}

func edited(region, kind string) drill.Body {
	e, err := config.EditOf(kind, 1, []string{"orders"})
	if err != nil {
		panic(err)
	}
	fields := e.Fields()
	for i := range fields { // as what it had is told: 4 replicas, and objects that were there
		fields[i].Actual = fields[i].Wanted
		fields[i].Wanted = "there"
		if fields[i].Path == config.Replicas().Path {
			fields[i].Wanted = "4"
		}
	}
	return drill.Configured{News: config.Edited{Region: region, Fields: fields}}
}

func said(p runbook.Impact) string { return strings.Join(p.Lines, "\n") }

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 0.03 {
		t.Errorf("%s: %.3f, want about %.3f", what, got, want)
	}
}

// askedOf is the share of those who ask within a time who ask within a part of it.
func askedOf(part, of time.Duration) float64 {
	return (1 - math.Exp(-part.Seconds()/10)) / (1 - math.Exp(-of.Seconds()/10))
}

// A version that fails every request hurts who is sent to the regions that it reaches: all of them at once, or those of the first
// wave, before whose gate it is held. Nobody reconciles in manual mode, so nobody is hurt.
func TestWhatABadCommitIsPredictedToDo(t *testing.T) {
	commit := runbook.Command{Verb: runbook.VerbCommit, Text: "version v2-bad"}
	bad := setTo(config.Variable(config.EnvVersion), "v2-bad")
	predict := func(how topology.Config, region string) runbook.Impact {
		return PredictCommit(governed(how), commit, region, bad, runbook.VerbRevert)
	}
	all := predict(pulled, "")
	// They have it for ten seconds, of those until the last of them has had it taken back.
	hurt := askedOf(ahead.DefaultUndone, ahead.DefaultUndone+2*time.Second/3)
	near(t, "all at once", all.Share, hurt)
	if want := "east and west have it within 1.0 s"; !strings.Contains(said(all), want) || !strings.Contains(said(all), "v2-bad of its web tier fails every request") {
		t.Errorf("all at once:\n%s", said(all))
	}
	planned := governed(pulled)
	planned.Plan = &runbook.Plan{Steps: []runbook.Step{{Command: commit}, {At: 4 * time.Second, Command: runbook.Command{Verb: runbook.VerbRevert}}}}
	soon := PredictCommit(planned, commit, "", bad, runbook.VerbRevert)
	near(t, "taken back after four seconds", soon.Share, askedOf(4*time.Second, 4*time.Second+2*time.Second/3))
	wave := predict(waved, "")
	near(t, "americas of a held wave", wave.Users["americas"], 0)
	near(t, "europe of the first wave", wave.Users["europe"], askedOf(ahead.DefaultUndone, ahead.DefaultUndone+time.Second/2))
	for _, want := range []string{"west first, within 1.0 s", "the gate holds it before east: it asks for 99 % of requests answered"} {
		if !strings.Contains(said(wave), want) {
			t.Errorf("it lacks %q:\n%s", want, said(wave))
		}
	}
	one := predict(waved, "east")
	near(t, "europe of a commit for east", one.Users["europe"], 0)
	if one.Users["americas"] < 0.5 {
		t.Errorf("americas of a commit for east: %.2f", one.Users["americas"])
	}
	if none := predict(byHand, ""); none.Share != 0 || !strings.Contains(said(none), "no region gets it by itself") {
		t.Errorf("manual: %.2f\n%s", none.Share, said(none))
	}
}

// What nobody can know of a version is not predicted: whom it could hurt is said.
func TestWhatAnUnknownCommitIsPredictedToDo(t *testing.T) {
	p := PredictCommit(governed(waved), runbook.Command{}, "", setTo(config.Variable(config.EnvVersion), "v2"), runbook.VerbRevert)
	if p.Share != 0 || !strings.Contains(said(p), "no user is predicted to be hurt") || !strings.Contains(said(p), "if it is bad: 50 % of users are sent to west") {
		t.Errorf("%.2f\n%s", p.Share, said(p))
	}
	small := PredictCommit(governed(pulled), runbook.Command{}, "", setTo(config.Variable(config.EnvCapacity), "5"), runbook.VerbRevert)
	if small.Share < 0.5 {
		t.Errorf("with 20 requests taken a second of 100 that come, %.2f of users are hurt", small.Share)
	}
	flag := PredictCommit(governed(pulled), runbook.Command{}, "", setTo(config.FlagField(config.FlagReadOnly), "true"), runbook.VerbRevert)
	near(t, "a flag that refuses every fourth request for ten seconds", flag.Share, askedOf(ahead.DefaultUndone/4, ahead.DefaultUndone+2*time.Second/3))
}

// A failover to a region that somebody changed by hand meets what that region refuses, unless its reconciler is faster.
func TestAFailoverToADriftedRegion(t *testing.T) {
	kill := runbook.Command{Verb: runbook.VerbKill, Region: "east"}
	effect := runbook.Effect{Stops: []string{"east"}, Undo: runbook.VerbRestore}
	sound := Predict(governed(byHand), kill, effect)
	if strings.Contains(said(sound), "takes over") {
		t.Errorf("nothing drifted:\n%s", said(sound))
	}
	for kind, want := range map[string]string{
		config.DriftRole:  "west, which takes over: no role lets orders be written",
		config.DriftFlag:  "west, which takes over: the flag read-only refuses its users' writes",
		config.DriftScale: "west, which takes over: it has 1 of 4 web replicas, by a change by hand",
	} {
		more := []drill.Body{edited("west", kind)}
		if kind == config.DriftScale {
			more = append(more, drill.RegionScaled{Region: "west", Was: 4, Replicas: 1})
		}
		stays := Predict(governed(byHand, more...), kill, effect)
		if !strings.Contains(said(stays), want) {
			t.Errorf("%s: it lacks %q:\n%s", kind, want, said(stays))
		}
		if stays.Users["europe"] < sound.Users["europe"]+0.1 {
			t.Errorf("%s: of europe %.2f are hurt, and %.2f without it", kind, stays.Users["europe"], sound.Users["europe"])
		}
		if mended := Predict(governed(pulled, more...), kill, effect); mended.Users["europe"] > stays.Users["europe"]-0.05 {
			t.Errorf("%s: put right within a second, of europe %.2f are hurt, and %.2f where it stays", kind, mended.Users["europe"], stays.Users["europe"])
		}
	}
	for kind, want := range map[string]string{ // which matter once there is a third region
		config.DriftPolicy: "no network policy lets it talk to other regions",
		config.DriftSecret: "other regions take none of its writes, and it none of theirs: its credentials were rotated by hand",
	} {
		if p := Predict(governed(byHand, edited("west", kind)), kill, effect); !strings.Contains(said(p), want) {
			t.Errorf("it lacks %q:\n%s", want, said(p))
		}
	}
}

// A change by hand in a region that nobody fails over to yet costs nobody; what it will cost is said.
func TestWhatAChangeByHandIsPredictedToDo(t *testing.T) {
	lines := func(how topology.Config, region, kind string) []string {
		e, err := config.EditOf(kind, 1, []string{"orders"})
		if err != nil {
			t.Fatal(err)
		}
		return DriftLines(governed(how), runbook.Command{Region: region}, e.Fields())
	}
	if got := lines(byHand, "west", config.DriftRole); !slices.Equal(got, []string{"no user is predicted to be hurt now",
		"a failover there meets this: no role lets orders be written", "nobody puts it right: the fleet is in manual mode"}) {
		t.Errorf("a role in the standby: %q", got)
	}
	if got := lines(pulled, "west", config.DriftScale); !slices.Equal(got, []string{"no user is predicted to be hurt now",
		"a failover there meets this: it has 1 of 4 web replicas, by a change by hand", "its reconciler puts it right within 1.0 s"}) {
		t.Errorf("a scaled standby: %q", got)
	}
	for _, region := range []string{"west", "east"} { // the leader takes no writes of west, or west's are taken by nobody
		got := lines(byHand, region, config.DriftSecret)
		if len(got) < 2 || !strings.HasPrefix(got[0], "will hurt about ") || !strings.Contains(got[1], "europe") || strings.Contains(strings.Join(got, " "), "americas") {
			t.Errorf("rotated credentials of %s, over which a quarter of europe's requests are refused: %q", region, got)
		}
	}
	if got := lines(byHand, "east", config.DriftRole); !strings.HasPrefix(got[0], "will hurt about ") || !strings.HasPrefix(got[1], "about ") || !strings.HasPrefix(got[2], "about ") {
		t.Errorf("a role of the leader, who takes everybody's writes: %q", got)
	}
}

// Taking a commit back is said by region: who has it, and who keeps it since nobody reconciles there.
func TestWhatARevertIsPredictedToDo(t *testing.T) {
	bad := []drill.Body{drill.Configured{News: config.Committed{Revision: config.Revision{Hash: "bad"}}}, drill.Configured{News: config.Applied{Region: "west", Revision: "bad", Was: "first"}}}
	if got := rollout.RevertLines(governed(waved, bad...)); !slices.Equal(got, []string{"west has what was before within 1.0 s, wave after wave"}) {
		t.Errorf("%q", got)
	}
	away := append(bad, drill.Configured{News: config.Unreached{Region: "west", On: true}})
	if got := rollout.RevertLines(governed(waved, away...)); !slices.Equal(got, []string{"west keeps it: nobody reconciles there now"}) {
		t.Errorf("%q", got)
	}
}

// The hub that reconciles takes the reconciling with it.
func TestLosingTheHubThatReconciles(t *testing.T) {
	for _, how := range []topology.Config{pushed, pulled} {
		s := governed(how, edited("west", config.DriftRole))
		s.Fleet.Hub = &topology.Hub{Name: "hub"}
		s.Hub = &drill.RegionState{Spec: topology.Region{Name: "hub"}, Health: drill.HealthHealthy}
		p := Predict(s, runbook.Command{Verb: runbook.VerbKill}, runbook.Effect{Stops: []string{"hub"}, Undo: runbook.VerbRestore})
		told := strings.Contains(said(p), "nobody reconciles while the hub is gone") && strings.Contains(said(p), "west has drifted, and stays so")
		if told != (how.Mode == topology.ConfigHub) {
			t.Errorf("%s:\n%s", how.Mode, said(p))
		}
	}
}

// What a replica takes by a commit it takes in whatever number they are scaled to later.
func TestScaledReplicasTakeWhatTheRevisionSays(t *testing.T) {
	s := governed(pulled, drill.Configured{News: config.Applied{Region: "west", Revision: "small", Was: "first", Fields: setTo(config.Variable(config.EnvCapacity), "5")}})
	x := newExposure(s, s, runbook.Command{}, runbook.Effect{}, map[string]outcome{})
	x.Scaled = []ahead.Scaling{{Region: "west", Replicas: 6, At: time.Second}}
	for at, want := range map[time.Duration]float64{0: 20, 2 * time.Second: 30} {
		if takes, limited := capacity(x, "west", at); !limited || takes != want {
			t.Errorf("after %s it takes %v (limited %t), not %v", at, takes, limited, want)
		}
	}
}

// Where the fleet's gate refuses, the region that is promoted is the next that is ready, as the failover controller has it; and nobody
// where none is.
func TestAGateIsPredicted(t *testing.T) {
	kill := runbook.Command{Verb: runbook.VerbKill, Region: "east"}
	known := func(region string) drill.Body {
		has := config.Meaning{Version: "v1", Writers: []string{"orders"}}
		return drill.Configured{News: config.Surveyed{Region: region, Revision: "first", Has: has}}
	}
	for preflight, want := range map[string]string{
		topology.PreflightRefuse: "no region is ready to lead: west: config: RoleBinding/write-orders is missing (kubectl-edit), roles: no role lets orders be written: writes are refused (403)",
		topology.PreflightWarn:   "",
	} {
		s := governed(byHand, known("east"), known("west"), edited("west", config.DriftRole))
		s.Fleet.Failover.Preflight = preflight
		p := predict(s, kill)
		if p.Waits["orders"] != want {
			t.Errorf("%s: writes wait for %q", preflight, p.Waits["orders"])
		}
		if most := p.WritesAtRisk["orders"]; (most == nil) != (want != "") || (p.RTO == 0) != (want != "") {
			t.Errorf("%s: at risk %v, RTO %s", preflight, most, p.RTO)
		}
	}
}

// Who is passed over by a gate has what the next one lacks: that is lost with it, and the prediction says so.
func TestWhatAGateMayLose(t *testing.T) {
	lag := uint64(40)
	s := threeRegions(topology.Durability{Mode: topology.ModeAsync}, map[string]telemetry.Replica{
		"east": {LastIn: 1, Position: 100, Entries: 100}, "west": {LastIn: 1, Position: 100, Entries: 100, LagWrites: new(uint64)}, "south": {LastIn: 1, Position: 60, Entries: 60, LagWrites: &lag}})
	s.Fleet.Failover.Preflight, s.Fleet.Config, s.Fleet.Web = topology.PreflightRefuse, nil, topology.Web{Replicas: 1, Capacity: 1}
	s.Apply(drill.Event{Seq: s.LastSeq + 1, Body: drill.RegionScaled{Region: "south", Was: 1, Replicas: 1000}})
	p := predict(s, runbook.Command{Verb: runbook.VerbKill, Region: "east"})
	if most := p.WritesAtRisk["orders"]; most == nil || *most < lag {
		t.Errorf("at most %v are lost, and south lacks %d\n%s", most, lag, said(p))
	}
	if !strings.Contains(said(p), "the gate passes west over: capacity: would get ") {
		t.Errorf("who is passed over is not said:\n%s", said(p))
	}
}
