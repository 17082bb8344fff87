// Package below reaches the processes under a region's: which there are, signals to each, what states the kernel has them in,
// and those of an engine that outlived their region.
package below

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/process"
	"golang.org/x/sys/unix"

	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// A store engine may have processes of its own under the region's, and those need
// not be in its process group: PostgreSQL gives each of its backends a session of
// its own (setsid(2), InitPostmasterChild). Nor does a signal's effect on a parent
// reach them. So a fault is done to each of them.

// Of is every process below pid now, parents before their children.
func Of(ctx context.Context, pid int) ([]record.Process, error) {
	all, err := process.PidsWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the processes of this machine: %w", err)
	}
	children := map[int][]int{}
	for _, p := range all {
		// One that has just ended has no parent any more.
		if parent, err := (&process.Process{Pid: p}).PpidWithContext(ctx); err == nil && parent > 0 && parent != p {
			children[int(parent)] = append(children[int(parent)], int(p))
		}
	}
	var found []record.Process
	for next := children[pid]; len(next) > 0; {
		p := next[0]
		next = append(next[1:], children[p]...)
		identity, err := record.Identify(p)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		default:
			found = append(found, identity)
		}
	}
	return found, nil
}

// Send signals that very process; it is no error when it is gone.
func Send(p record.Process, s unix.Signal) error {
	handle, err := os.FindProcess(p.PID)
	if err != nil {
		return fmt.Errorf("signal process %d: %w", p.PID, err)
	}
	defer func() { _ = handle.Release() }()
	if !record.Alive(p) {
		return nil
	}
	if err := handle.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("send %s to process %d (%s): %w", unix.SignalName(s), p.PID, p.Exe, err)
	}
	return nil
}

// KillAll ends them with SIGKILL: all are sent it before any is waited for.
func KillAll(all []record.Process) error {
	var errs []error
	for _, p := range all {
		errs = append(errs, Send(p, unix.SIGKILL))
	}
	for _, p := range all {
		errs = append(errs, record.Kill(p))
	}
	return errors.Join(errs...)
}

// Stop stops every process below one, and returns them once all are,
// and no other has come meanwhile.
func Stop(ctx context.Context, pid int) ([]record.Process, error) {
	ctx, cancel := context.WithTimeout(ctx, StateWithin)
	defer cancel()
	for {
		found, err := Of(ctx, pid)
		if err != nil {
			return nil, err
		}
		running := 0
		for _, p := range found {
			stopped, err := Stopped(ctx, p.PID)
			if stopped || err != nil && !record.Alive(p) {
				continue
			}
			running++
			if err := Send(p, unix.SIGSTOP); err != nil {
				return nil, err
			}
		}
		if running == 0 {
			return found, nil
		}
		if !pause.For(ctx, stateEvery) {
			return nil, fmt.Errorf("%d of %d processes under process %d do not stop: %w", running, len(found), pid, context.Cause(ctx))
		}
	}
}

// StopAll stops processes, and returns once the kernel says so of each.
func StopAll(ctx context.Context, all []record.Process) error {
	ctx, cancel := context.WithTimeout(ctx, StateWithin)
	defer cancel()
	for _, p := range all {
		if err := Send(p, unix.SIGSTOP); err != nil {
			return err
		}
	}
	for _, p := range all {
		for stopped, err := Stopped(ctx, p.PID); !stopped; stopped, err = Stopped(ctx, p.PID) {
			if err != nil && !record.Alive(p) {
				break
			}
			if !pause.For(ctx, stateEvery) {
				return fmt.Errorf("process %d does not stop: %w", p.PID, context.Cause(ctx))
			}
		}
	}
	return nil
}

// Continue continues every process below pid that is stopped.
func Continue(ctx context.Context, pid int) error {
	ctx, cancel := context.WithTimeout(ctx, StateWithin)
	defer cancel()
	for {
		found, err := Of(ctx, pid)
		if err != nil {
			return err
		}
		stopped := 0
		for _, p := range found {
			if is, err := Stopped(ctx, p.PID); err != nil || !is {
				continue
			}
			stopped++
			if err := Send(p, unix.SIGCONT); err != nil {
				return err
			}
		}
		if stopped == 0 {
			return nil
		}
		if !pause.For(ctx, stateEvery) {
			return fmt.Errorf("%d processes under process %d do not go on: %w", stopped, pid, context.Cause(ctx))
		}
	}
}

// ContinueOne continues a stopped process below another, and all that is below it; false where it is not stopped, or has ended.
// It is taken by its start: a number alone may be a stranger's since somebody gave it.
func ContinueOne(ctx context.Context, under, pid int) (bool, error) {
	ours, err := Of(ctx, under)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(ours, func(p record.Process) bool { return p.PID == pid })
	if i < 0 {
		return false, nil
	}
	if stopped, err := Stopped(ctx, pid); err != nil || !stopped {
		return false, nil
	}
	if err := Continue(ctx, pid); err != nil {
		return false, err
	}
	return true, Send(ours[i], unix.SIGCONT)
}

// Orphans are PostgreSQL's processes of a region whose own is gone: those that run
// on data inside its folder. What else has its working directory there, such as a
// person's shell, is not ours.
func Orphans(ctx context.Context, folder string) ([]record.Process, error) {
	// In a folder that nothing was written to nothing can have been left: to look at every process of a machine
	// would cost each region of a new fleet as much as to start it.
	if unused(folder) {
		return nil, nil
	}
	folder, err := filepath.EvalSymlinks(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all, err := process.PidsWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the processes of this machine: %w", err)
	}
	var found []record.Process
	for _, pid := range all {
		p := &process.Process{Pid: pid}
		if name, err := p.NameWithContext(ctx); err != nil || !isServer(name) {
			continue
		}
		identity, err := record.Identify(int(pid))
		if err == nil && within(ctx, p, folder) {
			found = append(found, identity)
		}
	}
	return found, nil
}

// unused reports whether nothing is in the folder.
func unused(folder string) bool {
	entries, err := os.ReadDir(folder)
	return err == nil && len(entries) == 0
}

// isServer reports whether a program of that name is the server of a data engine.
func isServer(name string) bool {
	return slices.ContainsFunc(store.Engines(), func(e store.Engine) bool { return e.Server != nil && e.Server.Program == name })
}

// within reports whether a PostgreSQL process works on data in the folder: it
// changes into it, and its first process is told it by -D. (Another user's
// working directory can't be read without a privilege, a command line can.)
func within(ctx context.Context, p *process.Process, folder string) bool {
	if dir, err := p.CwdWithContext(ctx); err == nil && inside(dir, folder) {
		return true
	}
	args, err := p.CmdlineSliceWithContext(ctx)
	if err != nil {
		return false
	}
	i := slices.Index(args, "-D")
	if i < 0 || i+1 >= len(args) {
		return false
	}
	data, err := filepath.EvalSymlinks(args[i+1])
	return err == nil && inside(data, folder)
}

func inside(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+string(filepath.Separator))
}

const (
	// stateEvery is how often the states of processes are looked at until they are as wanted.
	stateEvery = 2 * time.Millisecond
	// StateWithin is how long the kernel may take to stop or continue a process.
	StateWithin = 2 * time.Second
)

// Stopped reads from the kernel whether a process is stopped (state T).
func Stopped(ctx context.Context, pid int) (bool, error) {
	state, err := (&process.Process{Pid: int32(pid)}).StatusWithContext(ctx)
	if err != nil {
		return false, fmt.Errorf("read the state of process %d: %w", pid, err)
	}
	return slices.Contains(state, process.Stop), nil
}
