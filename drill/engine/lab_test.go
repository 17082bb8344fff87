package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/engine/capacity"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/gateway"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// labFleet runs every region's real agent in this process, over real sockets
// and files. What it can't do is freeze: that needs a process of its own.
type labFleet struct {
	spec   topology.Fleet
	dir    string
	report fleet.Report

	mu      sync.Mutex
	runs    int
	regions map[string]*agent.Agent
	broken  map[string]error // what Kill answers for a region
	web     map[string]int   // web replicas of the regions that were scaled
	downed  bool
}

const labToken = "lab"

func (l *labFleet) start(region string) error {
	l.runs++
	governed := topology.Governs(l.spec, region)
	a, err := agent.Start(agent.Config{
		Governed: governed, Fenced: governed && l.spec.Config.Fenced,
		Region: region, Role: agent.RoleAll, Capacity: l.spec.Web.PerReplica(), Queue: l.spec.Web.Queue, Token: labToken, Listen: "127.0.0.1:0", Run: fmt.Sprint("run", l.runs),
		Data: filepath.Join(l.dir, region), Replicas: l.replicas(region), ID: topology.GatewayID(l.spec, region),
	})
	if err != nil {
		return err
	}
	l.regions[region] = a
	return nil
}

// Govern implements fleet.Governed.
func (l *labFleet) Govern(string, int) {}

func (l *labFleet) Up(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.regions = map[string]*agent.Agent{}
	for _, r := range l.spec.Standing().Regions {
		if err := l.start(r.Name); err != nil {
			return err
		}
	}
	return nil
}

func (l *labFleet) stop(region string) {
	if a := l.regions[region]; a != nil {
		over, cancel := context.WithCancel(context.Background())
		cancel()
		_ = a.Close(over)
		delete(l.regions, region)
	}
}

func (l *labFleet) Down(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for region := range l.regions {
		l.stop(region)
	}
	l.downed = true
	return nil
}

func (l *labFleet) Leave() bool { return false }

func (l *labFleet) Address(_ context.Context, region string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.regions[region]; a != nil {
		return a.Addr(), nil
	}
	return "", fleet.ErrDown
}

func (l *labFleet) Relays() fleet.RelayHost {
	return fleet.RelayHost{Listen: "127.0.0.1", Advertise: "127.0.0.1"}
}
func (l *labFleet) Token() string { return labToken }

func (l *labFleet) end(region, word string) (fleet.Proof, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.broken[region]; err != nil {
		return fleet.Proof{}, err
	}
	if l.regions[region] == nil {
		return fleet.Proof{}, fleet.ErrDown
	}
	l.stop(region)
	return fleet.Proof{At: time.Now(), Text: word}, nil
}

func (l *labFleet) again(region, word string) (fleet.Proof, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.start(region); err != nil {
		return fleet.Proof{}, err
	}
	return fleet.Proof{At: time.Now(), Text: word}, nil
}

func (l *labFleet) Can(op fleet.Op) error {
	if op == fleet.OpFreeze {
		return &fleet.Cannot{Why: "a lab can't freeze", Next: "kill it"}
	}
	return op.Known()
}

func (l *labFleet) Do(ctx context.Context, r string, op fleet.Op) (fleet.Proof, error) {
	if err := l.Can(op); err != nil {
		return fleet.Proof{}, err
	}
	if address, err := l.Address(ctx, r); err == nil && (op.Disk() != store.DiskWorks || op == fleet.OpRestore) {
		stores := gateway.StoresAt(address, r, labToken)
		if op == fleet.OpRestore {
			return fleet.Proof{At: time.Now(), Text: "answers"}, stores.Mend(ctx)
		}
		found, err := stores.Break(ctx, op.Disk())
		return fleet.Proof{At: time.Now(), Text: found}, err
	}
	switch op {
	case fleet.OpKill:
		return l.end(r, "ended")
	case fleet.OpCordon:
		return l.end(r, "evicted")
	}
	return l.again(r, "answers")
}

func (l *labFleet) DoZone(context.Context, string, fleet.Op) (fleet.Proof, error) {
	return fleet.Proof{}, &fleet.Cannot{Why: "a lab has no zones"}
}

// replicas is how many web replicas a region is to have. l.mu is held.
func (l *labFleet) replicas(region string) int {
	if n, scaled := l.web[region]; scaled {
		return n
	}
	return topology.WebReplicas(l.spec, region)
}

func (l *labFleet) Scale(ctx context.Context, region string, replicas int) (fleet.Proof, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.regions[region]
	if a == nil {
		return fleet.Proof{}, fleet.ErrDown
	}
	c := wire.NewClient(wire.ClientConfig{Base: "http://" + a.Addr(), Region: region, Token: wire.Inside(labToken, region)})
	listed, err := wire.ScaleWeb(ctx, c, replicas)
	if err != nil {
		return fleet.Proof{}, err
	}
	if l.web == nil {
		l.web = map[string]int{}
	}
	l.web[region] = replicas
	return fleet.Proof{At: time.Now(), Text: fmt.Sprintf("%d listed", len(listed))}, nil
}

