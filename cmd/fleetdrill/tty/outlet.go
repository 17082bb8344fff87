package tty

import (
	"context"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// stalledAfter is how long one write may wait for a terminal that stopped reading (a frozen
// window, a dead line, a pager) once the program is to end. A tear-down of a local fleet takes a
// second, and all is to be over within five.
const stalledAfter = time.Second

// Outlet writes to a file, and lets nobody wait for a reader that stopped reading once stop
// has ended: what is written then is dropped. It is a terminal where its file is one.
type Outlet struct {
	*os.File
	stop context.Context
	// mu is held over a write, so that writes stay in order.
	mu      sync.Mutex
	stalled atomic.Bool
}

// NewOutlet writes to a file until stop has ended and nobody reads any more.
func NewOutlet(f *os.File, stop context.Context) *Outlet { return &Outlet{File: f, stop: stop} }

// Write implements io.Writer.
func (o *Outlet) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stalled.Load() {
		return len(p), nil
	}
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	data := append([]byte(nil), p...) // the write may outlive this call
	go func() {
		n, err := o.File.Write(data)
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		return r.n, r.err
	case <-o.stop.Done():
	}
	select {
	case r := <-done:
		return r.n, r.err
	case <-time.After(stalledAfter):
		o.stalled.Store(true)
		return len(p), nil
	}
}

// Terminal reports whether a person may sit at it.
func (o *Outlet) Terminal() bool {
	info, err := o.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Plain reports whether it is a terminal that shows ASCII alone.
func (o *Outlet) Plain() bool { return o.Terminal() && style.ASCIIOnly(os.Environ()) }

// WriteString implements io.StringWriter; that of the file would wait.
func (o *Outlet) WriteString(s string) (int, error) { return o.Write([]byte(s)) }

// screenOff leaves the alternate screen, bracketed paste, kitty's keyboard and modifyOtherKeys,
// and shows the cursor: what the screen's library does itself where the terminal reads.
const screenOff = "\x1b[<u\x1b[>4m\x1b[?2004l\x1b[?1049l\x1b[?25h\x1b[m\r\n"

// Restore gives a terminal back that had stopped reading: what waits for it is thrown away,
// so that this comes first. It waits no longer than stalledAfter.
func (o *Outlet) Restore() {
	if !o.stalled.Load() {
		return
	}
	discardOutput(o.File)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = o.File.WriteString(screenOff)
	}()
	select {
	case <-done:
	case <-time.After(stalledAfter):
	}
}

// Cleaned writes lines for people: what others wrote in them can bring nothing that a terminal
// obeys.
type Cleaned struct {
	Out   io.Writer
	ASCII bool // nothing but ASCII
}

// Write cleans p, which is whole characters.
func (c Cleaned) Write(p []byte) (int, error) {
	text := clean.Lines(string(p))
	if c.ASCII {
		text = style.ToASCII(text)
	}
	if _, err := io.WriteString(c.Out, text); err != nil {
		return 0, err
	}
	return len(p), nil
}
