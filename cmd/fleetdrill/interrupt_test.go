package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A command that has nothing to take down ends with the first signal, whatever it waits for.
func TestWaitingForAPipeCanBeInterrupted(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"report", pipe}, {"check", pipe}, {"run", pipe, "--on", "local"}, {"up", "-f", pipe, "--on", "local"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(program, append(args, "--state-dir", dir)...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- cmd.Wait() }()
			// It may not listen yet when the first one comes, which ends it as well.
			tick := time.NewTicker(100 * time.Millisecond)
			defer tick.Stop()
			for limit := time.After(20 * time.Second); ; {
				select {
				case <-done:
					if code := cmd.ProcessState.ExitCode(); code != exitFailed && code != -1 {
						t.Errorf("exit %d", code)
					}
					return
				case <-tick.C:
					_ = cmd.Process.Signal(syscall.SIGTERM)
				case <-limit:
					_ = cmd.Process.Kill()
					t.Fatal("it waits for the pipe although it was told to stop")
				}
			}
		})
	}
}

// However often ctrl-c comes at once while a fleet starts, nothing is left of it, or what removes it is said.
func TestStopsAtOnceLeaveNothingUnsaid(t *testing.T) {
	for _, args := range [][]string{{"run", "lose-the-authority", "--on", "local"}, {"up", "--on", "local"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			state := t.TempDir()
			var out strings.Builder
			cmd := exec.Command(program, append(args, "--state-dir", state)...)
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			record := filepath.Join(state, "fleets", defaultFleet, "record.json")
			for limit := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
				if _, err := os.Stat(record); err == nil {
					break
				}
				if time.Now().After(limit) {
					_ = cmd.Process.Kill()
					t.Fatal("no fleet is on record")
				}
			}
			for range 3 {
				_ = cmd.Process.Signal(os.Interrupt)
			}
			err := cmd.Wait()
			defer func() { _ = exec.Command(program, "down", "--state-dir", state).Run() }()
			if _, there := os.Stat(record); there == nil && !strings.Contains(out.String(), "fleetdrill down") {
				t.Errorf("%v, and the record is left without a word:\n%s", err, out.String())
			}
			if code := cmd.ProcessState.ExitCode(); code < 0 {
				t.Errorf("it ended by %v and not in an orderly way", err)
			}
		})
	}
}
