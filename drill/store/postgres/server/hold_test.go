package server

import (
	"bufio"
	"context"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// withChild is a process with one below it, as a server is.
func withChild(t *testing.T) *Server {
	t.Helper()
	cmd := exec.Command("sh", "-c", "sleep 60 & echo started; wait")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		all, _ := family(context.Background(), cmd.Process.Pid)
		for _, pid := range all {
			_ = syscall.Kill(int(pid), syscall.SIGKILL)
		}
		_ = cmd.Wait()
	})
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return &Server{process: &Process{cmd: cmd, done: make(chan struct{})}}
}

// are waits until all of a server's processes are stopped, or none is.
func are(t *testing.T, s *Server, halted bool) {
	t.Helper()
	t.Helper()
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		all, err := family(t.Context(), s.process.PID())
		if err != nil || len(all) != 2 {
			t.Fatalf("%d processes, %v", len(all), err)
		}
		if stopped(t.Context(), all[0]) == halted && stopped(t.Context(), all[1]) == halted {
			return
		}
		if time.Since(began) > 10*time.Second {
			t.Fatalf("the postmaster's stop: %t, its child's: %t, want %t", stopped(t.Context(), all[0]), stopped(t.Context(), all[1]), halted)
		}
	}
}

func TestHold(t *testing.T) {
	s := withChild(t)
	if n, err := s.Hold(t.Context()); n != 2 || err != nil || !s.process.Held() {
		t.Errorf("%d processes are held, %v", n, err)
	}
	are(t, s, true)
	if err := s.Release(t.Context()); err != nil || s.process.Held() {
		t.Errorf("it is held still, %v", err)
	}
	are(t, s, false)
}

// A server that can't be held goes on as a whole: nobody would continue what of it was stopped.
func TestWhatCannotBeHeldGoesOn(t *testing.T) {
	s := withChild(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // nobody waits until all have stopped
	if _, err := s.Hold(ctx); err == nil || s.process.Held() {
		t.Errorf("it is held, %v", err)
	}
	are(t, s, false)
}
