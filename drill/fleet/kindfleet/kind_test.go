package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/gateway"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/kindcluster"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/removal"
	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// needKind skips a test that makes real clusters unless it was asked for.
func needKind(t *testing.T) *host.Runtime {
	t.Helper()
	if os.Getenv("FLEETDRILL_TEST_KIND") == "" {
		t.Skip("SKIPPED: FLEETDRILL_TEST_KIND is not set; this makes real kind clusters and needs a container engine (make test-kind)")
	}
	e, err := host.Detect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// agentBinary builds the stand-in for the engine.
func agentBinary(t *testing.T, e *host.Runtime) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent")
	build := exec.Command("go", "build", "-o", path, "./testdata/standin")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+e.Arch)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the stand-in: %v\n%s", err, out)
	}
	return path
}

// lines asks the engine and splits the answer into lines.
func lines(t *testing.T, e *host.Runtime, args ...string) []string {
	t.Helper()
	out, err := e.Run(context.Background(), host.RemoveWithin, args...)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(out))
	slices.Sort(lines)
	return lines
}

// world is all that a drill could leave behind or break.
type world struct{ containers, volumes, networks []string }

func worldOf(t *testing.T, e *host.Runtime) world {
	t.Helper()
	return world{
		lines(t, e, "ps", "--all", "--no-trunc", "--format", "{{.ID}}"),
		lines(t, e, "volume", "ls", "--quiet"),
		lines(t, e, "network", "ls", "--format", "{{.Name}}"),
	}
}

func (w world) sameAs(t *testing.T, before world) {
	t.Helper()
	if !slices.Equal(w.containers, before.containers) || !slices.Equal(w.volumes, before.volumes) {
		t.Errorf("the engine has now\n%+v, and had before\n%+v", w, before)
	}
	for _, n := range w.networks { // kind's network stays, as kind leaves it
		if n != "kind" && !slices.Contains(before.networks, n) {
			t.Errorf("network %s was left", n)
		}
	}
}

// events collects what a fleet reports.
type events struct {
	t     *testing.T
	began time.Time
	on    func(drill.Body)

	mu  sync.Mutex
	all []drill.Body
}

func (ev *events) report(b drill.Body) {
	ev.mu.Lock()
	ev.all = append(ev.all, b)
	ev.mu.Unlock()
	if s, ok := b.(drill.StageEntered); ok {
		ev.t.Logf("%6.1fs %-8s %s %s %s", time.Since(ev.began).Seconds(), s.Region, s.Stage, s.Status, s.Detail)
	}
	if ev.on != nil {
		ev.on(b)
	}
}

// find returns the newest event that fits.
func (ev *events) find(fits func(drill.Body) bool) drill.Body {
	ev.mu.Lock()
	defer ev.mu.Unlock()
	for _, b := range slices.Backward(ev.all) {
		if fits(b) {
			return b
		}
	}
	return nil
}

