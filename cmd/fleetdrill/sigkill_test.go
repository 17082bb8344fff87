package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/history"
	"github.com/fleetdrill/fleetdrill/drill/history/edn"
	"github.com/fleetdrill/fleetdrill/drill/journal"
)

const killedDrill = `title: A drill to be killed in
fleet: %s
steady: {for: 1s, success: 50%%}
steps:
  - {at: 0s, do: kill, region: us-east}
  - {at: 1s, do: restore, region: us-east}
  - {at: 2s, do: freeze, region: eu-west}
  - {at: 3s, do: restore, region: eu-west}
end: 8s
`

// moment is when fleetdrill gets SIGKILL: so long after it was started or, where it was interrupted, after that.
type moment struct {
	part        string
	after       time.Duration
	interrupted bool // it gets SIGINT first, and is killed as it tears down
}

// moments are drawn from a seed, in turn out of the bring-up, the drill and the tear-down. A part's
// span is what it takes on an idle machine and more: on a busy one moments fall into the part before.
func moments(n int, seed uint64) (all []moment) {
	rng := rand.New(rand.NewPCG(seed, 11))
	draw := func(from, to time.Duration) time.Duration { return from + time.Duration(rng.Int64N(int64(to-from))) }
	for i := range n {
		switch i % 3 {
		case 0:
			all = append(all, moment{"bring-up", draw(0, 700*time.Millisecond), false})
		case 1:
			all = append(all, moment{"drill", draw(700*time.Millisecond, 7*time.Second), false})
		case 2:
			all = append(all, moment{"tear-down", draw(0, 400*time.Millisecond), true})
		}
	}
	return all
}

// TestSIGKILL kills fleetdrill at MOMENTS moments, then runs `fleetdrill down`: nothing of the
// fleet is left, whatever was under way, and nothing else is touched.
func TestSIGKILL(t *testing.T) {
	if os.Getenv("FLEETDRILL_TEST_SOAK") != "1" {
		t.Skip("SKIPPED: FLEETDRILL_TEST_SOAK is not 1; it kills whole drills (make test-soak)")
	}
	if _, err := os.Stat("/proc/self/cmdline"); err != nil {
		t.Skip("SKIPPED: no /proc here, so what is left can't be seen")
	}
	n, err := strconv.Atoi(cmp.Or(os.Getenv("MOMENTS"), "50"))
	if err != nil || n < 1 {
		t.Fatalf("MOMENTS=%s is no number of moments", os.Getenv("MOMENTS"))
	}
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("SEED"), "1"), 10, 64)
	if err != nil {
		t.Fatalf("SEED=%s is no number", os.Getenv("SEED"))
	}
	fleets := []string{"three-regions"}
	if servers, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb"); len(servers) > 0 {
		fleets = append(fleets, "three-regions-postgres")
	} else {
		t.Log("SKIPPED: no PostgreSQL here, its servers are not among what is killed")
	}
	stand := bystanders(t)
	for i, m := range moments(n, seed) {
		fleet := fleets[i/3%len(fleets)]
		name := fmt.Sprintf("%d %s after %s %s", i, m.part, m.after.Round(time.Millisecond), fleet)
		if !t.Run(name, func(t *testing.T) { killAt(t, m, fleet) }) {
			t.Logf("run it again: make test-soak SOAK=TestSIGKILL MOMENTS=%d SEED=%d", i+1, seed)
		}
		stand(t, name)
	}
}

func killAt(t *testing.T, m moment, fleet string) {
	// PostgreSQL's servers run under another account, which has to get there.
	dir, err := os.MkdirTemp("", "fleetdrill-sigkill-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "killed.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, killedDrill, fleet), 0o600); err != nil {
		t.Fatal(err)
	}
	state, out, ops := filepath.Join(dir, "state"), filepath.Join(dir, "out"), filepath.Join(dir, "history.edn")
	cmd := exec.Command(program, "run", file, "--on", "local", "--state-dir", state, "--report", out, "--history", ops)
	// A file, not a pipe: a region that outlives the program would hold it open.
	said, err := os.Create(filepath.Join(dir, "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if m.interrupted {
		awaits(t, "the drill runs", 60*time.Second, func() bool {
			text, _ := os.ReadFile(said.Name())
			return strings.Contains(string(text), "us-east killed")
		})
		_ = cmd.Process.Signal(syscall.SIGINT)
	}
	time.Sleep(m.after)
	_ = cmd.Process.Kill() // it may have ended by itself
	_ = cmd.Wait()

	down, err := exec.Command(program, "down", "--state-dir", state).CombinedOutput()
	if err != nil {
		t.Errorf("down: %v\n%s", err, down)
	}
	var left []string
	if !holds(10*time.Second, func() bool { left = processesOf(dir); return len(left) == 0 }) {
		t.Errorf("processes are left after down (%s):\n%s", bytes.TrimSpace(down), strings.Join(left, "\n"))
	}
	if found, _ := filepath.Glob(filepath.Join(state, "fleets", "*")); len(found) > 0 {
		t.Errorf("folders are left after down (%s): %v", bytes.TrimSpace(down), found)
	}
	again, err := exec.Command(program, "down", "--state-dir", state).CombinedOutput()
	if err != nil || !strings.Contains(string(again), noFleet) {
		t.Errorf("down again: %v, %s", err, again)
	}
	// What it wrote is the operator's, and is whole up to where it was cut.
	if list, _ := filepath.Glob(filepath.Join(out, "journal*.jsonl")); len(list) == 1 {
		if _, err := journal.Load(list[0]); err != nil && !empty(list[0]) {
			t.Errorf("the journal does not load: %v", err)
		}
	}
	all, err := edn.Load(ops)
	if err != nil && !errors.Is(err, edn.ErrCut) && !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the history does not load: %v", err)
	}
	if err := history.WellFormed(all); err != nil {
		t.Error(err)
	}
}

