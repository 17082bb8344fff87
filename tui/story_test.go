package tui

import (
	"fmt"
	"math"
	"sort"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A drill as an engine would tell it, made up but plausible: three regions, one
// dataset, and the authority killed. Its numbers are the same every time, so
// that a picture of it can be kept. It is for tests only.

const (
	storyUp    = 3 * time.Second         // the fleet is up
	storyBegin = storyUp + 5*time.Second // the steady check ends
	storyKill  = storyBegin + 400*time.Millisecond
	storyBack  = storyBegin + 20*time.Second
	storyEnd   = storyBegin + 45*time.Second
)

var storyFleet = topology.Fleet{
	Name: "three-regions",
	Regions: []topology.Region{
		{Name: "us-east", Place: "Virginia", Jurisdiction: "US"},
		{Name: "eu-west", Place: "Ireland", Jurisdiction: "EU"},
		{Name: "ap-south", Place: "Mumbai", Jurisdiction: "IN"},
	},
	Links: []topology.Link{
		{Between: [2]string{"us-east", "eu-west"}, RTT: 80 * time.Millisecond, Jitter: 2 * time.Millisecond, Bandwidth: 200e6},
		{Between: [2]string{"us-east", "ap-south"}, RTT: 220 * time.Millisecond},
		{Between: [2]string{"eu-west", "ap-south"}, RTT: 140 * time.Millisecond},
	},
	Users: []topology.Population{
		storyUsers("americas", 5000, 40, 15, 95, 230),
		storyUsers("europe", 3000, 40, 90, 12, 150),
		storyUsers("asia", 1000, 20, 225, 145, 18),
	},
	Datasets: []topology.Dataset{{Name: "orders", Engine: "log", Mode: topology.ModeAsync, Authority: "us-east", Regions: []string{"us-east", "eu-west", "ap-south"}}},
	Routing:  topology.Routing{Policy: "nearest", DNSTTL: topology.DefaultDNSTTL, Probe: topology.DefaultProbe},
	Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease},
	Web:      topology.Web{Replicas: 2, Capacity: 200},
}

func storyUsers(name string, count int, rate float64, us, eu, ap int) topology.Population {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	return topology.Population{Name: name, Count: count, Rate: rate, Writes: 0.25, Timeout: 2 * time.Second,
		RTT: map[string]time.Duration{"us-east": ms(us), "eu-west": ms(eu), "ap-south": ms(ap)}}
}

func storyPlan() *runbook.Plan {
	rto, rpo, affected := 10*time.Second, time.Second, 0.6
	return &runbook.Plan{
		Name: "lose-the-authority", Title: "Lose us-east while it leads",
		Hypothesis: "Other regions' users notice nothing; at most one second of orders is lost; service is back in ten.",
		Objectives: runbook.Objectives{RTO: &rto, RPO: &rpo, UsersAffected: &affected},
		Steady:     runbook.Steady{For: 5 * time.Second, Success: 0.99},
		Steps: []runbook.Step{
			{At: 0, Command: runbook.Command{Verb: runbook.VerbKill, Region: "us-east"}},
			{At: 20 * time.Second, Command: runbook.Command{Verb: runbook.VerbRestore, Region: "us-east"}},
			{At: 30 * time.Second, Command: runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "us-east"}},
		},
		End: 45 * time.Second,
	}
}

// story is the drill's events up to and with a time. Without a plan it is a
// drill by hand in which nothing is broken.
func story(until time.Duration, plan *runbook.Plan) []drill.Event {
	t := &teller{}
	t.begin(plan)
	if plan != nil {
		t.fault()
		t.end()
	}
	t.samples(plan != nil)
	return t.upTo(until)
}

type teller struct{ events []drill.Event }

func (t *teller) at(when time.Duration, bodies ...drill.Body) {
	for _, b := range bodies {
		t.events = append(t.events, drill.Event{T: when, Body: b})
	}
}

