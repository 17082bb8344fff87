package localfleet

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/below"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

const (
	// endWithin is how long a process may take to be gone after SIGKILL.
	endWithin = 5 * time.Second
	// lineLimit bounds the line in which a region announces itself, in bytes.
	lineLimit = 4 << 10
)

// child is one process of a region, from its start on.
type child struct {
	pid     int
	started time.Time
	cmd     *exec.Cmd
	log     string // its log's path, and how long that was before
	logFrom int64

	announced chan struct{} // closed once addr or badLine is there
	addr      string
	build     string // of its program, as it says
	badLine   error
	mute      bool // badLine is that there was none

	exited chan struct{} // closed once state is there
	state  *os.ProcessState

	out      *os.File
	in       io.WriteCloser // held open while it is to end with this process; nil if never
	expected atomic.Bool    // we are ending it
	ending   chan struct{}  // it was just said that we are
	left     chan struct{}  // closed once nobody here wants to know of it any more
}

func newChild(pid int) *child {
	return &child{
		pid: pid, announced: make(chan struct{}), exited: make(chan struct{}),
		ending: make(chan struct{}, 1), left: make(chan struct{}),
	}
}

// spawn starts a child: its process is there when it returns, though it has not
// said anything yet. The caller runs listen and reap, or follow for one that stays.
func spawn(ctx context.Context, on *below.Spawner, cmd *exec.Cmd, log string, stays bool) (*child, error) {
	logTo, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer logTo.Close()
	info, err := logTo.Stat()
	if err != nil {
		return nil, err
	}
	out, childOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer childOut.Close()
	// Held open: it ends when this process does (see the agent's --die-with-parent).
	in, err := cmd.StdinPipe()
	if err != nil {
		out.Close()
		return nil, err
	}
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = childOut, logTo, below.Attributes(stays)
	started := time.Now()
	if err := on.Do(ctx, cmd.Start); err != nil {
		out.Close()
		return nil, err
	}
	c := newChild(cmd.Process.Pid)
	c.out, c.in, c.started, c.cmd, c.log, c.logFrom = out, in, started, cmd, log, info.Size()
	return c, nil
}

// listen takes the announcement and throws away what may follow, until the process ends.
func (c *child) listen() {
	defer c.out.Close()
	line, err := bufio.NewReader(io.LimitReader(c.out, lineLimit)).ReadBytes('\n')
	var said wire.Announcement
	switch {
	case err != nil && len(line) == 0:
		c.mute, c.badLine = true, errors.New("ended its output without saying where it listens")
	case err != nil || json.Unmarshal(line, &said) != nil || said.Addr == "":
		c.badLine = fmt.Errorf("said %.80q on its output instead of where it listens", line)
	case said.PID != c.pid:
		c.badLine = fmt.Errorf("says that it is process %d", said.PID)
	default:
		c.addr, c.build = said.Addr, said.Build
	}
	close(c.announced)
	_, _ = io.Copy(io.Discard, c.out) // ends with the process
}

// reap waits for the process's end. Whoever wants its PID must have it by then.
func (c *child) reap() {
	_ = c.cmd.Wait() // the state has all of it
	c.state = c.cmd.ProcessState
	// Its output has ended too, unless it left a process of its own behind.
	_ = c.out.SetReadDeadline(time.Now().Add(time.Second))
	close(c.exited)
}

// address is where it listens; "" until it has said so.
func (c *child) address() string {
	select {
	case <-c.announced:
		return c.addr
	default:
		return ""
	}
}

// down is an ErrDown that says how, or nil while the process is there.
func (c *child) down() error {
	if c == nil {
		return fmt.Errorf("%w: it has no process", fleet.ErrDown)
	}
	select {
	case <-c.exited:
		return fmt.Errorf("%w: process %d %s", fleet.ErrDown, c.pid, c.end())
	default:
		return nil
	}
}

// end is how the process ended, in the words of wait(2).
func (c *child) end() string {
	if c.state == nil {
		return "ended"
	}
	status, ok := c.state.Sys().(syscall.WaitStatus)
	switch {
	case ok && status.Signaled():
		return fmt.Sprintf("killed by signal %d", int(status.Signal()))
	default:
		return fmt.Sprintf("exited %d", c.state.ExitCode())
	}
}

// killed reports whether SIGKILL ended it. Of a process that another one started only its
// end can be seen: then it is whether it ended after we sent that.
func (c *child) killed() bool {
	if c.state == nil {
		return c.expected.Load()
	}
	status, ok := c.state.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// signal goes to the whole group of the process. It is no error when that is gone.
func (c *child) signal(s syscall.Signal) error {
	select {
	case <-c.exited: // the number may be another's by now
		return nil
	default:
	}
	err := unix.Kill(-c.pid, s)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	return err
}

// kill ends the process with SIGKILL, its group and all that is below it, and
// returns once the process was waited for and the others are gone.
func (c *child) kill() error {
	c.endsNow()
	// Looked for first: once it is dead nothing says whose they were.
	var under []record.Process
	if c.down() == nil {
		var err error
		if under, err = below.Of(context.Background(), c.pid); err != nil {
			under = nil // it must die all the same; sweep finds what is left
		}
	}
	sent := errors.Join(c.signal(unix.SIGKILL), below.KillAll(under))
	t := time.NewTimer(endWithin)
	defer t.Stop()
	select {
	case <-c.exited:
		return sent
	case <-t.C:
		return errors.Join(fmt.Errorf("process %d is there still %s after SIGKILL; look with \"ps -l -p %d\"", c.pid, endWithin, c.pid), sent)
	}
}

// awaitAddress returns once the process has said where it listens.
func (c *child) awaitAddress(ctx context.Context) (string, error) {
	if addr := c.address(); addr != "" && c.badLine == nil { // whatever became of the context meanwhile
		return addr, nil
	}
	select {
	case <-c.announced:
	case <-c.exited:
		<-c.announced // soon, see reap
	case <-ctx.Done():
		return "", fmt.Errorf("process %d has not said where it listens: %w%s", c.pid, context.Cause(ctx), c.lastWords())
	}
	if c.badLine == nil {
		return c.addr, nil
	}
	if c.mute {
		// Its own end is the better reason, and follows that of its output.
		select {
		case <-c.exited:
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
	if err := c.down(); err != nil {
		return "", fmt.Errorf("%w%s", err, c.lastWords())
	}
	return "", fmt.Errorf("process %d %w; is it the right program?%s", c.pid, c.badLine, c.lastWords())
}

// lastWords is the end of what the process wrote to its log, for an error, and
// where the rest is.
func (c *child) lastWords() string { return below.LastWords(c.log, c.logFrom) }

// missing reports whether the error says that there is no such process or file.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
