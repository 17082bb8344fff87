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

// door is the local socket by which this region's server and tools reach the
// authority's server. It is open to one authority at a time.
type door struct {
	*Replica
	listener net.Listener
	tasks    sync.WaitGroup
	copied   atomic.Int64 // bytes that came in since it was opened last

	mu    sync.Mutex
	leads string          // the authority, "" while it is shut
	held  bool            // nobody may pass for now
	ctx   context.Context // ends when it is shut
	shut  context.CancelFunc
}

func (r *Replica) openDoor() (*door, error) {
	socket := r.at.socket("door")
	if !strings.HasPrefix(socket, "@") {
		if err := os.MkdirAll(socket, 0o700); err != nil {
			return nil, err
		}
		_ = os.Remove(address(socket)) // of a process that was killed
	}
	l, err := net.Listen("unix", address(socket))
	if err != nil {
		return nil, fmt.Errorf("listen for the server of %s: %w", r.cfg.Dataset, err)
	}
	d := &door{Replica: r, listener: l}
	d.tasks.Go(d.accept)
	return d, nil
}

// open leads the door to an authority until it is closed, or opened to another one.
func (d *door) open(authority string) {
	d.close()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.leads = authority
	d.ctx, d.shut = context.WithCancel(d.Replica.ctx)
	d.copied.Store(0)
}

// close shuts the door and ends every connection through it.
func (d *door) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut != nil {
		d.shut()
	}
	d.leads, d.shut = "", nil
}

// pause ends the server's streams through the door and lets none in until it is
// told otherwise. The authority and the count stay.
func (d *door) pause(held bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held = held
	if held && d.shut != nil {
		d.shut()
		d.ctx, d.shut = context.WithCancel(d.Replica.ctx)
	}
}

// end closes the door for good.
func (d *door) end() error {
	d.close()
	err := d.listener.Close()
	d.tasks.Wait()
	if socket := d.at.socket("door"); !strings.HasPrefix(socket, "@") {
		err = errors.Join(err, os.RemoveAll(filepath.Clean(socket)))
	}
	return err
}

func (d *door) accept() {
	for {
		conn, err := d.listener.Accept()
		if err != nil {
			return // closed
		}
		d.tasks.Go(func() { d.lead(conn) })
	}
}

// lead carries one connection to the authority.
func (d *door) lead(local net.Conn) {
	defer local.Close()
	d.mu.Lock()
	authority, ctx, held := d.leads, d.ctx, d.held
	d.mu.Unlock()
	dialer, ok := d.cfg.Upstream.(store.Dialer)
	if authority == "" || held || !ok {
		return
	}
	remote, err := dialer.Dial(ctx, authority, d.cfg.Dataset)
	if err != nil {
		d.cfg.Logger.Debug("no way to the authority", "authority", authority, "error", err)
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
// store.Tunnelled. Only an authority has something to copy.
func (r *Replica) ServeConn(ctx context.Context, conn net.Conn) error {
	defer conn.Close()
	r.mu.Lock()
	leads, closed := r.leads(), r.closed
	r.mu.Unlock()
	if closed {
		return ErrClosed
	}
	if !leads {
		return fmt.Errorf("%w: nothing is copied from here", store.ErrNotAuthority)
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