// upTo sorts by time and gives each event its place.
func (t *teller) upTo(until time.Duration) []drill.Event {
	sort.SliceStable(t.events, func(i, j int) bool { return t.events[i].T < t.events[j].T })
	start := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	var out []drill.Event
	for i, e := range t.events {
		if e.T > until {
			break
		}
		e.Seq, e.At = uint64(i+1), start.Add(e.T)
		out = append(out, e)
	}
	return out
}

func (t *teller) begin(plan *runbook.Plan) {
	ms := time.Millisecond
	t.at(0, drill.DrillStarted{Fleet: storyFleet, On: "kind", Plan: plan, Seed: 1, Version: "test"})
	t.at(10*ms, drill.StageEntered{Stage: "agent image", Of: 1, Status: drill.StageRunning, Expected: time.Second, Detail: "from this program"})
	t.at(400*ms, drill.StageEntered{Stage: "agent image", Of: 1, Status: drill.StageDone})
	stages := []string{"create cluster", "load image", "apply workload", "wait for web"}
	for i, r := range storyFleet.Regions {
		for n, stage := range stages {
			from := 400*ms + time.Duration(n)*600*ms + time.Duration(i*90)*ms
			t.at(from, drill.StageEntered{Region: r.Name, Stage: stage, Index: n, Of: len(stages), Status: drill.StageRunning, Expected: 800 * ms, Detail: "fleetdrill-three-regions-" + r.Name})
			t.at(from+580*ms, drill.StageEntered{Region: r.Name, Stage: stage, Index: n, Of: len(stages), Status: drill.StageDone})
		}
		t.at(from0(i), drill.FleetCommanded{Region: r.Name, Line: "kind create cluster --name fleetdrill-three-regions-" + r.Name})
		t.at(from0(i)+600*ms, drill.FleetCommanded{Region: r.Name, Line: "kind load image-archive agent.tar --name fleetdrill-three-regions-" + r.Name})
		t.at(from0(i)+1200*ms, drill.FleetCommanded{Region: r.Name, Line: "kubectl apply --server-side -f web.yaml -f store.yaml -f gateway.yaml"})
		t.at(storyUp-100*ms, seen(r.Name, 2), drill.RegionJudged{Region: r.Name, Up: true, After: 4})
	}
	for i, p := range storyFleet.Users {
		t.at(storyUp-50*ms, drill.Rerouted{Population: p.Name, To: storyFleet.Regions[i].Name, Why: "nearest"})
	}
	if plan == nil {
		t.at(storyUp, drill.PhaseEntered{Phase: drill.PhaseRunning})
		return
	}
	t.at(storyUp, drill.PhaseEntered{Phase: drill.PhaseSteady})
	t.at(storyBegin, drill.SteadyMeasured{When: "before", Success: 0.9993, Requests: 497, For: 5 * time.Second, Met: true}, drill.PhaseEntered{Phase: drill.PhaseRunning})
}

func from0(i int) time.Duration { return time.Duration(400+90*i) * time.Millisecond }

func seen(region string, ready int) drill.RegionSeen {
	s := drill.RegionSeen{Region: region, Node: "fleetdrill-three-regions-" + region + "-control-plane", NodeReady: true, WebReady: ready, WebWanted: 2}
	for i := range 2 {
		s.Pods = append(s.Pods, telemetry.Pod{Name: fmt.Sprintf("web-7c9f8d6b5-%c2x%dk", 'p'+rune(i), i+4), Role: "web", Phase: "Running", Ready: i < ready})
	}
	s.Pods = append(s.Pods, telemetry.Pod{Name: "store-0", Role: "store", Phase: "Running", Ready: true}, telemetry.Pod{Name: "gateway-5d4c9", Role: "gateway", Phase: "Running", Ready: true})
	return s
}

// The moments of the failover, counted from the kill.
const (
	storyDetect  = 1200 * time.Millisecond
	storyFence   = 1810 * time.Millisecond
	storyPromote = 1814 * time.Millisecond
	storyReroute = 2200 * time.Millisecond
)

