package action_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/network"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What is done to links is proved over real links here, to a server that answers as an agent
// does. A part of a shape, or of a cut, that does not come about is not counted.

// realLinks is a rig over a network of two regions and the state that its events make.
type realLinks struct {
	port.Network
	began time.Time
	broke func(*topology.Shape) // what is left out of each shape; nil leaves nothing out
	deaf  bool                  // nothing is silenced
	slept atomic.Int64

	mu    sync.Mutex
	state *drill.State
}

func (l *realLinks) Now() time.Duration {
	return time.Since(l.began) + time.Duration(l.slept.Load())*time.Second
}
func (l *realLinks) Emit(b drill.Body) drill.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := drill.Event{Seq: l.state.LastSeq + 1, T: l.Now(), Body: b}
	l.state.Apply(e)
	return e
}
func (l *realLinks) View(look func(*drill.State)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	look(l.state)
}
func (l *realLinks) Wait(context.Context, func(*drill.State) bool) error { return errors.New("unused") }
func (l *realLinks) OpenImpact(int, time.Duration)                       {}
func (l *realLinks) CloseImpact(int, time.Duration)                      {}

func (l *realLinks) Reshape(name string, ways [][2]string, s topology.Shape) error {
	if l.broke != nil {
		l.broke(&s)
	}
	return l.Network.Reshape(name, ways, s)
}

func (l *realLinks) Silence(name string, ways [][2]string) error {
	if l.deaf {
		return nil
	}
	return l.Network.Silence(name, ways)
}

