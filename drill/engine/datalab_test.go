package engine

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
)

// dataLab is a drill by hand on a fleet whose data is looked at write by write.
// The quick part runs agents in this process; with FLEETDRILL_TEST_DATA=1 and
// FLEETDRILL_BIN the regions are child processes, and PostgreSQL is drilled too.
type dataLab struct {
	*testing.T
	engine *Engine
	ended  chan error
	spec   drill.Fleet

	mu     sync.Mutex
	state  *drill.State
	events []drill.Event
	closed bool
}

const dataset = "orders"

// processes reports whether the whole suite was asked for.
func processes() bool { return os.Getenv("FLEETDRILL_TEST_DATA") == "1" }

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
func dataSpec(engine string, p drill.Promise) drill.Fleet {
	spec := labSpec()
	spec.Name = "data"
	for i := range spec.Users {
		spec.Users[i].Rate, spec.Users[i].Writes = 110, 0.9
	}
	spec.Datasets[0].Engine, spec.Datasets[0].Mode, spec.Datasets[0].With = engine, p.Mode, p.With
	if p.Mode == drill.ModePinned {
		spec.Datasets[0].Jurisdiction = "EU"
		for i := range spec.Regions {
			spec.Regions[i].Jurisdiction = "EU"
		}
	}
	spec.Failover.Lease = 600 * time.Millisecond
	spec.Routing.Probe = drill.Probe{Every: 100 * time.Millisecond, Timeout: 500 * time.Millisecond, DownAfter: 3, UpAfter: 2}
	if processes() {
		// Six servers and as many agents on two cores: a region that is busy is not lost.
		spec.Failover.Lease = drill.DefaultLease
		spec.Routing.Probe = drill.Probe{Every: 250 * time.Millisecond, Timeout: time.Second, DownAfter: 4, UpAfter: 2}
	}
	return spec
}