func (t *teller) fault() {
	kill := runbook.Command{Verb: runbook.VerbKill, Region: "us-east", By: "drill"}
	at := func(d time.Duration) time.Duration { return storyKill + d }
	risk := uint64(14)
	t.at(storyBegin, drill.StepStarted{Index: 0}, drill.CommandTaken{ID: 1, Command: kill})
	t.at(storyBegin+10*time.Millisecond, drill.ImpactPredicted{ID: 1, Impact: runbook.Impact{
		Users: map[string]float64{"americas": 1, "europe": 0.25, "asia": 0.25}, Share: 0.667,
		WritesAtRisk: map[string]*uint64{"orders": &risk}, RTO: 2500 * time.Millisecond}})
	t.at(storyBegin+20*time.Millisecond, drill.FleetCommanded{Region: "us-east", Line: "docker kill --signal KILL fleetdrill-three-regions-us-east-control-plane"})
	t.at(at(200*time.Millisecond), drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "us-east", From: storyKill, Proof: "container exited 137, port refuses"},
		drill.CommandDone{ID: 1, Command: kill, Proof: "container exited 137, port refuses"})
	stage := func(s drill.Stage, end time.Duration, detail string) drill.FailoverStaged {
		f := drill.FailoverStaged{ID: 1, Dataset: "orders", From: "us-east", Cause: "fault", Stage: s, End: at(end), Detail: detail}
		if s != drill.StageFault && s != drill.StageDetect {
			f.To, f.Epoch = "eu-west", 2
		}
		return f
	}
	t.at(at(200*time.Millisecond), stage(drill.StageFault, 0, ""))
	t.at(at(storyDetect), drill.RegionJudged{Region: "us-east", After: 3, Why: "probe timed out after 500 ms"}, stage(drill.StageDetect, storyDetect, "3 probes"),
		stage(drill.StageDecide, storyDetect+300*time.Microsecond, "eu-west is the most advanced"))
	t.at(at(storyFence), stage(drill.StageFence, storyFence, "lease over"))
	t.at(at(storyPromote), stage(drill.StagePromote, storyPromote, ""))
	t.at(at(storyDetect+100*time.Millisecond), drill.Rerouted{Population: "americas", From: "us-east", To: "eu-west", Why: "us-east is down"})
	t.at(at(storyReroute), stage(drill.StageReroute, storyReroute, ""))
	t.at(at(3*time.Second), checked("failover 1", 1))
	t.at(at(3500*time.Millisecond), drill.Recovered{Fault: 1, Since: at(3400 * time.Millisecond)})
}

func checked(why string, failover int) drill.LedgerChecked {
	c := drill.LedgerChecked{Dataset: "orders", Region: "eu-west", Why: why, Failover: failover, Acknowledged: 12418, Unacknowledged: 31, PresentUnacknowledged: 2}
	for i := range 8 {
		c.Lost = append(c.Lost, drill.LostWrite{ID: fmt.Sprintf("americas-%06d", 3391+i*3), Acked: storyKill - time.Duration(36-4*i)*time.Millisecond})
	}
	return c
}

