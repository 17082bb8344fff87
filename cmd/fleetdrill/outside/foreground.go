package outside

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui"
)

// foreground is a program that has the terminal while the screen steps aside. It is a process
// group of its own, so that ctrl-c in it is its own and does not end the drill.
type foreground struct {
	command  fleet.Command
	in       *os.File
	out, err io.Writer
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

// Run runs it until its user leaves it. Its exit code is no error: psql has one for a statement
// that failed.
func (f *foreground) Run() error {
	p := exec.Command(f.command[0], f.command[1:]...)
	p.Stdin, p.Stdout, p.Stderr = f.in, f.out, f.err
	terminal := int(f.in.Fd())
	p.SysProcAttr = &syscall.SysProcAttr{Foreground: true, Ctty: terminal}
	// Who gives the terminal away and takes it back is told to stop while it has it not; and one
	// that ctrl-z stops, which nothing would continue, takes no ctrl-z.
	signal.Ignore(syscall.SIGTTOU, syscall.SIGTSTP)
	defer signal.Reset(syscall.SIGTTOU, syscall.SIGTSTP)
	err := p.Run()
	if back := unix.IoctlSetPointerInt(terminal, unix.TIOCSPGRP, unix.Getpgrp()); back != nil && err == nil {
		return back
	}
	if p.ProcessState != nil {
		return nil
	}
	return err
}

// Stepper steps from the screen into the fleet of a session; it implements tui.StepIn.
type Stepper struct {
	Host Host
	Spec topology.Fleet
	On   string
}

var _ tui.StepIn = Stepper{}

// Psql implements tui.StepIn.
func (s Stepper) Psql(ctx context.Context, dataset, region string) (tui.Program, string, error) {
	d, err := datasetOf(s.Spec, dataset)
	if err != nil {
		return nil, "", err
	}
	console, err := s.Host.console(record.Record{Fleet: s.Spec, On: s.On})
	if err != nil {
		return nil, "", err
	}
	command, err := console.Psql(ctx, d, region)
	if err != nil {
		return nil, "", cannot(err)
	}
	return &foreground{command: command, in: os.Stdin, out: os.Stdout, err: os.Stderr}, command.String(), nil
}

// Kubectl implements tui.StepIn.
func (s Stepper) Kubectl(region string) (string, error) {
	console, err := s.Host.console(record.Record{Fleet: s.Spec, On: s.On})
	if err != nil {
		return "", err
	}
	k, err := console.Kubectl(region)
	if err != nil {
		return "", cannot(err)
	}
	return fleet.Command{"kubectl", "--kubeconfig", k.Kubeconfig, "--namespace", k.Namespace, "get", "pods"}.String(), nil
}