// testFleet is a fleet of which the last region has a kind config of its own; "" is none.
func testFleet(t *testing.T, name, state, agent string, ev *events, own string, regions ...string) *Platform {
	t.Helper()
	spec := topology.Fleet{Name: name, Web: topology.Web{Replicas: 2}}
	for _, r := range regions {
		spec.Regions = append(spec.Regions, topology.Region{Name: r})
	}
	spec.Regions[len(regions)-1].Kind = own
	f, err := New(Config{
		Fleet: spec, StateDir: state, AgentBinary: agent, NodeImage: os.Getenv("FLEETDRILL_NODE_IMAGE"),
		Report: ev.report, Logger: slog.New(slog.DiscardHandler), ReadyWithin: 10 * time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestKindFleet(t *testing.T) {
	e := needKind(t)
	ctx := t.Context()
	agent, state := agentBinary(t, e), filepath.Join(t.TempDir(), "state")

	// Things that must not be touched: the user's kubeconfigs, and a node of a similar name.
	users := filepath.Join(t.TempDir(), "users-kubeconfig")
	const kubeconfigText = "apiVersion: v1\nkind: Config\n"
	if err := os.WriteFile(users, []byte(kubeconfigText), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBECONFIG", users)
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	usual := filepath.Join(home, ".kube", "config")
	usualBefore, _ := os.ReadFile(usual)
	nodeImage, _ := kindcluster.NodeImage(ctx, e, os.Getenv("FLEETDRILL_NODE_IMAGE"))
	decoy := strings.TrimSpace(strings.Join(lines(t, e, "run", "--detach", "--name", "fleetdrill-kt-one-2-control-plane",
		"--label", removal.ClusterLabel+"=fleetdrill-kt-one-2", "--entrypoint", "sleep", nodeImage, "infinity"), ""))
	t.Cleanup(func() { lines(t, e, "rm", "--force", "--volumes", decoy) })
	before := worldOf(t, e)

	ev := &events{t: t, began: time.Now()}
	own := ownConfig(t)
	f := testFleet(t, "kt", state, agent, ev, own, "one", "two")
	t.Cleanup(func() {
		if err := f.Down(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := f.Up(ctx); err != nil {
		t.Fatal(err)
	}
	t.Logf("MEASURED up, two regions: %.1f s", time.Since(ev.began).Seconds())

	t.Run("each region answers at its own address", func(t *testing.T) {
		seen := map[string]bool{}
		for _, r := range []string{"one", "two"} {
			address, err := f.Address(ctx, r)
			if err != nil || seen[address] {
				t.Fatalf("%s: %q, %v", r, address, err)
			}
			seen[address] = true
			if _, err := gateway.Probe(ctx, address, r); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("a kind config of one's own is in the cluster", func(t *testing.T) { ownConfigIsThere(t, f, e) })
	t.Run("pods reach the relays' host", func(t *testing.T) { reachRelay(t, f) })
	t.Run("kill and restore", func(t *testing.T) { killAndRestore(t, f, e, ev) })
	t.Run("freeze and restore", func(t *testing.T) { freezeAndRestore(t, f) })
	t.Run("cordon and uncordon", func(t *testing.T) { cordonAndUncordon(t, f, ev) })
	t.Run("reconcile what a repository says", func(t *testing.T) { reconcileObjects(t, f) })
	t.Run("scale to none and back", func(t *testing.T) { scaleToNoneAndBack(t, f) })
	t.Run("kill the web tier and restore", func(t *testing.T) { killTierAndRestore(t, f, ev) })
	t.Run("kill the control plane and restore", func(t *testing.T) { killControlPlaneAndRestore(t, f) })
	t.Run("left and joined", func(t *testing.T) {
		if !f.Leave() {
			t.Fatal("clusters do not outlive the process?")
		}
		lines(t, e, "kill", "fleetdrill-kt-two-control-plane")
		ev.began = time.Now()
		f = testFleet(t, "kt", state, agent, ev, own, "one", "two")
		if err := f.Up(ctx); err != nil {
			t.Fatal(err)
		}
		t.Logf("MEASURED joined with one of two regions dead: %.1f s", time.Since(ev.began).Seconds())
		address, err := f.Address(ctx, "two")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := gateway.Probe(ctx, address, "two"); err != nil {
			t.Error(err)
		}
	})

	began := time.Now()
	for range 2 {
		if err := f.Down(ctx); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("MEASURED down, two regions: %.1f s", time.Since(began).Seconds())
	worldOf(t, e).sameAs(t, before)
	if left, _ := filepath.Glob(filepath.Join(state, "*")); len(left) > 0 {
		t.Errorf("files left: %q", left)
	}
	if got, err := os.ReadFile(users); err != nil || string(got) != kubeconfigText {
		t.Errorf("$KUBECONFIG was touched: %q, %v", got, err)
	}
	if got, _ := os.ReadFile(usual); string(got) != string(usualBefore) {
		t.Errorf("%s was touched", usual)
	}
}

// get asks a region's stand-in for something that it has now.
func get(t *testing.T, f *Platform, region, path string) string {
	t.Helper()
	body, err := ask(t.Context(), f, region, path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// ask asks a region's stand-in for something that it may not have yet.
func ask(ctx context.Context, f *Platform, region, path string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	address, err := f.Address(ctx, region)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s %s", path, res.Status, body)
	}
	return string(body), err
}

func reachRelay(t *testing.T, f *Platform) {
	relays := f.Relays()
	l, err := net.Listen("tcp", net.JoinHostPort(relays.Listen, "0"))
	if err != nil {
		t.Fatalf("relays cannot listen at %+v: %v", relays, err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("relay"))
			_ = conn.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, r := range []string{"one", "two"} {
		if got := get(t, f, r, "/dial?to="+net.JoinHostPort(relays.Advertise, port)); got != "relay" {
			t.Errorf("from %s: %q", r, got)
		}
	}
}

func killAndRestore(t *testing.T, f *Platform, e *host.Runtime, ev *events) {
	ctx := t.Context()
	starts := get(t, f, "one", "/starts")
	began := time.Now()
	proof, err := f.Do(ctx, "one", fleet.OpKill)
	if err != nil || proof.Text != "container exited 137, port refuses" {
		t.Fatalf("%+v, %v", proof, err)
	}
	t.Logf("MEASURED kill to proof: %d ms", time.Since(began).Milliseconds())
	if _, err := f.Do(ctx, "one", fleet.OpKill); !errors.Is(err, fleet.ErrDown) {
		t.Errorf("killed again: %v", err)
	}
	if _, err := f.Do(ctx, "one", fleet.OpCordon); !errors.Is(err, fleet.ErrDown) {
		t.Errorf("cordoned while dead: %v", err)
	}
	dead := ev.find(func(b drill.Body) bool { s, ok := b.(drill.RegionSeen); return ok && s.Region == "one" }).(drill.RegionSeen)
	if dead.NodeReady || dead.WebReady != 0 {
		t.Errorf("last seen of a dead region: %+v", dead)
	}
	other, err := f.Address(ctx, "two")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gateway.Probe(ctx, other, "two"); err != nil {
		t.Errorf("the other region: %v", err)
	}
	began = time.Now()
	proof, err = f.Do(ctx, "one", fleet.OpRestore)
	if err != nil || !strings.HasPrefix(proof.Text, "container started again, web-") {
		t.Fatalf("%+v, %v", proof, err)
	}
	t.Logf("MEASURED restore after a kill: %.1f s: %s", time.Since(began).Seconds(), proof.Text)
	// The store needs a moment longer than the web tier, which answers 502 for it meanwhile,
	// and has its volume again.
	var last error
	for {
		after, err := ask(ctx, f, "one", "/starts")
		if err == nil && strings.HasPrefix(after, starts) && len(after) > len(starts) {
			break
		}
		if time.Since(began) > 5*time.Minute {
			t.Fatalf("the store's volume held %q, and holds %q, %v", starts, after, err)
		}
		last = err
		pause.For(ctx, 100*time.Millisecond)
	}
	t.Logf("MEASURED restore to an answer of the store: %.1f s; before it: %v", time.Since(began).Seconds(), last)
	_ = e
}

func freezeAndRestore(t *testing.T, f *Platform) {
	began := time.Now()
	proof, err := f.Do(t.Context(), "two", fleet.OpFreeze)
	if err != nil || proof.Text != "container paused, probe silent for 300 ms" {
		t.Fatalf("%+v, %v", proof, err)
	}
	t.Logf("MEASURED freeze to proof: %d ms", time.Since(began).Milliseconds())
	began = time.Now()
	proof, err = f.Do(t.Context(), "two", fleet.OpRestore)
	if err != nil || !strings.HasPrefix(proof.Text, "container unpaused, web-") {
		t.Fatalf("%+v, %v", proof, err)
	}
	t.Logf("MEASURED restore after a freeze: %d ms", time.Since(began).Milliseconds())
}

func cordonAndUncordon(t *testing.T, f *Platform, ev *events) {
	ctx := t.Context()
	began := time.Now()
	proof, err := f.Do(ctx, "two", fleet.OpCordon)
	if err != nil || proof.Text != "node spec read back: unschedulable=true, pods 0" {
		t.Fatalf("%+v, %v", proof, err)
	}
	t.Logf("MEASURED cordon: %.1f s", time.Since(began).Seconds())
	address, err := f.Address(ctx, "two")
	if err != nil {
		t.Fatal(err)
	}
	bounded, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if _, err := gateway.Probe(bounded, address, "two"); err == nil {
		t.Error("a region without pods answers")
	}
	line := ev.find(func(b drill.Body) bool {
		c, ok := b.(drill.FleetCommanded)
		return ok && strings.Contains(c.Line, " cordon ")
	})
	if line == nil || !strings.Contains(line.(drill.FleetCommanded).Line, "--kubeconfig "+f.cfg.StateDir) {
		t.Errorf("the command as a person would type it: %+v", line)
	}
	began = time.Now()
	proof, err = f.Do(ctx, "two", fleet.OpUncordon)
	if err != nil || !strings.HasPrefix(proof.Text, "node spec read back: unschedulable=false, web-") {
		t.Fatalf("%+v, %v", proof, err)
	}
	t.Logf("MEASURED uncordon: %.1f s", time.Since(began).Seconds())
}

// An operator who gives up while kind is at work leaves nothing behind.
func TestKindInterrupted(t *testing.T) {
	e := needKind(t)
	before := worldOf(t, e)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ev := &events{t: t, began: time.Now(), on: func(b drill.Body) {
		if s, ok := b.(drill.StageEntered); ok && s.Detail == "Starting control-plane" {
			cancel()
		}
	}}
	state := filepath.Join(t.TempDir(), "state")
	f := testFleet(t, "kti", state, agentBinary(t, e), ev, "", "one")
	running := runtime.NumGoroutine()
	if err := f.Up(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Up: %v, want context.Canceled", err)
	}
	if err := f.Down(context.Background()); err != nil {
		t.Error(err)
	}
	worldOf(t, e).sameAs(t, before)
	if left, _ := filepath.Glob(filepath.Join(state, "*")); len(left) > 0 {
		t.Errorf("files left: %q", left)
	}
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > running; pause.For(context.Background(), 10*time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), running)
		}
	}
}
