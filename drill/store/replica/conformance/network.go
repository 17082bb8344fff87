package conformance

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

var errCut = errors.New("nothing is heard")

// network is how the regions of a lab reach each other, in memory or, for an engine
// with a protocol of its own, over the loopback.
type network struct {
	mu       sync.Mutex
	replicas map[string]Replica
	cut      map[[2]string]bool // from a follower to an authority
	change   chan struct{}      // closed, and replaced, when something is cut or healed
	conns    map[net.Conn][2]string
}

func newNetwork() *network {
	return &network{replicas: map[string]Replica{}, cut: map[[2]string]bool{}, change: make(chan struct{}), conns: map[net.Conn][2]string{}}
}

func (n *network) at(region string) Replica {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.replicas[region]
}

func (n *network) put(region string, r Replica) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.replicas[region] = r
}

// set cuts, or heals, what a follower hears from an authority and tells it.
func (n *network) set(follower, authority string, cut bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cut[[2]string{follower, authority}] = cut
	close(n.change)
	n.change = make(chan struct{})
	for conn, ends := range n.conns {
		if cut && ends == [2]string{follower, authority} {
			_ = conn.Close()
			delete(n.conns, conn)
		}
	}
}

// state is the authority's replica, or nil while it is not reached, and what is closed
// when that may be another.
func (n *network) state(follower, authority string) (Replica, <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cut[[2]string{follower, authority}] {
		return nil, n.change
	}
	return n.replicas[authority], n.change
}

// upstream is how one region reaches the others.
type upstream struct {
	n    *network
	from string
}

func (u upstream) reach(authority string) (Replica, error) {
	if r, _ := u.n.state(u.from, authority); r != nil {
		return r, nil
	}
	return nil, errCut
}

func (u upstream) EpochEnd(ctx context.Context, authority, _ string, leader, epoch uint64) (store.EpochEnd, error) {
	r, err := u.reach(authority)
	if err != nil {
		return store.EpochEnd{}, err
	}
	return r.EpochEnd(ctx, leader, epoch)
}

func (u upstream) Stream(ctx context.Context, authority, _ string, leader, after uint64, each func(store.Batch) error) error {
	r, err := u.reach(authority)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel(nil)
	watching.Go(func() {
		for {
			now, change := u.n.state(u.from, authority)
			if now != r {
				cancel(errCut)
				return
			}
			select {
			case <-change:
			case <-ctx.Done():
				return
			}
		}
	})
	err = r.Stream(ctx, leader, after, func(b store.Batch) error {
		if now, _ := u.n.state(u.from, authority); now != r {
			return errCut
		}
		return each(b)
	})
	if cause := context.Cause(ctx); err == nil && cause != nil {
		return cause
	}
	return err
}

func (u upstream) Stored(ctx context.Context, authority, _ string, leader uint64, region string, position uint64) error {
	r, err := u.reach(authority)
	if err != nil {
		return err
	}
	return r.Stored(ctx, leader, region, position)
}

func (u upstream) Dial(ctx context.Context, authority, _ string, leader uint64, first []byte) (net.Conn, error) {
	r, err := u.reach(authority)
	if err != nil {
		return nil, err
	}
	served, ok := r.(store.Tunnelled)
	if !ok {
		return nil, errors.New("it serves no connections")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer listener.Close()
	var d net.Dialer
	near, err := d.DialContext(ctx, "tcp", listener.Addr().String())
	if err != nil {
		return nil, err
	}
	far, err := listener.Accept()
	if err != nil {
		return nil, errors.Join(err, near.Close())
	}
	if _, err := near.Write(first); err != nil {
		return nil, errors.Join(err, near.Close(), far.Close())
	}
	u.n.mu.Lock()
	defer u.n.mu.Unlock()
	u.n.conns[near] = [2]string{u.from, authority}
	go func() { _ = served.ServeConn(context.Background(), far, leader) }()
	return near, nil
}
