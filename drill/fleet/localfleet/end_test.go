package localfleet

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func TestNewRefuses(t *testing.T) {
	twice := spec()
	twice.Regions = append(twice.Regions, topology.Region{Name: "a"})
	bad := spec()
	bad.Regions[1].Name = "../b"
	tests := []struct {
		name string
		cfg  Config
		want string
	}{
		{"no state folder", Config{Fleet: spec()}, "no state folder"},
		{"no regions", Config{Fleet: topology.Fleet{Name: "three"}, StateDir: "/x"}, "no regions"},
		{"twice", Config{Fleet: twice, StateDir: "/x"}, `"a" is there twice`},
		{"bad name", Config{Fleet: bad, StateDir: "/x"}, "../b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := New(tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestUpErrorsSayWhatHappened(t *testing.T) {
	tests := []struct {
		mode   string
		within time.Duration
		want   []string
	}{
		{"dies", 10 * time.Second, []string{"region is down", "exited 3", "disk of cheese", filepath.Join("logs", "b.log")}},
		{"silent", 200 * time.Millisecond, []string{"has not said where it listens", "for 200ms"}},
		{"babbles", 10 * time.Second, []string{`said "hello\n"`, "right program"}},
		{"mute", time.Second, []string{"listens on 127.0.0.1:", "does not answer as b", "for "}},
		{"impostor", time.Second, []string{"does not answer as b", "region elsewhere answered"}},
	}
	for _, tt := range tests {
		t.Run(tt.mode, func(t *testing.T) {
			var l *lab
			var err error
			for within := tt.within; ; within *= 4 { // a machine that stands still for so long keeps it from saying where it listens
				l = newLab(t, "b="+tt.mode, func(c *Config) {
					c.ReadyWithin, c.Fleet.Regions = within, []topology.Region{{Name: "b"}}
				})
				if err = l.Up(context.Background()); err == nil {
					t.Fatal("it came up")
				}
				if tt.mode == "silent" || within > time.Minute || !strings.Contains(err.Error(), "has not said where it listens") {
					break
				}
			}
			for _, want := range append(tt.want, "bring up three: region b: ") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in %q", want, err)
				}
			}
			failed := false
			for _, b := range l.reported() {
				s, ok := b.(drill.StageEntered)
				failed = failed || ok && s.Region == "b" && s.Status == drill.StageFailed
			}
			if !failed {
				t.Error("no stage of b failed")
			}
		})
	}
}

func TestUpWithoutTheProgram(t *testing.T) {
	l := newLab(t, "", func(c *Config) { c.Binary = "/nowhere/fleetdrill" })
	if err := l.Up(context.Background()); err == nil || !strings.Contains(err.Error(), "/nowhere/fleetdrill: no such file") {
		t.Errorf("got %v", err)
	}
}

func TestCancelDuringUpLeavesNothing(t *testing.T) {
	l := newLab(t, "b=mute,c=silent")
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Up(ctx) }()
	if !soon(func() bool { return len(l.children()) == 3 && l.serves("a") }) {
		t.Fatal("region a never came")
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Up: %v", err)
	}
	// The lab's clean-up looks for what is left after Down.
}

func TestDownEndsAnUpUnderWay(t *testing.T) {
	l := newLab(t, "b=mute")
	ended := make(chan error, 1)
	go func() { ended <- l.Up(context.Background()) }()
	if !soon(func() bool { return len(l.children()) == 3 }) {
		t.Fatal("no regions")
	}
	if err := l.Up(context.Background()); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("second Up: %v", err)
	}
	if err := l.Down(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, errGoing) {
		t.Errorf("Up: %v", err)
	}
	if _, err := l.Do(context.Background(), "a", fleet.OpKill); !errors.Is(err, fleet.ErrDown) {
		t.Errorf("kill after Down: %v", err)
	}
}

func TestDownEndsACommandUnderWay(t *testing.T) {
	l := upLab(t, "")
	if _, err := l.Do(context.Background(), "b", fleet.OpKill); err != nil {
		t.Fatal(err)
	}
	t.Setenv(modesVariable, "b=mute")
	before := l.pid("b")
	ended := make(chan error, 1)
	go func() {
		_, err := l.Do(context.Background(), "b", fleet.OpRestore)
		ended <- err
	}()
	if !soon(func() bool { return l.pid("b") != before }) {
		t.Fatal("not started")
	}
	if err := l.Down(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, errGoing) {
		t.Errorf("Restore: %v", err)
	}
}

func TestDownAndUpAgain(t *testing.T) {
	l := upLab(t, "")
	if _, err := l.Do(context.Background(), "b", fleet.OpFreeze); err != nil {
		t.Fatal(err)
	}
	if err := l.Down(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !gone(filepath.Join(l.state, "fleets")) {
		t.Error("files are left")
	}
	if err := l.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
	if l.starts("b") != 1 {
		t.Error("data outlived Down")
	}
}

// startParent starts another fleetdrill with the fleet up.
func startParent(t *testing.T, state, modes string) (*exec.Cmd, *bufio.Reader, func(string)) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), roleVariable+"=parent", stateVariable+"="+state, modesVariable+"="+modes)
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
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); line != "up\n" {
		t.Fatalf("parent said %q, %v", line, err)
	}
	return cmd, lines, func(line string) { fmt.Fprintln(in, line) }
}

