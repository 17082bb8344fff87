package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"github.com/fleetdrill/fleetdrill/drill/pause"
)

const (
	// holdEvery is how often the states of the server's processes are looked at until all have stopped.
	holdEvery = 2 * time.Millisecond
	// holdWithin is how long the kernel may take to stop them.
	holdWithin = 2 * time.Second
)

// errEnded: there is no process that could be stopped.
var errEnded = errors.New("its server does not run")

// Hold stops every process of the server (SIGSTOP), and returns how many once the kernel says so of each; where one does not stop,
// none is left so. Sockets accept, and nothing is answered or written until Release. Each backend has a session of its own (setsid(2),
// InitPostmasterChild), so each is sent the signal; the postmaster first, which then begins no other.
func (s *Server) Hold(ctx context.Context) (int, error) {
	p := s.Process()
	if p == nil || p.Ended() {
		return 0, errEnded
	}
	p.held.Store(true) // before the first is stopped: whoever ends the server meanwhile has to know
	n, err := hold(ctx, p.PID())
	if err != nil {
		err = fmt.Errorf("stop the server of %s: %w", s.cfg.Dataset, err)
		return 0, errors.Join(err, release(context.WithoutCancel(ctx), p))
	}
	return n, nil
}

// hold stops a postmaster and its children, and says how many these are.
func hold(ctx context.Context, postmaster int) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, holdWithin)
	defer cancel()
	for {
		all, err := family(ctx, postmaster)
		if err != nil {
			return 0, err
		}
		running := 0
		for _, pid := range all {
			if stopped(ctx, pid) {
				continue
			}
			running++
			if err := syscall.Kill(int(pid), syscall.SIGSTOP); err != nil && !errors.Is(err, syscall.ESRCH) {
				return 0, fmt.Errorf("process %d: %w", pid, err)
			}
		}
		if running == 0 {
			return len(all), nil
		}
		if !pause.For(ctx, holdEvery) {
			return 0, fmt.Errorf("%d of %d processes do not stop: %w", running, len(all), context.Cause(ctx))
		}
	}
}

// Release continues what Hold stopped; a server that runs, or is gone, is left as it is.
func (s *Server) Release(ctx context.Context) error {
	p := s.Process()
	if p == nil || p.Ended() {
		return nil
	}
	if err := release(ctx, p); err != nil {
		return fmt.Errorf("continue the server of %s: %w", s.cfg.Dataset, err)
	}
	return nil
}

// Held says whether Hold has stopped it, or is about to; a nil one runs nowhere.
func (p *Process) Held() bool { return p != nil && p.held.Load() }

func release(ctx context.Context, p *Process) error {
	all, err := family(ctx, p.PID())
	if err != nil {
		return err
	}
	slices.Reverse(all) // the postmaster last, so that it begins none meanwhile
	for _, pid := range all {
		if err := syscall.Kill(int(pid), syscall.SIGCONT); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("process %d: %w", pid, err)
		}
	}
	p.held.Store(false)
	return nil
}

// family is a postmaster and its children. While it is stopped none of these numbers becomes another process's, since nobody
// reaps those that end.
func family(ctx context.Context, postmaster int) ([]int32, error) {
	all, err := process.PidsWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the processes of this machine: %w", err)
	}
	out := []int32{int32(postmaster)}
	for _, pid := range all {
		// One that has just ended has no parent any more.
		if parent, err := (&process.Process{Pid: pid}).PpidWithContext(ctx); err == nil && parent == int32(postmaster) {
			out = append(out, pid)
		}
	}
	return out, nil
}

// stopped says whether the kernel runs a process no more: it is stopped, or has ended.
func stopped(ctx context.Context, pid int32) bool {
	state, err := (&process.Process{Pid: pid}).StatusWithContext(ctx)
	return err != nil || slices.Contains(state, process.Stop) || slices.Contains(state, process.Zombie)
}
