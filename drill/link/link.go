// Package link joins two places by a shaped path: a TCP relay in user space that adds the pair's round trip, jitter,
// bandwidth and loss, counts the bytes each way, and can be cut silently or reset. It needs no privileges and nothing of
// the kernel's traffic control, which many laptops lack.
//
// What it does to a connection:
//
//   - Every read is due at the far side one way later: RTT/2 plus a draw of jitter, and behind what was read before it.
//   - Loss is a model: what a sender would have to send again arrives as late as that takes. See retransmitter.
//   - Bandwidth paces each direction of the link across all its connections. Payload is counted, headers are not.
//   - The handshake takes its round trip: the far side is dialed RTT/2 after the relay accepted, and what the client
//     sends at once is treated as sent a whole RTT after that. One thing cannot be had: the kernel completes the client's
//     connect to the relay at once, so a client that measures connect alone sees no delay. Its first byte does.
//   - FIN and RST travel as bytes do, in order, and half-closed connections stay so. A dial that is refused reaches the
//     client as RST one RTT after it connected.
//   - Up to 16 MiB are under way per connection and direction; beyond that the sender feels back-pressure.
//
// A byte counts as delivered when the far end's kernel has it.
package link

import (
	"errors"
	"hash/fnv"
	"io"
	"log/slog"
	"sync"
	"time"
)

// ErrClosed is returned for a link that was closed.
var ErrClosed = errors.New("link is closed")

// Cut says in which directions bytes vanish.
type Cut struct{ AtoB, BtoA bool }

// Link is a pair of places and the path between them. Its methods may be called from any goroutine.
type Link struct {
	a, b   string
	log    *slog.Logger
	seed   uint64
	clock  clock
	timers *timers
	ab, ba *direction
	// refused is told when this process gets no descriptor; nil is nobody.
	refused func()

	cutting sync.Mutex // one SetCut at a time
	running sync.WaitGroup

	mu     sync.Mutex
	cut    Cut
	relays map[*Relay]bool
	open   map[*connection]bool
	count  uint64 // connections ever accepted
	closed bool
}

// Option is an optional setting of New.
type Option func(*Link)

// WithSeed makes the draws of jitter and loss repeatable. By default the seed comes from the names of the two ends.
func WithSeed(seed uint64) Option { return func(l *Link) { l.seed = seed } }

// WithLogger has the link log: at Warn a relay that cannot accept, at Debug connections that did not get across.
// By default nothing is logged.
func WithLogger(log *slog.Logger) Option { return func(l *Link) { l.log = log } }

// New makes the link between the places a and b. It carries nothing until Relay is called.
func New(a, b string, shape Shape, opts ...Option) *Link {
	names := fnv.New64a()
	_, _ = io.WriteString(names, a+"\x00"+b)
	l := &Link{
		a: a, b: b,
		log: slog.New(slog.DiscardHandler), seed: names.Sum64(), clock: newClock(),
		relays: map[*Relay]bool{}, open: map[*connection]bool{},
	}
	for _, opt := range opts {
		opt(l)
	}
	l.timers = newTimers(l.clock.now)
	l.ab, l.ba = newDirection(shape, l.seed, 0), newDirection(shape, l.seed, 1)
	return l
}

// Ends names the two places.
func (l *Link) Ends() (a, b string) { return l.a, l.b }

// Cut says what is cut now.
func (l *Link) Cut() Cut {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut
}

// Reset answers RST on both sides of every connection now open, at once and whether the link is cut or not.
func (l *Link) Reset() {
	for _, c := range l.connections() {
		c.end(true)
	}
}

// Bytes is the payload delivered each way since New. Nothing sets it back.
// A byte that has been received has been counted.
func (l *Link) Bytes() (aToB, bToA uint64) { return l.ab.passed(), l.ba.passed() }

// Transit is how long reads were on their way in one direction, as the link's clock measured it: from when they were read
// on one side until they were due on the other and this process came to them. Took is the sum of all Reads. A plain direction,
// which passes bytes on at once, has none, and what loss adds comes on top.
type Transit struct {
	Reads uint64
	Took  time.Duration
}

// Transits is what has crossed each way since New.
func (l *Link) Transits() (aToB, bToA Transit) { return l.ab.transits(), l.ba.transits() }

// Losses is what loss has cost each way since New.
func (l *Link) Losses() (aToB, bToA Losses) { return l.ab.losses(), l.ba.losses() }

// Close closes all relays and resets all connections. When it returns no goroutine is left. It is idempotent.
func (l *Link) Close() error {
	l.mu.Lock()
	l.closed = true
	relays := make([]*Relay, 0, len(l.relays))
	for r := range l.relays {
		relays = append(relays, r)
	}
	l.mu.Unlock()
	errs := make([]error, 0, len(relays))
	for _, r := range relays {
		errs = append(errs, r.Close())
	}
	l.Reset()
	l.running.Wait()
	l.timers.stop()
	return errors.Join(errs...)
}

func (l *Link) connections() []*connection {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]*connection, 0, len(l.open))
	for c := range l.open {
		all = append(all, c)
	}
	return all
}

// directions returns the directions as seen from one end: outward and back.
func (l *Link) directions(from string) (out, in *direction) {
	if from == l.a {
		return l.ab, l.ba
	}
	return l.ba, l.ab
}

func (l *Link) name() string { return l.a + "–" + l.b }
