package localfleet

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/below"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// startEngine starts what behaves as PostgreSQL does in what matters here: a
// process that is named postgres and works in its data's folder, with one below it
// in a session of its own. It returns once both have said so.
func startEngine(data string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	named := filepath.Join(data, "postgres")
	if err := os.Link(self, named); err != nil && !errors.Is(err, os.ErrExist) {
		if err := os.Symlink(self, named); err != nil {
			return err
		}
	}
	return fork(named, data, "2")
}

// spawn starts the engine's process of a level, the last of which is 1.
func fork(named, data, level string) error {
	cmd := exec.Command(named, "engine", level)
	cmd.Dir, cmd.SysProcAttr = data, &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		return fmt.Errorf("engine said %q: %w", line, err)
	}
	return appendLine(filepath.Join(data, "engine.pids"), strconv.Itoa(cmd.Process.Pid))
}

// fakeEngine is one of its processes, deaf to everything but signals that nothing is deaf to.
func fakeEngine(args []string) int {
	if args[0] == "2" {
		dir, err := os.Getwd()
		if err == nil {
			err = fork(filepath.Join(dir, "postgres"), dir, "1")
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	fmt.Println("ready")
	for { // not select {}: a program without cgo that can never go on is ended as a deadlock
		time.Sleep(time.Hour)
	}
}

// engine is the processes of region b's engine.
func engine(t *testing.T, state string) []record.Process {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(state, "fleets", "three", "regions", "b", "engine.pids"))
	if err != nil {
		t.Fatal(err)
	}
	var all []record.Process
	for _, line := range strings.Fields(string(text)) {
		pid, err := strconv.Atoi(line)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := record.Identify(pid); err == nil {
			all = append(all, p)
		}
	}
	if len(all) != 2 {
		t.Fatalf("%d processes of the engine live, want 2: %v", len(all), all)
	}
	t.Cleanup(func() {
		if err := below.KillAll(all); err != nil {
			t.Error(err)
		}
	})
	return all
}

func living(all []record.Process) (n int) {
	for _, p := range all {
		if record.Alive(p) {
			n++
		}
	}
	return n
}

func stopped(t *testing.T, all []record.Process) (n int) {
	t.Helper()
	for _, p := range all {
		is, err := below.Stopped(t.Context(), p.PID)
		if err != nil {
			t.Fatal(err)
		}
		if is {
			n++
		}
	}
	return n
}

// TestFaultsReachTheEnginesProcesses: a region is killed, frozen and continued with
// all that is below it, though that left its process group.
func TestFaultsReachTheEnginesProcesses(t *testing.T) {
	l := upLab(t, "b=engine")
	all := engine(t, l.state)
	for range 2 {
		proof, err := l.Do(t.Context(), "b", fleet.OpFreeze)
		if text := proved(t, proof, err); !strings.Contains(text, "and 2 below it stopped") {
			t.Errorf("proof %q does not tell of both", text)
		}
		if n := stopped(t, all); n != 2 {
			t.Errorf("%d of 2 are stopped", n)
		}
		proof, err = l.Do(t.Context(), "b", fleet.OpRestore)
		proved(t, proof, err)
		if n := stopped(t, all); n != 0 {
			t.Errorf("%d of 2 are stopped after the region was continued", n)
		}
	}
	if n := living(all); n != 2 {
		t.Fatalf("%d of 2 live", n)
	}
	proof, err := l.Do(t.Context(), "b", fleet.OpFreeze)
	proved(t, proof, err)
	proof, err = l.Do(t.Context(), "b", fleet.OpKill)
	proved(t, proof, err)
	if n := living(all); n != 0 {
		t.Errorf("%d outlived their region", n)
	}
}

// TestOrphansEndBeforeTheRegionStartsAgain: what the region's process left when it
// died by itself does not hold the data any more when the next one comes.
func TestOrphansEndBeforeTheRegionStartsAgain(t *testing.T) {
	l := upLab(t, "b=engine")
	all := engine(t, l.state)
	bystander := exec.Command("sleep", "600") // in the same folder, and nobody's engine
	bystander.Dir = filepath.Join(l.state, "fleets", "three", "regions", "b")
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = bystander.Process.Kill(), bystander.Wait() }()
	if err := syscall.Kill(l.pid("b"), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if !soon(func() bool { return l.byName["b"].current().down() != nil }) {
		t.Fatal("it did not die")
	}
	if n := living(all); n != 2 {
		t.Fatalf("%d of 2 live: the test needs orphans", n)
	}
	proof, err := l.Do(t.Context(), "b", fleet.OpRestore)
	proved(t, proof, err)
	if n := living(all); n != 0 {
		t.Errorf("%d of the last run's engine live beside the new one", n)
	}
	if p, err := record.Identify(bystander.Process.Pid); err != nil || !record.Alive(p) {
		t.Error("a process that is none of ours was killed")
	}
	if !slices.ContainsFunc(l.commands("b"), func(s string) bool { return s == "kill -KILL "+strconv.Itoa(all[0].PID) }) {
		t.Errorf("not told: %q", l.commands("b"))
	}
}

// TestDownFindsTheEngineOfAKilledFleetdrill: what ends fleetdrill itself leaves
// nothing that down does not end, stopped or not.
func TestDownFindsTheEngineOfAKilledFleetdrill(t *testing.T) {
	for name, freeze := range map[string]bool{"running": false, "frozen": true} {
		t.Run(name, func(t *testing.T) {
			state := t.TempDir()
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), roleVariable+"=parent", stateVariable+"="+state, modesVariable+"=b=engine")
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
			lines := bufio.NewScanner(out)
			if !lines.Scan() || lines.Text() != "up" {
				t.Fatalf("parent said %q", lines.Text())
			}
			all := engine(t, state)
			if freeze {
				fmt.Fprintln(in, "b")
				if !lines.Scan() || !strings.Contains(lines.Text(), "2 below it") {
					t.Fatalf("parent said %q", lines.Text())
				}
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			f, err := New(Config{Fleet: spec(), StateDir: state, Binary: self})
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Down(context.Background()); err != nil {
				t.Fatal(err)
			}
			if n := living(all); n != 0 {
				t.Errorf("%d processes of the engine are left", n)
			}
			if !gone(filepath.Join(state, "fleets", "three")) {
				t.Error("the record is left")
			}
		})
	}
}