func newDataLab(t *testing.T, spec drill.Fleet, seed uint64) *dataLab {
	l := &dataLab{T: t, spec: spec, state: drill.NewState(), ended: make(chan error, 1)}
	folder := t.TempDir()
	e, err := New(Config{
		Spec: spec, On: "local", Journal: &memoryJournal{}, Seed: seed, Version: "test", Now: time.Now,
		Exports: filepath.Join(t.TempDir(), "diverged"),
		Make: func(report fleet.Report) (fleet.Fleet, error) {
			if !processes() {
				return &labFleet{spec: spec, dir: folder, report: report, broken: map[string]error{}}, nil
			}
			return localfleet.New(localfleet.Config{
				Fleet: spec, StateDir: folder, Binary: os.Getenv("FLEETDRILL_BIN"), Report: report, Now: time.Now, ReadyWithin: 30 * time.Second,
			})
		},
	})
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
			l.events = append(l.events, batch...)
			l.mu.Unlock()
		}
		l.mu.Lock()
		l.closed = true
		l.mu.Unlock()
	}()
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, err := e.Run(context.Background())
		l.ended <- err
	}()
	// A test that fails half way leaves no fleet behind for the next to drill beside.
	t.Cleanup(func() {
		e.Quit(false)
		<-over
		t.Logf("ended; failed: %v", t.Failed()) // as it goes: a suite of an hour is watched
	})
	l.until("the drill runs", 90*time.Second, running)
	// A drill by hand begins while replicas may still be copied for the first time.
	l.until("every replica is whole", 90*time.Second, func(s *drill.State) bool {
		whole := 0
		for _, r := range s.Dataset(dataset).Replicas {
			if r.Role == drill.RoleAuthority || r.Role == drill.RoleFollower && !r.Seeding && r.LagWrites != nil {
				whole++
			}
		}
		return whole == len(spec.Datasets[0].Regions)
	})
	return l
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
		for _, line := range s.Timeline {
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

// do sends a command and waits for what comes of it; false when it was refused or failed.
func (l *dataLab) do(c drill.Command) bool {
	l.Helper()
	c.By = "test"
	before := 0
	l.look(func(s *drill.State) { before = len(s.Commands) })
	if err := l.engine.Send(c); err != nil {
		l.Fatal(err)
	}
	var done *drill.CommandState
	l.until(c.String()+" is done", time.Minute, func(s *drill.State) bool {
		for _, k := range s.Commands[before:] {
			if k.Command == c && k.Ended != nil {
				done = k
			}
		}
		return done != nil
	})
	return done.Error == ""
}

func (l *dataLab) must(c drill.Command) {
	l.Helper()
	if !l.do(c) {
		l.Fatalf("%s failed\n%s", c, l.told())
	}
}

// written waits until so many more writes have been acknowledged.
func (l *dataLab) written(n int) {
	l.Helper()
	k := l.engine.keepers[dataset]
	start := len(l.acked())
	limit := time.Now().Add(30 * time.Second)
	for len(l.acked()) < start+n {
		if time.Now().After(limit) {
			lead, epoch := k.leader()
			l.Fatalf("no %d writes acknowledged within 30 s (led by %s in epoch %d)\n%s", n, lead, epoch, l.told())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

type ackedWrite struct {
	id, by string
	epoch  uint64
}

// acked is every acknowledged write by the epochs' order.
func (l *dataLab) acked() []ackedWrite {
	var out []ackedWrite
	_, last := l.engine.keepers[dataset].leader()
	for epoch := uint64(1); epoch <= last; epoch++ {
		for _, w := range l.engine.ledger.Acknowledged(dataset, epoch, 0) {
			out = append(out, ackedWrite{id: w.ID, by: w.By, epoch: epoch})
		}
	}
	return out
}

type held struct {
	epoch    uint64
	contents [32]byte
}

func (l *dataLab) contents(region string) map[string]held {
	l.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	out := map[string]held{}
	err := l.engine.watch.clients[region].Audit(ctx, dataset, 0, func(e store.Entry) error {
		if _, twice := out[e.ID]; twice {
			return fmt.Errorf("id %s is there twice", e.ID)
		}
		out[e.ID] = held{epoch: e.Epoch, contents: sha256.Sum256(e.Payload)}
		return nil
	})
	if err != nil {
		l.Fatalf("read %s: %v\n%s", region, err, l.told())
	}
	return out
}

// equal waits until every replica has what the authority has now, then compares
// their whole contents, write by write: what the authority had before is in each,
// and nothing is in any that the authority has not got.
func (l *dataLab) equal() {
	l.Helper()
	k := l.engine.keepers[dataset]
	var before map[string]held
	var lead string
	var epoch uint64
	limit := time.Now().Add(60 * time.Second)
	for {
		lead, epoch = k.leader()
		before = l.contents(lead)
		status, err := k.client(lead).StoreStatus(context.Background(), dataset)
		if err == nil && l.caughtUp(lead, epoch, status) {
			break
		}
		if time.Now().After(limit) {
			l.Fatalf("the replicas are not current within a minute: %v\n%s", err, l.told())
		}
	}
	copies := map[string]map[string]held{}
	for _, region := range l.spec.Datasets[0].Regions {
		if region != lead {
			copies[region] = l.contents(region)
		}
	}
	// In PostgreSQL a write that still waits for its standby can be read everywhere but
	// on the authority; it can there too once it waits no longer.
	after := l.contents(lead)
	for limit := time.Now().Add(5 * time.Second); strange(copies, after) > 0 && time.Now().Before(limit); {
		after = l.contents(lead)
	}
	for region, copied := range copies {
		missing := 0
		for id, w := range before {
			if c, there := copied[id]; !there || c != w {
				missing++
			}
		}
		extra := strange(map[string]map[string]held{region: copied}, after)
		if missing > 0 || extra > 0 {
			l.Errorf("%s lacks %d of the %d writes of %s, and has %d that are not its", region, missing, len(before), lead, extra)
		}
	}
	authorities := map[uint64]string{}
	for _, w := range l.acked() {
		if was := authorities[w.epoch]; was != "" && was != w.by {
			l.Errorf("%s and %s both acknowledged writes in epoch %d", was, w.by, w.epoch)
		}
		authorities[w.epoch] = w.by
	}
}

// strange is how many writes replicas have that the authority has not, or has otherwise.
func strange(copies map[string]map[string]held, after map[string]held) (n int) {
	for _, copied := range copies {
		for id, c := range copied {
			if w, there := after[id]; !there || c != w {
				n++
			}
		}
	}
	return n
}

// caughtUp waits a while until every follower has what the authority had: by the
// last epoch too, since one that has not cut its own tail yet can be further on.
func (l *dataLab) caughtUp(lead string, epoch uint64, had store.Status) bool {
	limit := time.Now().Add(5 * time.Second)
	k := l.engine.keepers[dataset]
	for _, region := range l.spec.Datasets[0].Regions {
		for region != lead {
			ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
			s, err := k.client(region).StoreStatus(ctx, dataset)
			cancel()
			if now, e := k.leader(); now != lead || e != epoch || time.Now().After(limit) {
				return false
			}
			if err == nil && s.Role == drill.RoleFollower && s.Authority == lead && s.Epoch == epoch && !s.Seeding && s.LastIn >= had.LastIn && s.Position >= had.Position && s.Entries >= had.Entries {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	return true
}

// end quits and judges every check of the ledger: a write that was lost while the
// promise from its acknowledgement to the check kept it is a broken promise.
func (l *dataLab) end() {
	l.Helper()
	l.engine.Quit(false)
	l.until("the drill has ended", time.Minute, func(*drill.State) bool { return l.closed })
	if err := <-l.ended; err != nil {
		l.Errorf("the drill ended with %v", err)
	}
	type since struct {
		at   time.Duration
		weak bool
	}
	promised := []since{{weak: weak(l.spec.Datasets[0].Mode)}}
	known := map[string]bool{}
	checks := 0
	for _, ev := range l.events {
		switch b := ev.Body.(type) {
		case drill.ModeChanged:
			promised = append(promised, since{at: ev.T, weak: weak(b.Now.Mode)})
		case drill.LedgerChecked:
			checks++
			if len(b.Mismatched) > 0 {
				l.Errorf("%s: %d writes are there with other contents: %v", b.Why, len(b.Mismatched), b.Mismatched)
			}
			for _, lost := range b.Lost {
				if known[lost.ID] {
					continue
				}
				known[lost.ID] = true
				// Weak at any time from the acknowledgement to the check: it was allowed.
				allowed := false
				for i, p := range promised {
					over := i+1 == len(promised) || promised[i+1].at > lost.Acked
					allowed = allowed || p.weak && over
				}
				if !allowed {
					l.Errorf("%s: write %s, acknowledged at %s, is lost although the mode keeps it", b.Why, lost.ID, lost.Acked)
				}
			}
		}
	}
	if checks == 0 {
		l.Error("the ledger was never checked")
	}
	l.exported()
	if l.Failed() {
		l.Log(l.told())
	}
}

// exported holds what rejoins say that they cut against the files that outlive the
// regions.
func (l *dataLab) exported() {
	l.Helper()
	for _, ev := range l.events {
		b, ok := ev.Body.(drill.RejoinDone)
		if !ok || b.Diverged == 0 {
			continue
		}
		n := 0
		if err := diverged.Read(b.Exported, func(store.Entry) error { n++; return nil }); err != nil || n != b.Diverged {
			l.Errorf("%s cut %d writes, %s has %d: %v", b.Region, b.Diverged, b.Exported, n, err)
		}
	}
}

func weak(m drill.Mode) bool { return m == drill.ModeAsync || m == drill.ModePinned }
