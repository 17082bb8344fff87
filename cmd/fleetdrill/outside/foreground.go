package outside

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

// foreground is a program that has the terminal while the screen steps aside. It is a process
// group of its own, so that ctrl-c in it is its own and does not end the drill.
type foreground struct {
	command  fleet.Command
	in       *os.File
	out, err io.Writer
	ended    <-chan struct{} // is closed once the program around it is to end
}

// SetStdin, SetStdout and SetStderr take the screen's own, where those are files: a program that
// is given anything else believes that nobody sits at it.
func (f *foreground) SetStdin(r io.Reader) {
	if file, is := r.(*os.File); is {
		f.in = file
	}
}

// SetStdout takes where it writes to.
func (f *foreground) SetStdout(w io.Writer) {
	if file, is := w.(*os.File); is {
		f.out = file
	}
}

// SetStderr takes where it complains.
func (f *foreground) SetStderr(w io.Writer) {
	if file, is := w.(*os.File); is {
		f.err = file
	}
}

// hangUpGrace is how long a program may take to end once it was told that its terminal goes: with
// the fleet's tear-down it is to be over within five seconds.
const hangUpGrace = time.Second

// Run runs it until its user leaves it, or the program around it is to end. The error says with which
// code it ended, if not with 0: a person has read then why.
func (f *foreground) Run() error {
	terminal := int(f.in.Fd())
	modes, err := term.GetState(terminal)
	if err != nil {
		return fmt.Errorf("look at the terminal: %w", err)
	}
	p := exec.Command(f.command[0], f.command[1:]...)
	p.Stdin, p.Stdout, p.Stderr = f.in, f.out, f.err
	p.SysProcAttr = &syscall.SysProcAttr{Foreground: true, Ctty: terminal}
	// Who gives the terminal away and takes it back is told to stop while it has it not; and one
	// that ctrl-z stops, which nothing would continue, takes no ctrl-z.
	signal.Ignore(syscall.SIGTTOU, syscall.SIGTSTP)
	defer signal.Reset(syscall.SIGTTOU, syscall.SIGTSTP)
	if err := p.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- p.Wait() }()
	told := false
	select {
	case err = <-done:
	case <-f.ended:
		told, err = true, hangUp(p.Process.Pid, terminal, done)
	}
	// One that was killed leaves the terminal as it had it.
	back := errors.Join(unix.IoctlSetPointerInt(terminal, unix.TIOCSPGRP, unix.Getpgrp()), term.Restore(terminal, modes))
	var exit *exec.ExitError
	switch {
	case back != nil:
		return fmt.Errorf("take the terminal back: %w", back)
	case told:
		return nil
	case errors.As(err, &exit):
		err = fmt.Errorf("%s: %s", filepath.Base(f.command[0]), exit)
		f.wait(terminal, err)
	}
	return err
}

// hangUp ends a program as a terminal that closes does, and by force where it does not end: its group,
// and that of whom it gave the terminal, a shell say.
func hangUp(group, terminal int, done <-chan error) error {
	tell := func(sig syscall.Signal) {
		if has, err := unix.IoctlGetInt(terminal, unix.TIOCGPGRP); err == nil && has > 1 && has != unix.Getpgrp() && has != group {
			_ = unix.Kill(-has, sig) // it may have gone by itself
		}
		_ = unix.Kill(-group, sig)
	}
	tell(syscall.SIGHUP)
	select {
	case err := <-done:
		return err
	case <-time.After(hangUpGrace):
	}
	tell(syscall.SIGKILL)
	return <-done
}

// lookEvery is how often the wait for enter looks whether the program is to end, in milliseconds.
const lookEvery = 100

// wait keeps what a program that failed has said in sight until its reader presses enter: the screen
// would be drawn over it.
func (f *foreground) wait(terminal int, err error) {
	fmt.Fprintf(f.err, "\n%v; press enter to go back to the drill, which runs on\n", err)
	poll := []unix.PollFd{{Fd: int32(terminal), Events: unix.POLLIN}}
	for {
		select {
		case <-f.ended:
			return
		default:
		}
		n, err := unix.Poll(poll, lookEvery)
		switch {
		case errors.Is(err, unix.EINTR) || err == nil && n == 0:
			continue
		case err != nil:
			return
		}
		line := make([]byte, 256)
		if n, err := unix.Read(terminal, line); n == 0 || err != nil || line[n-1] == '\n' {
			return
		}
	}
}