func (t *teller) end() {
	restore := runbook.Command{Verb: runbook.VerbRestore, Region: "us-east", By: "drill"}
	over := runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "us-east", By: "drill"}
	t.at(storyBack, drill.StepStarted{Index: 1}, drill.CommandTaken{ID: 2, Command: restore}, drill.FleetCommanded{Region: "us-east", Line: "docker start fleetdrill-three-regions-us-east-control-plane"})
	t.at(storyBack+4*time.Second, drill.FaultLifted{ID: 1, Region: "us-east", Proof: "container runs, probe answered"}, drill.CommandDone{ID: 2, Command: restore, Proof: "container runs, probe answered"},
		drill.RegionJudged{Region: "us-east", Up: true, After: 4}, drill.Rerouted{Population: "americas", From: "eu-west", To: "us-east", Why: "nearest again"})
	owed := int64(3_250_000)
	t.at(storyBack+4*time.Second, drill.RejoinStarted{Dataset: "orders", Region: "us-east", Authority: "eu-west", OwedBytes: &owed})
	t.at(storyBack+5*time.Second, drill.RejoinDone{Dataset: "orders", Region: "us-east", Diverged: 8, Exported: "diverged-1.jsonl", Bytes: owed, Took: 620 * time.Millisecond})
	t.at(storyBegin+30*time.Second, drill.StepStarted{Index: 2}, drill.CommandTaken{ID: 3, Command: over})
	t.at(storyBegin+31*time.Second, drill.SwitchoverDone{ID: 1, Dataset: "orders", From: "eu-west", To: "us-east", Epoch: 3, Fence: 12 * time.Millisecond, CatchUp: 84 * time.Millisecond, Promote: 3 * time.Millisecond, Blocked: 181 * time.Millisecond},
		drill.CommandDone{ID: 3, Command: over, Proof: "epoch 3 on us-east"})
	yes := true
	rto, rpo, share := 2.2, 0.036, 0.065
	t.at(storyEnd, drill.PhaseEntered{Phase: drill.PhaseFinal}, drill.SteadyMeasured{When: "after", Success: 1, Requests: 501, For: 5 * time.Second, Met: true},
		checked("end", 0),
		drill.ObjectiveJudged{Name: "rto", Target: 10, Measured: &rto, Met: &yes}, drill.ObjectiveJudged{Name: "rpo", Target: 1, Measured: &rpo, Met: &yes},
		drill.ObjectiveJudged{Name: "users_affected", Target: 0.6, Measured: &share, Met: &yes},
		drill.DrillEnded{Verdict: drill.Passed, Why: "all three objectives met"})
}

// wave is a number from 0 to 1 that looks like chance and is not.
func wave(n float64) float64 { return (math.Sin(n*12.9898) + 1) / 2 }

func (t *teller) samples(broken bool) {
	everHurt, total, failed := map[string]int{}, map[string]int{}, map[string]int{}
	const window = 500 * time.Millisecond
	for now := storyUp + window; now <= storyEnd; now += window {
		since := now - storyKill
		dead := broken && since > 0 && now < storyBack+4*time.Second
		sample := drill.TrafficSampled{Window: window}
		for i, p := range storyFleet.Users {
			sample.Populations = append(sample.Populations, population(p, i, now, since, dead, everHurt, total, failed))
		}
		t.at(now, sample, stores(now, dead, broken), links(now, dead))
	}
}

func population(p topology.Population, i int, now, since time.Duration, dead bool, ever, total, failed map[string]int) telemetry.Population {
	n := int(p.Rate/2 + 3*wave(now.Seconds()+float64(i)) - 1.5)
	s := telemetry.Population{Population: p.Name, Requests: n, OK: n, ServedBy: map[string]int{}, AskedNow: int(p.Rate * 2)}
	home := storyFleet.Regions[i].Name
	serves := home
	if dead && home == "us-east" {
		serves = "eu-west"
	}
	share := 0.0
	switch {
	case dead && since < 3*time.Second && home == "us-east":
		share = min(1, 1.2-max(0, since.Seconds()-1.3)*0.7)
	case dead && since < storyReroute:
		share = p.Writes
	}
	s.Failed = int(float64(n) * share)
	s.OK = n - s.Failed
	s.AffectedNow = min(int(float64(s.AskedNow)*share*0.9), s.AskedNow)
	ever[p.Name] += s.AffectedNow / 4
	s.AffectedEver, s.AskedEver = ever[p.Name], max(int(float64(p.Count)*0.2), 1)
	if s.Failed > 0 {
		s.Failures = map[string]int{"timeout": s.Failed}
	}
	if s.OK > 0 {
		s.ServedBy[serves] = s.OK
		p50 := p.RTT[serves] + time.Duration(800+400*wave(now.Seconds()))*time.Microsecond
		p99 := p50*2 + 11*time.Millisecond
		write := p50 + 82*time.Millisecond
		if serves == "us-east" || (dead && serves == "eu-west") {
			write = p50 + 2*time.Millisecond
		}
		writes := write + write/4
		s.P50, s.P99, s.WriteP50, s.WriteP99 = &p50, &p99, &write, &writes
		s.TotalWriteP50, s.TotalWriteP99 = &write, &writes
		s.Datasets = map[string]telemetry.WriteLatency{"orders": {Acknowledged: 100 + total[p.Name]/5, P50: &write, P99: &writes}}
	}
	steady := p.RTT[home]*2 + 13*time.Millisecond
	slow := telemetry.SlowFactor * steady
	s.SteadyP99, s.Slow = &steady, &slow
	total[p.Name] += n
	failed[p.Name] += s.Failed
	s.TotalRequests, s.TotalFailed = total[p.Name], failed[p.Name]
	return s
}