func empty(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() == 0
}

// bystanders start what is nobody's of the fleets that are killed, and return a check that it is still
// there: a process that is called as a region's is, another fleet of ours in a folder of its
// own, and, where a container engine has an image that can sleep, a container that bears kind's label.
func bystanders(t *testing.T) (stand func(t *testing.T, after string)) {
	t.Helper()
	dir := t.TempDir()
	sleeper := filepath.Join(dir, "fleetdrill-agent")
	copyFile(t, "/bin/sleep", sleeper)
	process := exec.Command(sleeper, "3600")
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Process.Kill(); _ = process.Wait() })

	var out bytes.Buffer
	state := filepath.Join(dir, "state")
	other := exec.Command(program, "up", "--on", "local", "-f", "three-regions", "--state-dir", state)
	other.Stdout, other.Stderr = &out, &out
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = other.Process.Signal(syscall.SIGINT)
		_ = other.Wait()
		if said, err := exec.Command(program, "down", "--state-dir", state).CombinedOutput(); err != nil {
			t.Errorf("down of the other fleet: %v\n%s", err, said)
		}
	})
	regions := func() int { return len(regionsOf(state)) }
	awaits(t, "the other fleet is up", time.Minute, func() bool { return regions() == 3 })
	before := strings.Join(regionsOf(state), "\n")
	container := bystandingContainer(t)
	return func(t *testing.T, after string) {
		t.Helper()
		if err := process.Process.Signal(syscall.Signal(0)); err != nil {
			t.Fatalf("%s: a process of somebody else's is gone: %v", after, err)
		}
		if now := strings.Join(regionsOf(state), "\n"); now != before {
			t.Fatalf("%s: another fleet was touched: it was\n%s\nand is\n%s", after, before, now)
		}
		if container != "" {
			said, err := exec.Command("docker", "inspect", "-f", "{{.State.Running}}", container).CombinedOutput()
			if err != nil || strings.TrimSpace(string(said)) != "true" {
				t.Fatalf("%s: a container of somebody else's: %v, %s", after, err, said)
			}
		}
	}
}

// bystandingContainer starts a container that looks like a kind node of ours; "" where none can be.
func bystandingContainer(t *testing.T) string {
	t.Helper()
	image := os.Getenv("FLEETDRILL_NODE_IMAGE")
	if image == "" || exec.Command("docker", "image", "inspect", image).Run() != nil {
		t.Log("SKIPPED: FLEETDRILL_NODE_IMAGE names no image that is here, so no container stands by")
		return ""
	}
	name := fmt.Sprintf("fleetdrill-bystander-%d-control-plane", os.Getpid())
	said, err := exec.Command("docker", "run", "-d", "--name", name, "--label", "io.x-k8s.kind.cluster=fleetdrill-bystander", "--label", "io.x-k8s.kind.role=control-plane",
		"--network", "none", "--entrypoint", "sleep", image, "3600").CombinedOutput()
	if err != nil {
		t.Logf("SKIPPED: no container stands by: %v, %s", err, said)
		return ""
	}
	t.Cleanup(func() { _ = exec.Command("docker", "rm", "-f", "-v", name).Run() })
	return name
}

// processesOf are the command lines of processes that name a folder, or stand in it.
func processesOf(dir string) (all []string) {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range lines {
		pid := filepath.Base(filepath.Dir(path))
		text, err := os.ReadFile(path)
		at, _ := os.Readlink(filepath.Join(filepath.Dir(path), "cwd"))
		if err != nil || !bytes.Contains(text, []byte(dir)) && !strings.HasPrefix(at, dir) {
			continue
		}
		all = append(all, pid+": "+strings.ReplaceAll(string(text), "\x00", " "))
	}
	return all
}

// regionsOf are the regions' processes below a state folder, without what they start.
func regionsOf(state string) (all []string) {
	for _, p := range processesOf(state) {
		if strings.Contains(p, " region ") {
			all = append(all, p)
		}
	}
	return all
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

func holds(within time.Duration, is func() bool) bool {
	for limit := time.Now().Add(within); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(limit) {
			return false
		}
	}
	return true
}

func awaits(t *testing.T, what string, within time.Duration, is func() bool) {
	t.Helper()
	if !holds(within, is) {
		t.Fatalf("not within %s: %s", within, what)
	}
}

func TestMomentsAreOfASeed(t *testing.T) {
	one, two, other := moments(50, 1), moments(50, 1), moments(50, 2)
	if fmt.Sprint(one) != fmt.Sprint(two) || fmt.Sprint(one) == fmt.Sprint(other) {
		t.Error("a seed is not one list of moments")
	}
	parts := map[string]int{}
	for _, m := range one {
		parts[m.part]++
	}
	if len(parts) != 3 || parts["tear-down"] < 16 {
		t.Errorf("parts %v", parts)
	}
}