// labSpec is three regions close together, so that tests are quick.
func labSpec() topology.Fleet {
	regions := []string{"a", "b", "c"}
	rtt := func(near string) map[string]time.Duration {
		out := map[string]time.Duration{}
		for i, r := range regions {
			out[r] = time.Duration(4+3*i) * time.Millisecond
		}
		out[near] = time.Millisecond
		return out
	}
	return topology.Fleet{
		Name:    "lab",
		Regions: []topology.Region{{Name: "a"}, {Name: "b"}, {Name: "c"}},
		Links: []topology.Link{
			{Between: [2]string{"a", "b"}, RTT: 5 * time.Millisecond},
			{Between: [2]string{"a", "c"}, RTT: 9 * time.Millisecond},
			{Between: [2]string{"b", "c"}, RTT: 7 * time.Millisecond},
		},
		Users: []topology.Population{
			{Name: "near-a", Count: 40, Rate: labRate, Writes: 0.5, Timeout: 2 * time.Second, RTT: rtt("a")},
			{Name: "near-b", Count: 40, Rate: labRate, Writes: 0.5, Timeout: 2 * time.Second, RTT: rtt("b")},
		},
		Datasets: []topology.Dataset{{Name: "orders", Engine: "log", Mode: topology.ModeAsync, Authority: "a", Regions: regions}},
		Routing: topology.Routing{Policy: "nearest", DNSTTL: 200 * time.Millisecond,
			Probe: topology.Probe{Every: 100 * time.Millisecond, Timeout: time.Second, DownAfter: 3, UpAfter: 2}},
		Failover: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: time.Second},
		Web:      topology.Web{Replicas: 1},
	}
}

// lab is a running drill by hand.
type lab struct {
	*attempt
	engine *Engine
	fleet  *labFleet
	state  *drill.State
	events <-chan []drill.Event
	ended  chan error
	gone   chan struct{} // closed once its drill has ended

	journal *memoryJournal // nil where a test has its own
	lost    bool           // a leader, before anybody did anything
	over    bool
}

func labConfig(f *labFleet, spec topology.Fleet) Config {
	return Config{
		Spec: spec, On: "local", Journal: &memoryJournal{}, Seed: 1, Version: "test", Now: time.Now, Machine: capacity.Limits{Processors: 2},
		Make: func(report fleet.Report) (fleet.Platform, error) { f.report = report; return f, nil },
	}
}

func newLab(t *attempt, change func(*Config)) *lab {
	l := &lab{attempt: t, state: drill.NewState(), ended: make(chan error, 1), gone: make(chan struct{}), fleet: &labFleet{dir: inMemory(t.T), broken: map[string]error{}}}
	cfg := labConfig(l.fleet, labSpec())
	if change != nil {
		change(&cfg)
	}
	l.fleet.spec = cfg.Spec
	l.journal, _ = cfg.Journal.(*memoryJournal)
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l.engine, l.events = e, e.Subscribe()
	t.labs = append(t.labs, l)
	go func() {
		defer close(l.gone)
		_, err := e.Run(context.Background())
		l.ended <- err
	}()
	return l
}

// inMemory is a folder whose writes wait for no disk, where the machine has one: what a lab shows is not the disk's, and a disk
// that stands still for half a second fails a region over.
func inMemory(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "fleetdrill-lab-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// undisturbed waits until the drill runs with each leader where its fleet file has it. Where the machine stood still while the fleet came
// up, so that a leader was lost before anybody did anything, the attempt is given up: a fleet that fails over by itself does so each time.
func (l *lab) undisturbed() {
	l.Helper()
	l.until("the drill runs", running)
	if l.lost = len(l.state.Failovers) > 0; l.lost {
		l.Fatalf("a leader was lost while the fleet came up:\n%s", l.told())
	}
}

// until applies events until the condition holds.
func (l *lab) until(what string, hold func(*drill.State) bool) {
	l.Helper()
	limit := time.After(30 * time.Second)
	for !hold(l.state) {
		select {
		case batch, open := <-l.events:
			if !open {
				l.Fatalf("the drill ended before %s: %s", what, l.told())
			}
			for _, e := range batch {
				l.state.Apply(e)
			}
		case <-limit:
			l.Fatalf("not within 30 s: %s\n%s", what, l.told())
		}
	}
}

func (l *lab) told() string {
	out := ""
	for _, line := range format.Timeline(l.state) {
		out += fmt.Sprintf("%8.3f %s\n", line.T.Seconds(), line.Text)
	}
	return out
}

func (l *lab) send(c runbook.Command) {
	l.Helper()
	c.By = "test"
	if err := l.engine.Send(c); err != nil {
		l.Fatal(err)
	}
}

func (l *lab) disturbed() bool { return l.lost || slowed(l.state) }

// abandon ends a drill that its test did not.
func (l *lab) abandon() {
	if l.over {
		return
	}
	l.engine.Quit(false)
	for batch := range l.events {
		for _, e := range batch {
			l.state.Apply(e)
		}
	}
	<-l.gone
}

// end quits and reads the rest.
func (l *lab) end() {
	l.Helper()
	l.over = true
	l.engine.Quit(false)
	for batch := range l.events {
		for _, e := range batch {
			l.state.Apply(e)
		}
	}
	if err := <-l.ended; err != nil {
		l.Errorf("the drill ended with %v", err)
	}
	if !l.fleet.downed {
		l.Error("the fleet was not taken down")
	}
	l.replays()
	if l.Failed() {
		l.Log(l.told())
	}
}

func running(s *drill.State) bool { return s.Phase == drill.PhaseRunning }