func stores(now time.Duration, dead, broken bool) drill.StoresSampled {
	out := drill.StoresSampled{AtRisk: map[string]uint64{}}
	authority, epoch := "us-east", uint64(1)
	if broken && now >= storyKill+storyPromote {
		authority, epoch = "eu-west", 2
	}
	if broken && now >= storyBegin+31*time.Second {
		authority, epoch = "us-east", 3
	}
	positionAt := func(t time.Duration) uint64 { return uint64(11800 + t.Seconds()*25) }
	position := positionAt(now)
	for i, r := range storyFleet.Regions {
		lag, owed := uint64(3+i*9+int(4*wave(now.Seconds()))), int64(0)
		owed = int64(lag) * 190
		s := telemetry.Replica{Dataset: "orders", Region: r.Name, Role: role.Follower, Epoch: epoch, Position: position - lag, Bytes: int64(position-lag) * 190, LagWrites: &lag, OwedBytes: &owed, Rate: 4700 + 300*wave(now.Seconds()), Contact: now}
		if r.Name == authority {
			s.Role, s.Position, s.Bytes, s.LagWrites, s.OwedBytes = role.Authority, position, int64(position)*190, nil, nil
		}
		if dead && r.Name == "us-east" {
			s.Stale, s.Contact, s.Position, s.LagWrites, s.OwedBytes = true, storyKill, positionAt(storyKill), nil, nil
			s.Bytes = int64(s.Position) * 190
			if authority != "us-east" {
				owed = int64(position)*190 - s.Bytes
				s.OwedBytes = &owed
			}
		} else if dead && authority == "us-east" {
			s.LagWrites, s.OwedBytes = nil, nil
		}
		s.Entries = s.Position
		out.Stores = append(out.Stores, s)
	}
	if !dead || authority != "us-east" {
		out.AtRisk["orders"] = uint64(9 + 14*wave(now.Seconds()))
	}
	return out
}

func links(now time.Duration, dead bool) drill.LinksSampled {
	var out drill.LinksSampled
	add := func(a, b string, rate float64, cut bool) {
		if cut {
			rate = 0
		}
		sample := telemetry.Link{From: a, To: b, Bytes: uint64(now.Seconds() * 5200), Rate: rate, Cut: cut}
		if rate > 0 {
			transit := storyTransit(a, b)
			sample.Transit = &transit
		}
		out.Links = append(out.Links, sample)
	}
	for i, l := range storyFleet.Links {
		a, b := l.Between[0], l.Between[1]
		cut := dead && (a == "us-east" || b == "us-east")
		add(a, b, 5200+float64(i)*700+400*wave(now.Seconds()), cut)
		add(b, a, 1300+200*wave(now.Seconds()), cut)
	}
	for i, p := range storyFleet.Users {
		for j, r := range storyFleet.Regions {
			cut := dead && r.Name == "us-east"
			rate := 0.0
			if i == j {
				rate = 9100 + 500*wave(now.Seconds())
			}
			add(p.Name, r.Name, rate, cut)
			add(r.Name, p.Name, rate*2.4, cut)
		}
	}
	return out
}

// storyTransit is half the round trip between two places, and what a relay adds to it.
func storyTransit(a, b string) time.Duration {
	rtt := time.Duration(0)
	if l, linked := storyFleet.LinkBetween(a, b); linked {
		rtt = l.RTT
	}
	for _, p := range storyFleet.Users {
		if p.Name == a {
			rtt = p.RTT[b]
		} else if p.Name == b {
			rtt = p.RTT[a]
		}
	}
	return rtt/2 + 300*time.Microsecond
}
