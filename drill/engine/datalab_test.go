package engine

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// dataLab is a drill by hand on a fleet whose data is looked at write by write.
// The quick part runs agents in this process; with FLEETDRILL_TEST_DATA=1 and
// FLEETDRILL_BIN the regions are child processes, and PostgreSQL is drilled too.
type dataLab struct {
	*attempt
	engine *Engine
	ended  chan error
	gone   chan struct{} // closed once the drill is over
	spec   topology.Fleet
	folder string   // what the fleet keeps on disk
	ops    *opsFile // every operation, for a judge that does not know the ledger
	reads  sync.WaitGroup
	stop   context.CancelFunc // ends the reads

	mu     sync.Mutex
	state  *drill.State
	events []drill.Event
	closed bool
}

const dataset = "orders"

// processes reports whether the whole suite was asked for.
func processes() bool { return os.Getenv("FLEETDRILL_TEST_DATA") == "1" }

// leftToProcesses skips what test-data, which every run of continuous integration makes, does on processes of their own: make test has three
// minutes.
func leftToProcesses(t *testing.T) {
	t.Helper()
	if !processes() {
		t.Skip("SKIPPED: FLEETDRILL_TEST_DATA is not 1; it is made on child processes (make test-data)")
	}
}

// dataEngines are the store engines that this run drills.
func dataEngines(t *testing.T) []string {
	if !processes() {
		return []string{"log"}
	}
	if os.Getenv("FLEETDRILL_BIN") == "" {
		t.Fatal("FLEETDRILL_TEST_DATA=1 needs FLEETDRILL_BIN, the built program: make test-data")
	}
	if only := os.Getenv("FLEETDRILL_TEST_ENGINE"); only != "" {
		return []string{only}
	}
	return []string{"log", "postgres"}
}

// dataSpec is labSpec with 200 writes a second, all of them asked for near the
// authority, and probes and leases that make a case take seconds.
func dataSpec(engine string, p topology.Durability) topology.Fleet {
	spec := labSpec()
	spec.Name = "data"
	for i := range spec.Users {
		spec.Users[i].Rate, spec.Users[i].Writes = 110, 0.9
	}
	spec.Datasets[0].Engine, spec.Datasets[0].Mode, spec.Datasets[0].With = engine, p.Mode, p.With
	if p.Mode == topology.ModePinned {
		spec.Datasets[0].Jurisdiction = "EU"
		for i := range spec.Regions {
			spec.Regions[i].Jurisdiction = "EU"
		}
	}
	spec.Failover.Lease = 600 * time.Millisecond
	spec.Routing.Probe = topology.Probe{Every: 100 * time.Millisecond, Timeout: 500 * time.Millisecond, DownAfter: 3, UpAfter: 2}
	if processes() {
		// Six servers and as many agents on two cores: a region that is busy is not lost.
		spec.Failover.Lease = topology.DefaultLease
		spec.Routing.Probe = topology.Probe{Every: 250 * time.Millisecond, Timeout: time.Second, DownAfter: 4, UpAfter: 2}
	}
	return spec
}

func newDataLab(t *attempt, spec topology.Fleet, seed uint64) *dataLab {
	l := startDataLab(t, spec, seed, nil)
	l.readThroughTheAuthority()
	return l
}

// startDataLab starts a lab whose engine's configuration is changed before.
func startDataLab(t *attempt, spec topology.Fleet, seed uint64, change func(*Config)) *dataLab {
	if testing.Short() {
		t.Skip("SKIPPED: -short; drill/controller has such sequences in virtual time")
	}
	l := &dataLab{attempt: t, spec: spec, state: drill.NewState(), ended: make(chan error, 1), gone: make(chan struct{}), ops: &opsFile{}}
	l.folder = t.TempDir()
	if !processes() {
		l.folder = inMemory(t.T)
	}
	cfg := Config{
		Spec: spec, On: "local", Journal: &memoryJournal{}, Seed: seed, Version: "test", Now: time.Now,
		Exports: filepath.Join(t.TempDir(), "diverged"), History: l.ops,
		Make: func(report fleet.Report) (fleet.Platform, error) {
			if !processes() {
				return &labFleet{spec: spec, dir: l.folder, report: report, broken: map[string]error{}}, nil
			}
			return localfleet.New(localfleet.Config{
				Fleet: spec, StateDir: l.folder, Binary: os.Getenv("FLEETDRILL_BIN"), Report: report, Now: time.Now, ReadyWithin: 30 * time.Second,
			})
		},
	}
	if change != nil {
		change(&cfg)
	}
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l.engine = e
	events := e.Subscribe()
	go func() {
		for batch := range events {
			l.mu.Lock()
			for _, ev := range batch {
				l.state.Apply(ev)
			}
			l.keep(batch)
			l.mu.Unlock()
		}
		l.mu.Lock()
		l.closed = true
		l.mu.Unlock()
	}()
	t.labs = append(t.labs, l)
	go func() {
		defer close(l.gone)
		_, err := e.Run(context.Background())
		l.ended <- err
	}()
	l.until("the drill runs", 90*time.Second, running)
	// A drill by hand begins while replicas may still be copied for the first time.
	l.until("every replica is whole", 90*time.Second, func(s *drill.State) bool {
		whole := 0
		for _, r := range s.Dataset(dataset).Replicas {
			if r.Role == role.Authority || r.Role == role.Follower && !r.Seeding && r.LagWrites != nil {
				whole++
			}
		}
		return whole == len(spec.Datasets[0].Regions)
	})
	return l
}