func openLinks(t *testing.T) (*realLinks, action.Rig) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		n, _ := strconv.Atoi(r.URL.Query().Get("bytes"))
		w.Header().Set("Content-Length", strconv.Itoa(n))
		_, _ = w.Write(make([]byte, n))
	}))
	t.Cleanup(server.Close)
	fleet := topology.Fleet{
		Regions: []topology.Region{{Name: "a"}, {Name: "b"}, {Name: "c"}},
		Links:   []topology.Link{{Between: [2]string{"a", "b"}, RTT: 20 * time.Millisecond}},
	}
	l := &realLinks{began: time.Now(), state: drill.NewState()}
	n, err := network.New(network.Config{
		Fleet: fleet, Listen: "127.0.0.1", Advertise: "127.0.0.1", Seed: 1, Now: func() time.Duration { return time.Since(l.began) },
		Address: func(context.Context, string) (string, error) { return strings.TrimPrefix(server.URL, "http://"), nil },
		Probe: func(ctx context.Context, url, _ string) (bool, error) {
			echo, hangUp := connection(url)
			defer hangUp()
			return echo(ctx, 0, 0)
		},
		Line: func(url, _ string) (func(context.Context, int, int) (bool, error), func()) { return connection(url) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	l.Network = n
	l.Emit(drill.DrillStarted{Fleet: fleet})
	for _, r := range fleet.Regions {
		l.Emit(drill.RegionJudged{Region: r.Name, Up: true})
	}
	faults := 0
	return l, action.Rig{ID: 1, Events: l, Network: l, Users: l, FaultID: func() int { faults++; return faults }, Sleep: func(ctx context.Context, d time.Duration) error {
		select {
		case <-time.After(d):
			l.slept.Add(1) // a second each, so that nobody waits for what never comes
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
}

// connection is one connection that is made once.
func connection(url string) (func(context.Context, int, int) (bool, error), func()) {
	var dialed atomic.Bool
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		if dialed.Swap(true) {
			return nil, errors.New("the connection is gone")
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}
	return func(ctx context.Context, send, take int) (bool, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"?bytes="+strconv.Itoa(take), strings.NewReader(strings.Repeat("x", send)))
		if err != nil {
			return false, err
		}
		res, err := (&http.Client{Transport: transport}).Do(req)
		if err == nil {
			_, err = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
		return errors.Is(err, context.DeadlineExceeded), err
	}, transport.CloseIdleConnections
}

func do(t *testing.T, r action.Rig, c runbook.Command) (string, error) {
	t.Helper()
	a, _ := action.Find(c.Verb)
	proof, err := a.Do(t.Context(), r, c)
	return proof.Text, err
}

func brownout(s topology.Shape) runbook.Command {
	return runbook.Command{Verb: "brownout", Between: [2]string{"a", "b"}, Shape: s}
}

// Each part of a brownout is measured: with all of them it counts and says what was measured,
// and where one does not come about nothing is counted and the link is as it was.
func TestEachPartOfABrownoutIsMeasured(t *testing.T) {
	whole := topology.Shape{RTT: 120 * time.Millisecond, Jitter: 100 * time.Millisecond, Bandwidth: 4e6, Loss: 0.05}
	tests := []struct {
		name  string
		broke func(*topology.Shape)
		want  []string
	}{
		{"whole", nil, []string{"a–b answers in", "the middle half within", "122 KiB to a in", "122 KiB to b in", "segments sent again, before 0"}},
		{"no round trip", func(s *topology.Shape) { s.RTT = 0 }, []string{"which is no round trip of 120 ms"}},
		{"no jitter", func(s *topology.Shape) { s.Jitter = 0 }, []string{"which is no jitter of 100 ms"}},
		{"no bandwidth", func(s *topology.Shape) { s.Bandwidth = 0 }, []string{"which is no bandwidth of 4 Mbps"}},
		{"no loss", func(s *topology.Shape) { s.Loss = 0 }, []string{"nothing had to be sent again over the link a–b within 10s"}},
		{"twice the bandwidth", func(s *topology.Shape) { s.Bandwidth *= 2 }, []string{"which is no bandwidth of 4 Mbps"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, rig := openLinks(t)
			l.broke = tt.broke
			text, err := do(t, rig, brownout(whole))
			if (err == nil) != (tt.broke == nil) {
				t.Fatalf("%v; %s", err, text)
			}
			if err != nil {
				text = err.Error()
			}
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q lacks %q", text, want)
				}
			}
			if tt.broke == nil {
				if s := l.Shape("b", "a"); s != whole || len(l.state.Faults) != 1 || len(l.state.Proving) != 0 {
					t.Errorf("shaped %+v, faults %v, being proved %v", s, l.state.Faults, l.state.Proving)
				}
				return
			}
			if s := l.Shape("a", "b"); s != (topology.Shape{RTT: 20 * time.Millisecond}) || len(l.state.Faults) != 0 {
				t.Errorf("left as %+v, faults %v", s, l.state.Faults)
			}
			if len(l.state.Proving) != 1 { // the command's failure, which the engine emits, ends it
				t.Errorf("being proved: %v", l.state.Proving)
			}
		})
	}
}

// One direction is measured by what goes that way, and the other's loss is not taken for its own.
func TestABrownoutOfOneDirectionIsMeasuredThatWay(t *testing.T) {
	for _, ends := range [][2]string{{"a", "b"}, {"b", "a"}, {"control", "a"}, {"a", "control"}} {
		_, rig := openLinks(t)
		c := runbook.Command{Verb: "brownout", From: ends[0], To: ends[1], Shape: topology.Shape{Bandwidth: 4e6}}
		text, err := do(t, rig, c)
		if err != nil || strings.Count(text, " KiB to ") != 1 || !strings.Contains(text, "122 KiB to "+ends[1]+" in") {
			t.Errorf("%v: %q, %v", ends, text, err)
		}
	}
}

// What this machine or the link hides is not counted, and why not is said.
func TestWhatCannotBeMeasuredIsNotCounted(t *testing.T) {
	l, rig := openLinks(t)
	if err := l.Network.Reshape("busy", [][2]string{{"a", "b"}, {"b", "a"}}, topology.Shape{Jitter: 40 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	for want, s := range map[string]topology.Shape{
		"which hides a jitter of 10 ms":       {Jitter: 10 * time.Millisecond},
		"which hides a bandwidth of 100 Gbps": {Bandwidth: 100e9},
	} {
		if _, err := do(t, rig, brownout(s)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// A cut is proved within 300 ms beyond the link's own round trip by the silence of a connection
// that had answered; one that cuts nothing is not counted.
func TestACutIsProvedByTheSilenceOfWhatAnswered(t *testing.T) {
	l, rig := openLinks(t)
	cut := runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{"a", topology.EndOthers}}
	l.deaf = true
	if _, err := do(t, rig, cut); err == nil || !strings.Contains(err.Error(), "a request still crosses the link a–b") {
		t.Errorf("without a cut: %v", err)
	}
	l.deaf = false
	text, err := do(t, rig, cut)
	if err != nil || !strings.Contains(text, "0 B passed a to b") || strings.Count(text, " silent for ") != 3 {
		t.Fatalf("%q, %v", text, err)
	}
	if f := l.state.Faults[0]; !strings.Contains(text, "a–b silent for 270 ms") || !strings.Contains(text, "a–control silent for 250 ms") {
		t.Errorf("%q after %s", text, f.Proved-f.From)
	}
}

// Two cuts of one link are each proved and lifted by itself: the link stays silent until both are over.
func TestOverlappingCutsAreLiftedByThemselves(t *testing.T) {
	l, rig := openLinks(t)
	wide := runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{"a", topology.EndOthers}}
	narrow := runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{"b", "a"}}
	heal := func(c runbook.Command) runbook.Command { c.Verb = runbook.VerbHeal; return c }
	for _, step := range []struct {
		c    runbook.Command
		want string
	}{
		{wide, "a–c silent for"}, {narrow, "b–a stays silent"}, {heal(wide), "a–b stays silent"}, {heal(narrow), "b–a answers in"},
	} {
		if r := action.Check(l.state, step.c); r != nil {
			t.Fatalf("%s: %s", step.c, r)
		}
		if text, err := do(t, rig, step.c); err != nil || !strings.Contains(text, step.want) {
			t.Fatalf("%s: %q, %v, want %q", step.c, text, err, step.want)
		}
	}
	if len(l.state.Partitions()) != 0 || l.Silent("a", "b") {
		t.Errorf("still cut: %v", l.state.Partitions())
	}
}
