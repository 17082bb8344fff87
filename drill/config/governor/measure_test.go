package governor

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// clock is the machine's.
type clock struct{ began time.Time }

func (c clock) Now() time.Duration { return time.Since(c.began) }

func (c clock) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// bench is five regions' agents in this process and the governor of a repository for them.
type bench struct {
	*Governor
	clock clock

	mu     sync.Mutex
	mended []time.Duration // from each change by hand
	edited map[string]time.Duration
}

func newBench(t *testing.T, every time.Duration) *bench {
	t.Helper()
	const token = "bench"
	spec := topology.Fleet{Name: "five", Datasets: []topology.Dataset{{Name: "orders"}}, Web: topology.Web{Replicas: 2}, Config: &topology.Config{Mode: topology.ConfigPull, Every: every}}
	clients := map[string]*wire.Client{}
	for i := range 5 {
		name := fmt.Sprintf("region-%d", i)
		spec.Regions = append(spec.Regions, topology.Region{Name: name})
		a, err := agent.Start(agent.Config{Region: name, Role: agent.RoleAll, Token: token, Listen: "127.0.0.1:0", Run: name, Data: t.TempDir(), Governed: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_ = a.Close(ctx) // what is kept alive is cut off
		})
		clients[name] = wire.NewClient(wire.ClientConfig{Base: "http://" + a.Addr(), Region: name, Token: wire.Inside(token, name), HTTP: &http.Client{Transport: wire.NewTransport()}})
	}
	b := &bench{clock: clock{time.Now()}, edited: map[string]time.Duration{}}
	direct := func(region string) *wire.Client { return clients[region] }
	g, err := New(t.Context(), Config{
		Fleet: spec, Regions: spec.RegionNames(), Folder: filepath.Join(t.TempDir(), "config.git"), Direct: direct, Reconciler: direct,
		Emit: b.emit, Wanted: func(string, int) {}, Scaled: func(string, int, time.Duration, string) {}, Clock: b.clock, Wall: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	if b.Governor = g; g.First(t.Context()) != nil {
		t.Fatal("the first reconciliation failed")
	}
	return b
}

func (b *bench) emit(body drill.Body) drill.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m, is := newsOf(body).(config.Mended); is {
		b.mended = append(b.mended, b.clock.Now()-b.edited[m.Region])
	}
	return drill.Event{Body: body}
}

// used is the processor time of this process: agents, reconcilers, repository.
func used(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestMeasureReconcilers prints what five reconcilers cost while nothing changes, theirs and their agents', and how long a change by hand
// lasts, by the interval.
func TestMeasureReconcilers(t *testing.T) {
	if os.Getenv("FLEETDRILL_BENCH") == "" {
		t.Skip("SKIPPED: FLEETDRILL_BENCH is not set; it measures for three minutes (make bench)")
	}
	for _, every := range []time.Duration{time.Second, 5 * time.Second, 10 * time.Second} {
		t.Run(every.String(), func(t *testing.T) {
			b := newBench(t, every)
			const window = 20 * time.Second
			before := used(t)
			time.Sleep(window)
			without := used(t) - before // the agents', while nobody asks them anything
			ctx, stop := context.WithCancel(t.Context())
			var all sync.WaitGroup
			defer all.Wait()
			defer stop()
			all.Go(func() { b.Run(ctx) })
			before = used(t)
			time.Sleep(window)
			rest := used(t) - before - without
			// Changes by hand spread over an interval, in one region after the other.
			for i, region := range b.cfg.Regions {
				time.Sleep(every / 5)
				b.mu.Lock()
				b.edited[region] = b.clock.Now()
				b.mu.Unlock()
				if _, err := b.Edit(ctx, region, config.DriftFlag, 0, nil); err != nil {
					t.Fatal(i, err)
				}
			}
			time.Sleep(every + every/2)
			b.mu.Lock()
			defer b.mu.Unlock()
			if len(b.mended) != len(b.cfg.Regions) {
				t.Fatalf("%d of %d changes were mended", len(b.mended), len(b.cfg.Regions))
			}
			sum, most := time.Duration(0), time.Duration(0)
			for _, m := range b.mended {
				sum, most = sum+m, max(most, m)
			}
			t.Logf("every %s: at rest %.2f %% of a core; a change by hand lasts %s, at most %s", every,
				100*rest.Seconds()/window.Seconds(), (sum / time.Duration(len(b.mended))).Round(time.Millisecond), most.Round(time.Millisecond))
		})
	}
}
