// Package replica holds the rules of one replica that are the same in every engine:
// which epochs it has seen, whether it may lead or follow, until when its lease lets
// it acknowledge writes, and which writes are durable.
//
// It is pure of disk and network. The clock is passed in, and an engine does what a
// change needs (write a record, promote a server) in a function that it passes: the
// change holds once that function says that it is on disk.
package replica

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Config is what the rules need to know of a replica. Every field but After and
// Seeding is required.
type Config struct {
	Dataset string
	Region  string
	// Run is the random id of this run of the process: it distinguishes the clock
	// readings of this run from those of another.
	Run string
	// Clock is monotonic time since any origin, and goes on while the process is frozen.
	Clock func() time.Duration
	// After wakes whoever waits when a lease has run out, as time.After does. Nil never
	// does: they wait for a change or for their own context.
	After func(time.Duration) <-chan time.Time
	// Seeding says whether the replica lacks writes that it once had: then it may not
	// lead. It is called without a lock of this package held. Nil is never.
	Seeding func() bool
	// Alone says that other regions are not reached: it can't follow.
	Alone bool
	// Backup says that the engine holds snapshots (store.Snapshotter), so that mode backup can be kept.
	Backup bool
}

// Epochs are what a replica knows of epochs. An engine keeps them on disk: the JSON names
// stay as they are, so that what is stored can be read.
type Epochs struct {
	Seen      uint64 `json:"epoch"` // highest that it has been given
	Authority uint64 `json:"reign"` // highest that it knows an authority of: itself, or one that it followed
	Led       uint64 `json:"led"`   // that it leads, or led last; 0 while it follows
}

// Leadership is one replica's lease, epochs and fence. It starts without a lease. Its
// methods may be called from several goroutines; none waits for a disk or a peer but
// through the functions that it is given.
type Leadership struct {
	c      Config
	ctx    context.Context
	cancel context.CancelFunc

	// changing holds one promotion, following or reseed from its begin to its end: those that
	// lay before a frozen process all begin at once when it goes on. Taken before mu. Who
	// waits for it gives up with its context, since a disk that hangs holds one for long.
	changing chan struct{}

	mu sync.Mutex // never held while a function of the engine's runs
	part
}

// part is what mu guards. It has no lock of its own: it is its owner's alone.
type part struct {
	closed  bool
	epochs  Epochs
	lease   time.Duration // reading of the own clock at which the lease ends; 0 is none granted
	follows *Following    // nil unless it follows
	rule    Rule
	changed chan struct{} // closed, and replaced, when any of these but the lease changes
}

// New has the rules of a replica whose engine found these epochs on disk.
func New(c Config, saved Epochs) *Leadership {
	l := &Leadership{c: c, changing: make(chan struct{}, 1), part: part{epochs: saved, changed: make(chan struct{})}}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l
}

// turn waits until no other change runs; give it back with give.
func (l *Leadership) turn(ctx context.Context) (give func(), err error) {
	select {
	case l.changing <- struct{}{}:
		return func() { <-l.changing }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("what it was asked before has not ended: %w", context.Cause(ctx))
	}
}

// Close ends all following and waiting; false when that was done before. Everything
// asked afterwards is refused with store.ErrClosed.
func (l *Leadership) Close() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.closed = true
	l.leave()
	l.cancel()
	l.wake()
	return true
}

// Context ends when the replica is closed.
func (l *Leadership) Context() context.Context { return l.ctx }

// Epoch is the highest epoch that it has been given.
func (l *Leadership) Epoch() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.epochs.Seen
}

// Led is the epoch that it is the authority of, fenced or not; 0 is none. A fenced one
// still serves its followers: that is how a planned move loses nothing.
func (l *Leadership) Led() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.epochs.Led
}

// Following is whom it follows, nil nobody.
func (l *Leadership) Following() *Following {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.follows
}

// Standing is a replica's part at one moment.
type Standing struct {
	Led       uint64     // as Led has it
	Following *Following // nil unless it follows
	Rule      Rule
}

// Status fills in what the rules know: role, epoch, mode, clock, lease and authority.
// ErrClosed.
func (l *Leadership) Status() (store.Status, Standing, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return store.Status{}, Standing{}, store.ErrClosed
	}
	now := l.c.Clock()
	s := store.Status{
		Dataset: l.c.Dataset, Region: l.c.Region, Role: role.Fenced, Epoch: l.epochs.Seen, Mode: l.rule.Mode,
		Clock: store.Clock{Run: l.c.Run, Reading: int64(now)},
	}
	switch {
	case l.follows != nil:
		s.Role, s.Authority = role.Follower, l.follows.Authority
	case l.epochs.Led != 0 && l.epochs.Led == l.epochs.Seen && now < l.lease:
		s.Role, s.LeaseLeft = role.Authority, l.lease-now
	}
	return s, Standing{Led: l.epochs.Led, Following: l.follows, Rule: l.rule}, nil
}

// Changed is closed when the epochs, what is followed, or the rule is another.
func (l *Leadership) Changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed
}

// wake wakes whoever waits for a change.
func (p *part) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// leave ends what it follows.
func (p *part) leave() {
	if p.follows != nil {
		p.follows.end()
		p.follows = nil
	}
}
