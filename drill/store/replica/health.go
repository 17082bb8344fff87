package replica

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

const (
	// ProbeEvery is how often a replica whose writes are not tried by anybody tries one
	// itself: often enough that a hang is known soon after it began, at the cost of two
	// small writes a second.
	ProbeEvery = 500 * time.Millisecond
	// healthTick is how often the time that passed is counted.
	healthTick = 100 * time.Millisecond
)

var (
	// ErrHangs: a write was begun and has not ended.
	ErrHangs = errors.New("its writes hang: none reaches the disk")
	// ErrUntried ends a try that came to no write, so that it says nothing of the disk.
	ErrUntried = errors.New("nothing was written")
)

// Health is whether writes reach a replica's own disk: what each that was tried came to.
// What waits for other regions is none of its business, and it is not told of that.
//
// It counts the time in which this process ran, in ticks: a process that was frozen or
// starved knows nothing of the disk for that time, and says nothing.
type Health struct {
	clock func() time.Duration

	mu       sync.Mutex
	ticked   time.Duration // when it last ticked, on the clock
	ran      time.Duration // how long the process ran, as far as the ticks tell
	next     uint64
	tries    map[uint64]time.Duration // when each write under way was begun, by ran
	good     time.Duration            // when the last one that reached the disk did
	tried    time.Duration            // when the last one was begun
	failing  error                    // of the last one that ended, nil after a good one
	failedAt time.Duration            // when the first of those since the last good one was begun
	refused  bool                     // a user's write failed, and none was stored since
	outlasts time.Duration            // how long a stall must last for a probe to end it (Lapsed); 0 is no matter how long
}

// NewHealth knows of no write. The clock is monotonic.
func NewHealth(clock func() time.Duration) *Health {
	return &Health{clock: clock, ticked: clock(), tries: map[uint64]time.Duration{}}
}

// Tick counts the time since the last one, of which no more than two ticks were run.
func (h *Health) Tick() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tick()
}

func (h *Health) tick() {
	now := h.clock()
	h.ran += min(max(now-h.ticked, 0), 2*healthTick)
	h.ticked = now
}

// Try says that a write to the disk is begun. What it came to is told by end, once.
func (h *Health) Try() (end func(error)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next++
	id := h.next
	h.tick()
	h.tries[id], h.tried = h.ran, h.ran
	return func(err error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		begun, open := h.tries[id]
		if !open {
			return // it was begun before Reset
		}
		delete(h.tries, id)
		h.tick()
		switch {
		case err == nil && !h.refused:
			h.reached()
		case err != nil && !errors.Is(err, ErrUntried):
			h.fail(err, begun)
		}
	}
}

// Stored says that a user's write reached the disk.
func (h *Health) Stored() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tick()
	h.refused, h.tried = false, h.ran
	h.reached()
}

// Refused says that the disk refused a user's write. A probe that succeeds does not
// outweigh it, since it may need less room: the next write that is stored does.
func (h *Health) Refused(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tick()
	h.refused = true
	h.fail(err, h.ran)
}

// Fenced says that users' writes are taken no more, so a probe that succeeds says all that
// can be known.
func (h *Health) Fenced() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refused = false
}

// Lapsed says that no user's write is taken for want of a lease, and is told so again while that
// is so. A probe says all that can be known then, but not at once: who grants the lease withholds it
// after half of the time in which it gives the replica up, so the stall has to go on for as
// long again. Else a disk with room for a probe and none for a write would be given its
// lease back each time before it is given up.
func (h *Health) Lapsed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.refused {
		return
	}
	h.tick()
	stall := h.ran - h.failedAt
	if h.outlasts == 0 {
		h.outlasts = 2*stall + ProbeEvery
	}
	h.refused = stall < h.outlasts
}

func (h *Health) reached() { h.good, h.failing, h.outlasts = h.ran, nil, 0 }

func (h *Health) fail(err error, begun time.Duration) {
	if h.failing == nil {
		h.failedAt = max(begun, h.good)
	}
	h.failing = err
}

// Idle says whether no write was begun for as long as ProbeEvery, so that one is to be tried.
func (h *Health) Idle() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.tries) == 0 && (h.tried == 0 || h.ran-h.tried >= ProbeEvery)
}

// Reset forgets all: the replica has another part now, or other data.
func (h *Health) Reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.tries)
	h.good, h.tried, h.failing, h.refused, h.outlasts = h.ran, 0, nil, false, 0
}

// Stalled is for how long no write has reached the disk though one was tried all along,
// and why; 0 where the last one did.
func (h *Health) Stalled() (time.Duration, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var since time.Duration = -1
	err := h.failing
	if err != nil {
		since = h.failedAt
	}
	for _, begun := range h.tries {
		// One that others overtook hangs by itself; the disk does not.
		if begun = max(begun, h.good); since < 0 || begun < since {
			since = begun
		}
	}
	if since < 0 || since >= h.ran {
		return 0, nil
	}
	if err == nil {
		err = ErrHangs
	}
	return h.ran - since, err
}

// Describe fills in what is known of the disk: no more than that it is slow is not said.
func (h *Health) Describe(s *store.Status) {
	if stalled, err := h.Stalled(); stalled >= ProbeEvery {
		s.Stalled, s.StalledBy = stalled, err.Error()
	}
}

// Watch counts the time until ctx ends, and has a write probed where none was tried for
// a while. probe tells of it by Try itself; another is begun only once it has returned.
// After is as time.After.
func (h *Health) Watch(ctx context.Context, after func(time.Duration) <-chan time.Time, probe func()) {
	free := make(chan struct{}, 1)
	free <- struct{}{}
	var probing sync.WaitGroup
	defer probing.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case <-after(healthTick):
		}
		h.Tick()
		if !h.Idle() {
			continue
		}
		select {
		case <-free:
			probing.Go(func() { probe(); free <- struct{}{} })
		default:
		}
	}
}
