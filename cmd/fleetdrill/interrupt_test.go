package main

import (
	"os/exec"
	"path/filepath"
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
