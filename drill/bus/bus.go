// Package bus is the one way up: every event is numbered, journalled, applied to the
// state and handed to the subscribers, in that order, so that all of them see the same
// drill.
//
// # Locks
//
// Two, always taken in this order:
//
//   - order is held while an event gets its number and time and goes to the journal, so that
//     the journal has the events in the order of their numbers. It is held while a disk is
//     written, and by nobody who only reads.
//   - mu guards the state and the subscribers. A reader waits for it no longer than one
//     event takes to be applied, never for a disk.
//
// View and Wait call their function with mu held: it reads the state, calls nothing of the
// bus, and takes no lock of anybody else.
//
// Whoever emits with a lock of its own held has taken that before order, and no function that
// the bus calls may take it: the global router holds router.Router.changing while it
// reports, so that verdicts and reroutes are journalled in the order of its changes.
//
// # Goroutines
//
// Each subscription has one. It is the reader's: it ends once Close was called and all was
// read, or with the reader's context, and the channel is closed then.
package bus

import (
	"context"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Journal is where every event goes, in order.
type Journal interface {
	Append(drill.Event) error
}

// Bus takes the bodies of events and makes one stream of them. Its methods may be called
// from any goroutine.
type Bus struct {
	wall    func() time.Time
	started time.Time
	journal Journal
	broken  func(error)

	order  sync.Mutex
	seq    uint64
	failed bool

	mu      sync.RWMutex
	state   *drill.State
	subs    []*subscription
	changed chan struct{} // closed when an event was applied; nil while nobody waits
	closed  bool
}

// New makes a bus whose clock starts now. wall gives the time with a monotonic reading.
// broken is called once when the journal can't be written, with no lock held; it may be nil.
func New(wall func() time.Time, journal Journal, broken func(error)) *Bus {
	if broken == nil {
		broken = func(error) {}
	}
	return &Bus{wall: wall, started: wall(), journal: journal, broken: broken, state: drill.NewState()}
}

// Now is the time since the bus was made: the clock of every event and measurement.
func (b *Bus) Now() time.Duration { return b.wall().Sub(b.started) }

// Started is the wall clock's time when the bus was made.
func (b *Bus) Started() time.Time { return b.started }

// Emit makes an event of a body. After the journal has failed once, events still reach
// the state and the subscribers, so that a person sees why the drill stops.
func (b *Bus) Emit(body drill.Body) drill.Event {
	ev, err := b.emit(body)
	if err != nil {
		b.broken(err)
	}
	return ev
}

// emit returns the journal's error the first time that it fails.
func (b *Bus) emit(body drill.Body) (ev drill.Event, err error) {
	b.order.Lock()
	defer b.order.Unlock()
	b.seq++
	at := b.wall()
	ev = drill.Event{Seq: b.seq, At: at.Round(0), T: at.Sub(b.started), Body: body}
	if !b.failed {
		err = b.journal.Append(ev)
		b.failed = err != nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state.Apply(ev)
	for _, sub := range b.subs {
		sub.push(ev)
	}
	if b.changed != nil {
		close(b.changed)
		b.changed = nil
	}
	return ev, err
}

// View calls look with the state, which must not be kept or changed.
func (b *Bus) View(look func(*drill.State)) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	look(b.state)
}

// Wait returns once the condition holds of the state, which it may only read: nil, or
// the context's cause when that ends first. It is asked now and after each event.
func (b *Bus) Wait(ctx context.Context, holds func(*drill.State) bool) error {
	for {
		changed, ok := b.check(holds)
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (b *Bus) check(holds func(*drill.State) bool) (changed <-chan struct{}, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if holds(b.state) {
		return nil, true
	}
	if b.changed == nil {
		b.changed = make(chan struct{})
	}
	return b.changed, false
}

// Subscribe returns every event from now on, in batches: subscribe before the first
// event to get them all. The channel is closed once Close was called and all was read, or
// when ctx ends. A slow reader slows nobody: what it has not read waits for it.
func (b *Bus) Subscribe(ctx context.Context) <-chan []drill.Event {
	sub := newSubscription()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		close(sub.out)
		return sub.out
	}
	b.subs = append(b.subs, sub)
	go sub.pump(ctx)
	return sub.out
}

// Close ends every subscription once it has been read to its end. Events that are emitted
// later reach journal and state alone.
func (b *Bus) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for _, sub := range b.subs {
		sub.finish()
	}
	b.subs = nil
}
