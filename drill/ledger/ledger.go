// Package ledger keeps what the clients know of their writes (sent, acknowledged,
// or not) and holds it against what a region's store has. It believes no store:
// a write counts as acknowledged because its client saw the answer, and as lost
// because a full reading of the authority did not bring it up.
package ledger

import (
	"crypto/sha256"
	"slices"
	"sync"
	"time"
)

// recentKept is how many of the last acknowledged writes of a dataset are kept
// for reads: ten seconds' worth at 100 writes a second.
const recentKept = 1024

// State is what a client knows of its write.
type State uint8

// The states of a write.
const (
	Pending        State = iota // sent, no answer yet
	Acknowledged                // the client saw the acknowledgement
	Unacknowledged              // an error, or no answer in time; it may be stored all the same
)

// Write is what is known of one write. Times are on the engine's clock.
type Write struct {
	ID    string
	State State
	Sent  time.Duration
	Ended time.Duration // when it was acknowledged or given up; 0 while pending
	// By is the region that acknowledged it, or why it was given up.
	By    string
	Epoch uint64 // that it was acknowledged in
	Index uint64 // that it was acknowledged at
	Lost  bool   // a check found it lost
}

// Ledger is every write of a drill. About 200 bytes are kept of each: a hash
// stands for the payload. Its methods may be called from several goroutines.
type Ledger struct {
	mu    sync.Mutex
	books map[string]*book
}

// book is one dataset's writes.
type book struct {
	writes  []record // in the order they were sent
	byID    map[string]int
	acked   []int // indexes into writes, in the order of acknowledgement
	unacked []int // likewise, as they were given up
	recent  []int // the tail of acked without what is lost
}

// record is a write and what its contents must be. Without known, it was
// acknowledged but never announced, so its contents can't be judged.
type record struct {
	Write
	contents digest
	known    bool
}

// digest stands for a payload: half of its SHA-256, since nobody forges payloads
// here and chance collisions of 128 bits do not happen.
type digest [16]byte

func digestOf(payload []byte) digest {
	sum := sha256.Sum256(payload)
	return digest(sum[:16])
}

// New is an empty ledger.
func New() *Ledger { return &Ledger{books: map[string]*book{}} }

func (l *Ledger) book(dataset string) *book {
	b := l.books[dataset]
	if b == nil {
		b = &book{byID: map[string]int{}}
		l.books[dataset] = b
	}
	return b
}

func (b *book) add(id string) *record {
	b.byID[id] = len(b.writes)
	b.writes = append(b.writes, record{Write: Write{ID: id}})
	return &b.writes[len(b.writes)-1]
}

// Sent notes a write just before it is sent. An id that is there already stays
// as it is.
func (l *Ledger) Sent(dataset, id string, payload []byte, at time.Duration) {
	contents := digestOf(payload)
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.book(dataset)
	if _, there := b.byID[id]; there {
		return
	}
	w := b.add(id)
	w.Sent, w.contents, w.known = at, contents, true
}

// Acked notes that the client saw the write acknowledged by the region, in that
// epoch and at that index. An acknowledgement after Unacked holds; a second one
// changes nothing.
func (l *Ledger) Acked(dataset, id, region string, epoch, index uint64, at time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.book(dataset)
	i, there := b.byID[id]
	if !there {
		b.add(id)
		i = len(b.writes) - 1
	}
	w := &b.writes[i]
	if w.State == Acknowledged {
		return
	}
	if w.State == Unacknowledged {
		b.unacked = slices.DeleteFunc(b.unacked, func(j int) bool { return j == i })
	}
	w.State, w.Ended, w.By, w.Epoch, w.Index = Acknowledged, at, region, epoch, index
	b.acked = append(b.acked, i)
	b.recent = append(b.recent, i)
	if len(b.recent) >= 2*recentKept {
		b.recent = append(b.recent[:0], b.recent[len(b.recent)-recentKept:]...)
	}
}

// Unacked notes that the client gave the write up, and why. It holds only for a
// write that is pending.
func (l *Ledger) Unacked(dataset, id string, at time.Duration, reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.book(dataset)
	i, there := b.byID[id]
	if !there || b.writes[i].State != Pending {
		return
	}
	w := &b.writes[i]
	w.State, w.Ended, w.By = Unacknowledged, at, reason
	b.unacked = append(b.unacked, i)
}

// Recent is the id of the n-th last acknowledged write that is not known to be
// lost, and when it was acknowledged; 0 is the latest. An n beyond what is kept starts over, so that any draw
// will do. False while nothing is acknowledged.
func (l *Ledger) Recent(dataset string, n int) (id string, acked time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.book(dataset)
	kept := min(len(b.recent), recentKept)
	if kept == 0 || n < 0 {
		return "", 0, false
	}
	w := &b.writes[b.recent[len(b.recent)-1-n%kept]]
	return w.ID, w.Ended, true
}
