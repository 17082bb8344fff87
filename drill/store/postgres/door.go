package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// The door's two sockets: the server's own can be held shut while the tools pass.
const (
	doorServer = "door"
	doorTools  = "tools"
)

// door is the local sockets by which this region's server and tools reach the
// authority's server. It is open for one following at a time.
//
// It is held shut to the server until its history is known to be a part of the
// authority's: where two timelines bear one number, the authority's server would
// stream the other history over this one, and take what is flushed of it for a report.
type door struct {
	*Replica
	listeners []net.Listener
	tasks     sync.WaitGroup
	copied    atomic.Int64 // bytes that came in since it was opened last

	mu      sync.Mutex
	leads   *following // to its authority; nil while it is shut
	held    bool       // the server may not pass for now
	ctx     context.Context
	shut    context.CancelFunc // ends ctx and all that passes
	streams context.Context    // of the server
	hang    context.CancelFunc // ends streams alone
}

func (r *Replica) openDoor() (_ *door, err error) {
	d := &door{Replica: r}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("listen for the server of %s: %w", r.cfg.Dataset, err), d.end())
		}
	}()
	for _, name := range []string{doorServer, doorTools} {
		socket := r.at.socket(name)
		if !strings.HasPrefix(socket, "@") {
			if err := os.MkdirAll(socket, 0o700); err != nil {
				return nil, err
			}
			_ = os.Remove(address(socket)) // of a process that was killed
		}
		l, err := net.Listen("unix", address(socket))
		if err != nil {
			return nil, err
		}
		d.listeners = append(d.listeners, l)
		d.tasks.Go(func() { d.accept(l, name == doorServer) })
	}
	return d, nil
}

// open leads the door to the authority of a following until it is closed, or opened
// for another one. The server has to wait until it is let through.
func (d *door) open(f *following) {
	d.close()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.leads, d.held = f, true
	d.ctx, d.shut = context.WithCancel(d.Replica.ctx)
	d.streams, d.hang = context.WithCancel(d.ctx)
	d.copied.Store(0)
}

// close shuts the door and ends every connection through it.
func (d *door) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut != nil {
		d.hang()
		d.shut()
	}
	d.leads, d.shut = nil, nil
}

// hold ends the server's streams and lets none through until it is told otherwise.
// The tools pass. A following that is over, and has not noticed, changes nothing.
func (d *door) hold(f *following, held bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.leads != f {
		return
	}
	d.held = held
	if held {
		d.hang()
		d.streams, d.hang = context.WithCancel(d.ctx)
	}
}

// end closes the door for good.
func (d *door) end() (err error) {
	d.close()
	for _, l := range d.listeners {
		err = errors.Join(err, l.Close())
	}
	d.tasks.Wait()
	for _, name := range []string{doorServer, doorTools} {
		if socket := d.at.socket(name); !strings.HasPrefix(socket, "@") {
			err = errors.Join(err, os.RemoveAll(filepath.Clean(socket)))
		}
	}
	return err
}

func (d *door) accept(l net.Listener, server bool) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return // closed
		}
		d.tasks.Go(func() { d.lead(conn, server) })
	}
}

// lead carries one connection, of the server or of a tool, to the authority.
func (d *door) lead(local net.Conn, server bool) {
	defer local.Close()
	d.mu.Lock()
	f, ctx, held := d.leads, d.ctx, d.held && server
	if server {
		ctx = d.streams
	}
	d.mu.Unlock()
	dialer, ok := d.cfg.Upstream.(store.Dialer)
	if f == nil || held || !ok {
		return
	}
	remote, err := dialer.Dial(ctx, f.authority, d.cfg.Dataset, f.epoch)
	if err != nil {
		d.cfg.Logger.Debug("no way to the authority", "authority", f.authority, "error", err)
		return
	}
	join(ctx, local, counted{remote, &d.copied})
}

// counted counts the bytes that are read.
type counted struct {
	net.Conn
	n *atomic.Int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// join carries bytes both ways until one side ends or ctx does, then closes both.
// PostgreSQL ends a conversation as a whole, so no half of it is left open.
func join(ctx context.Context, a, b net.Conn) {
	closeBoth := func() { _, _ = a.Close(), b.Close() }
	defer context.AfterFunc(ctx, closeBoth)()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		both.Go(func() {
			defer closeBoth()
			_, _ = io.Copy(way[0], way[1]) // any end is the end
		})
	}
	both.Wait()
}

var _ store.Tunnelled = (*Replica)(nil)

// ServeConn leads a connection from another region to this one's server; see
// store.Tunnelled. Only an authority has something to copy, a fenced one too. Whoever
// follows it in an epoch that it led once has not compared histories since.
func (r *Replica) ServeConn(ctx context.Context, conn net.Conn, leader uint64) error {
	defer conn.Close()
	r.mu.Lock()
	leads, closed, led := r.leads(), r.closed, r.Led
	r.mu.Unlock()
	if closed {
		return ErrClosed
	}
	if !leads {
		return fmt.Errorf("%w: nothing is copied from here", store.ErrNotAuthority)
	}
	if leader != led {
		return fmt.Errorf("%w of epoch %d: it leads epoch %d", store.ErrNotAuthority, leader, led)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.ctx, cancel)()
	own, err := r.ownServer(ctx)
	if err != nil {
		return fmt.Errorf("connect to the server of %s: %w", r.cfg.Dataset, err)
	}
	join(ctx, conn, own)
	return nil
}
