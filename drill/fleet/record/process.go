package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// KillWait is how long Kill waits for a process to be gone after SIGKILL. The kernel
// needs milliseconds, unless the process hangs in a disk's driver.
const KillWait = 3 * time.Second

// Identify reads the identity of a running process of this machine. The error is
// fs.ErrNotExist when there is none of that PID, or only what is left of a dead one.
func Identify(pid int) (Process, error) {
	p, err := identify(pid)
	if err != nil {
		return Process{}, fmt.Errorf("identify process %d: %w", pid, err)
	}
	return p, nil
}

// Self is the identity of this process.
func Self() (Process, error) { return Identify(os.Getpid()) }

// Same reports whether both are the same process, ever.
func (p Process) Same(q Process) bool {
	return p.PID == q.PID && p.Started == q.Started && p.Boot == q.Boot
}

// Alive reports whether that very process runs (stopped counts; dead and not yet
// waited for does not). A process that came to the same PID later is not it. Where
// the machine cannot say, it is taken to be alive.
func Alive(p Process) bool {
	if p.PID <= 0 {
		return false
	}
	now, err := identify(p.PID)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	return p.Same(now)
}

// Kill ends that very process, and its process group where it leads one, with
// SIGKILL, and returns once it is gone. It is no error when it was gone already. The
// error is ErrAlive when it is there still after KillWait.
func Kill(p Process) error {
	if p.PID <= 1 || p.PID == os.Getpid() {
		return fmt.Errorf("kill process %d: refused, no region can have that number", p.PID)
	}
	// On Linux the handle is a pidfd: it stays with the process that is checked next.
	handle, err := os.FindProcess(p.PID)
	if err != nil {
		return fmt.Errorf("kill process %d: %w", p.PID, err)
	}
	defer handle.Release()
	now, err := identify(p.PID)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && !p.Same(now)) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("kill process %d: cannot tell whether it is ours: %w", p.PID, err)
	}
	// The group first, while its leader is known to be the right one.
	if group, err := unix.Getpgid(p.PID); err == nil && group == p.PID {
		_ = unix.Kill(-p.PID, unix.SIGKILL) // the leader's own signal below has the error
	}
	if err := handle.Signal(unix.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("kill process %d: %w", p.PID, err)
	}
	deadline := time.Now().Add(KillWait)
	for pause := time.Millisecond; Alive(p); pause = min(2*pause, 50*time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("kill process %d (%s): %w %s after SIGKILL", p.PID, p.Exe, ErrAlive, KillWait)
		}
		time.Sleep(pause)
	}
	return nil
}