// abandon ends the drill, so that a test that failed half way leaves no fleet behind for the next to drill beside.
func (l *dataLab) abandon() {
	l.endReads()
	if l.Failed() {
		l.Log(l.logged())
	}
	l.engine.Quit(false)
	<-l.gone
	l.Logf("ended; failed: %v", l.Failed()) // as it goes: a suite of an hour is watched
}

func (l *dataLab) disturbed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slowed(l.state)
}

// keep keeps the events that the end is judged by; a soak has millions of others.
func (l *dataLab) keep(batch []drill.Event) {
	for _, ev := range batch {
		switch ev.Body.(type) {
		case drill.ModeChanged, drill.LedgerChecked, drill.RejoinDone, drill.StoreCopying:
			l.events = append(l.events, ev)
		}
	}
}

func (l *dataLab) look(f func(*drill.State)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(l.state)
}

func (l *dataLab) until(what string, within time.Duration, hold func(*drill.State) bool) {
	l.Helper()
	limit := time.Now().Add(within)
	for {
		ok, closed := false, false
		l.look(func(s *drill.State) { ok, closed = hold(s), l.closed })
		if ok {
			return
		}
		if closed || time.Now().After(limit) {
			l.Fatalf("not within %s: %s\n%s", within, what, l.told())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (l *dataLab) told() string {
	out := ""
	l.look(func(s *drill.State) {
		for _, line := range format.Timeline(s) {
			out += fmt.Sprintf("%8.3f %s\n", line.T.Seconds(), line.Text)
		}
		for _, d := range s.Datasets {
			out += fmt.Sprintf("%s: %+v, led by %q in epoch %d\n", d.Name, d.Spec, d.Authority, d.Epoch)
			for region, r := range d.Replicas {
				out += fmt.Sprintf("  %s: %+v\n", region, *r)
			}
		}
	})
	return out
}

// mostLogged is how many lines of each log a failure shows.
const mostLogged = 60

// mostlyNoise is what a database server logs a hundred times: who asks whether it is up, and
// who gives a write up.
var mostlyNoise = regexp.MustCompile(`database system is (starting up|not yet accepting)|Consistent recovery state has not|canceling wait for sync|already committed locally|in cancel request|terminating connection`)

// logged is the end of what each region's processes have logged, its database server too.
func (l *dataLab) logged() string {
	var out strings.Builder
	_ = filepath.WalkDir(l.folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".log" {
			return nil // a folder that is just being replaced
		}
		text, err := os.ReadFile(path)
		lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(string(text)), "\n"), mostlyNoise.MatchString)
		fmt.Fprintf(&out, "%s (%v):\n%s\n", strings.TrimPrefix(path, l.folder), err, strings.Join(lines[max(0, len(lines)-mostLogged):], "\n"))
		return nil
	})
	return out.String()
}

// do sends a command and waits for what comes of it; false when it was refused or failed.
func (l *dataLab) do(c runbook.Command) bool {
	l.Helper()
	c.By = "test"
	before := 0
	l.look(func(s *drill.State) { before = len(s.Commands) })
	if err := l.engine.Send(c); err != nil {
		l.Fatal(err)
	}
	var done *drill.CommandState
	l.until(c.String()+" is done", time.Minute, func(s *drill.State) bool {
		for _, sent := range s.Commands[before:] {
			if sent.Command == c && sent.Ended != nil {
				done = sent
			}
		}
		return done != nil
	})
	return done.Error == ""
}

func (l *dataLab) must(c runbook.Command) {
	l.Helper()
	if !l.do(c) {
		l.Fatalf("%s failed\n%s", c, l.told())
	}
}

// written waits until so many more writes have been acknowledged.
func (l *dataLab) written(n int) {
	l.Helper()
	control := l.engine.parts.data.controllers[dataset]
	start := len(l.acked())
	limit := time.Now().Add(30 * time.Second)
	for len(l.acked()) < start+n {
		if time.Now().After(limit) {
			lead, epoch := control.Leader()
			l.Fatalf("no %d writes acknowledged within 30 s (led by %s in epoch %d)\n%s", n, lead, epoch, l.told())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// settled waits until so many more writes have been acknowledged, or none has for a second:
// they wait, or nobody leads.
func (l *dataLab) settled(n int) {
	l.Helper()
	start := len(l.acked())
	last, since := start, time.Now()
	for last < start+n && time.Since(since) < time.Second {
		time.Sleep(5 * time.Millisecond)
		if got := len(l.acked()); got > last {
			last, since = got, time.Now()
		}
	}
}
