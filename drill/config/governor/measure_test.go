package governor

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
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

// bench is the governor of a repository for five regions, whose agents run in a process of their own: what this one uses is the
// reconcilers'.
type bench struct {
	*Governor
	clock  clock
	agents *bufio.ReadWriter // of their process, which says what it used for each line that it reads

	mu     sync.Mutex
	mended []time.Duration // from each change by hand
	edited map[string]time.Duration
}

// Names of the environment and of what both processes have to know.
const (
	asAgents   = "FLEETDRILL_BENCH_AGENTS"
	benchToken = "bench"
)

func TestMain(m *testing.M) {
	if names := os.Getenv(asAgents); names != "" {
		if err := serveAgents(strings.Fields(names)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serveAgents runs regions' agents, says where they listen, and for each line that it reads what they have used, until there is none.
func serveAgents(names []string) error {
	data, err := os.MkdirTemp("", "agents")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(data) }()
	var at []string
	for _, name := range names {
		a, err := agent.Start(agent.Config{Region: name, Role: agent.RoleAll, Token: benchToken, Listen: "127.0.0.1:0", Run: name, Data: filepath.Join(data, name), Governed: true})
		if err != nil {
			return err
		}
		at = append(at, a.Addr())
	}
	fmt.Println(strings.Join(at, " "))
	for asked := bufio.NewScanner(os.Stdin); asked.Scan(); {
		n, err := used()
		if err != nil {
			return err
		}
		fmt.Println(int64(n))
	}
	return nil
}

// startAgents is where the agents of regions listen, in a process that ends with the test.
func startAgents(t *testing.T, names []string) (at []string, with *bufio.ReadWriter) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env, cmd.Stderr = append(os.Environ(), asAgents+"="+strings.Join(names, " ")), os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // which ends it
		_ = cmd.Wait()
	})
	with = bufio.NewReadWriter(bufio.NewReader(out), bufio.NewWriterSize(in, 1))
	line, err := with.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(line), with
}

func newBench(t *testing.T, every time.Duration) *bench {
	t.Helper()
	spec := topology.Fleet{Name: "five", Datasets: []topology.Dataset{{Name: "orders"}}, Web: topology.Web{Replicas: 2}, Config: &topology.Config{Mode: topology.ConfigPull, Every: every}}
	for i := range 5 {
		spec.Regions = append(spec.Regions, topology.Region{Name: fmt.Sprintf("region-%d", i)})
	}
	b := &bench{clock: clock{time.Now()}, edited: map[string]time.Duration{}}
	at, with := startAgents(t, spec.RegionNames())
	b.agents = with
	clients := map[string]*wire.Client{}
	for i, name := range spec.RegionNames() {
		clients[name] = wire.NewClient(wire.ClientConfig{Base: "http://" + at[i], Region: name, Token: wire.Inside(benchToken, name), HTTP: &http.Client{Transport: wire.NewTransport()}})
	}
	direct := func(region string) *wire.Client { return clients[region] }
	g, err := New(Config{
		Opening: Open(t.Context(), spec, filepath.Join(t.TempDir(), "config.git"), time.Now, nil), Direct: direct, Reconciler: direct,
		Emit: b.emit, Wanted: func(string, int) {}, Scaled: func(string, int, time.Duration, string) {}, Clock: b.clock, Wall: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Governor = g
	if err := g.First(t.Context()); err != nil {
		t.Fatal(err)
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

// used is the processor time of this process so far.
func used() (time.Duration, error) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), err
}

// uses is the processor time that this process and that of the agents use in a while.
func (b *bench) uses(t *testing.T, during time.Duration) (here, agents time.Duration) {
	t.Helper()
	sofar := func() (here, there time.Duration) {
		here, err := used()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.agents.WriteString("used\n"); err != nil {
			t.Fatal(err)
		}
		if err := b.agents.Flush(); err != nil {
			t.Fatal(err)
		}
		line, err := b.agents.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return here, time.Duration(n)
	}
	hereBefore, thereBefore := sofar()
	time.Sleep(during)
	here, there := sofar()
	return here - hereBefore, there - thereBefore
}

// TestMeasureReconcilers prints what five reconcilers use while nothing changes, and what their agents use for answering them, which is
// told apart; and how long a change by hand lasts, by the interval.
func TestMeasureReconcilers(t *testing.T) {
	if os.Getenv("FLEETDRILL_BENCH") == "" {
		t.Skip("SKIPPED: FLEETDRILL_BENCH is not set; it measures for three minutes (make bench)")
	}
	for _, every := range []time.Duration{time.Second, 5 * time.Second, 10 * time.Second} {
		t.Run(every.String(), func(t *testing.T) {
			b := newBench(t, every)
			const window = 20 * time.Second
			share := func(d time.Duration) float64 { return 100 * d.Seconds() / window.Seconds() }
			idleHere, idleAgents := b.uses(t, window) // while nobody asks them anything
			ctx, stop := context.WithCancel(t.Context())
			var all sync.WaitGroup
			defer all.Wait()
			defer stop()
			all.Go(func() { b.Run(ctx) })
			restHere, restAgents := b.uses(t, window)
			// Changes by hand spread over an interval, in one region after the other.
			for i, region := range b.regions {
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
			if len(b.mended) != len(b.regions) {
				t.Fatalf("%d of %d changes were mended", len(b.mended), len(b.regions))
			}
			sum, most := time.Duration(0), time.Duration(0)
			for _, m := range b.mended {
				sum, most = sum+m, max(most, m)
			}
			t.Logf("every %s: five reconcilers at rest use %.2f %% of a core (%.2f %% of it this process without them), their agents %.2f %% for answering them (and %.2f %% without); a change by hand lasts %s, at most %s",
				every, share(restHere), share(idleHere), share(restAgents-idleAgents), share(idleAgents), (sum / time.Duration(len(b.mended))).Round(time.Millisecond), most.Round(time.Millisecond))
		})
	}
}