func TestRegionsDieWithTheirParent(t *testing.T) {
	l := newLab(t, "")
	// By its standard input alone, by the kernel alone where there is that, and stopped.
	modes, frozen := "", ""
	if runtime.GOOS == "linux" {
		modes, frozen = "a=deaf", "b"
	}
	cmd, lines, say := startParent(t, l.state, modes)
	if frozen != "" {
		say(frozen)
		if line, err := lines.ReadString('\n'); !strings.Contains(line, "stopped (state T)") {
			t.Fatalf("parent said %q, %v", line, err)
		}
	}
	file, err := record.Open(l.state, "three")
	if err != nil {
		t.Fatal(err)
	}
	known := file.Get()
	if len(known.Processes) != 3 {
		t.Fatalf("on record %+v", known.Processes)
	}
	// While it lives the fleet is its own.
	pid := fmt.Sprint(cmd.Process.Pid)
	if err := l.Up(context.Background()); err == nil || !strings.Contains(err.Error(), pid) {
		t.Errorf("Up beside the owner: %v", err)
	}
	if err := l.Down(context.Background()); err != nil { // of an Up that was refused
		t.Errorf("Down after a refused Up: %v", err)
	}
	other, err := New(Config{Fleet: spec(), StateDir: l.state})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Down(context.Background()); !errors.Is(err, record.ErrLocked) || !strings.Contains(err.Error(), pid) {
		t.Errorf("Down beside the owner: %v", err)
	}
	for _, p := range known.Processes {
		if !record.Alive(p) {
			t.Errorf("region %s of another process was ended", p.Region)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for _, p := range known.Processes {
		if !soon(func() bool { return !record.Alive(p) }) {
			t.Errorf("region %s outlived its parent", p.Region)
		}
	}
	if err := other.Down(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !gone(filepath.Join(l.state, "fleets")) {
		t.Error("files are left")
	}
}

// straggler is a process that goes on without the fleetdrill that started it, as a
// stopped one does on macOS.
func straggler(t *testing.T) (*exec.Cmd, record.Process) {
	t.Helper()
	cmd := exec.Command("sleep", "60")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	p, err := record.Identify(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	return cmd, p
}

// leftOver records a fleet whose owner is dead.
func leftOver(t *testing.T, state, on string, processes ...record.Process) {
	t.Helper()
	dead, err := record.Self()
	if err != nil {
		t.Fatal(err)
	}
	dead.Started-- // this PID, before it was ours
	f, err := record.Create(state, record.Record{Fleet: spec(), On: on, Owner: dead, Processes: processes})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.MakeDir("regions", "a"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.Dir(), "regions", "a", "starts"), []byte("1\n2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWhatADeadProcessLeft(t *testing.T) {
	ways := map[string]func(*lab) error{
		"down": func(l *lab) error { return l.Down(context.Background()) },
		"up":   func(l *lab) error { return l.Up(context.Background()) },
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, "")
			_, old := straggler(t)
			_, recycled := straggler(t)
			other := recycled
			other.Started -= 1000 // on record is whoever had that PID before
			old.Region, other.Region = "a", "b"
			leftOver(t, l.state, On, old, other)
			if err := way(l); err != nil {
				t.Fatal(err)
			}
			if record.Alive(old) {
				t.Error("the recorded process is left")
			}
			if !record.Alive(recycled) {
				t.Error("a process that got a recorded PID later was killed")
			}
			if name == "up" && (!l.serves("a") || l.starts("a") != 1) {
				t.Error("the new fleet has the old one's data")
			}
		})
	}
}

func TestAFleetOnKindIsLeftAlone(t *testing.T) {
	l := newLab(t, "")
	leftOver(t, l.state, "kind")
	if err := l.Up(context.Background()); !errors.Is(err, fleet.ErrExists) || !strings.Contains(err.Error(), "runs on kind") {
		t.Errorf("up: %v", err)
	}
	if err := l.Down(context.Background()); err != nil {
		t.Errorf("down after an up that was refused: %v", err)
	}
	f, err := record.Open(l.state, "three")
	if err != nil {
		t.Fatal(err)
	}
	if on := f.Get().On; on != "kind" {
		t.Errorf("the fleet on record runs on %s now", on)
	}
	if err := f.Remove(); err != nil {
		t.Fatal(err)
	}
}

func TestDownOfNothing(t *testing.T) {
	l := newLab(t, "")
	if err := l.Down(context.Background()); err != nil {
		t.Fatal(err)
	}
	// What a crash leaves between the folder and the record.
	if err := os.MkdirAll(filepath.Join(l.state, "fleets", "three"), 0o700); err != nil {
		t.Fatal(err)
	}
}
