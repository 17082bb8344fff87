// Package instrument watches this process itself: whether it ran, and whether it could open what it measures with. What
// a program that stood still, or had no descriptor left, did not see is nobody's outage.
package instrument

import (
	"slices"
	"sync"
	"time"
)

const (
	// Every is how often a process notes that it runs: a fifth of Threshold, so that a standstill's length is known to
	// that.
	Every = 50 * time.Millisecond
	// Threshold is how late a note counts as a standstill: half of the default probe timeout (topology.DefaultProbe), so that
	// a shorter one leaves a region that answers in time half of it, and ten times the latest of 1,800 ticks that
	// were measured on two cores at a load of 7 (27 ms; 18 ms at the 99.9th percentile).
	Threshold = 250 * time.Millisecond
	// LeastThreshold is the shortest that a fleet with shorter timeouts asks for: just above that latest tick. What is later
	// could make a probe of twice that look failed.
	LeastThreshold = 30 * time.Millisecond
	// everyShare is how many notes fall into a threshold, so that a standstill's length is known to that.
	everyShare = 5
	// slept is how long a machine must have slept to be told: clocks are read one after the other.
	slept = 500 * time.Millisecond
	// shortFor is how long a process counts as short of descriptors after it was refused one: a
	// relay that can't accept tries again at least once a second (drill/link).
	shortFor = time.Second
)

// ThresholdFor is what counts as a standstill where answers are awaited for a timeout.
func ThresholdFor(timeout time.Duration) time.Duration {
	if timeout <= 0 {
		return Threshold
	}
	return min(max(timeout/2, LeastThreshold), Threshold)
}

// EveryFor is how often a process notes that it runs, so that a threshold can be told.
func EveryFor(threshold time.Duration) time.Duration { return min(threshold/everyShare, Every) }

// Span is a time in which this process did not run. Slept is what the machine slept in it, which Now does not count.
type Span struct{ From, To, Slept, Settle time.Duration }

// Config is what a watch is made of.
type Config struct {
	// Now is a monotonic clock, that of all that is asked about.
	Now func() time.Duration
	// Slept is how long the machine has slept since it started; nil asks this machine.
	Slept func() time.Duration
	// Threshold is how late a note counts as a standstill; 0 is Threshold.
	Threshold time.Duration
	// Settle bounds how long after a standstill what it broke may not be mended. It is never longer than the standstill.
	Settle time.Duration
}

// Watch knows when this process did not run. Its methods may be called from several goroutines.
type Watch struct {
	cfg Config

	mu     sync.Mutex
	ran    time.Duration // the last sign that the process runs
	slept  time.Duration // by then
	spans  []Span
	told   int // how many of spans were returned by News
	short  []Span
	stands time.Duration // all spans
}

// New makes a watch that begins now.
func New(c Config) *Watch {
	if c.Threshold <= 0 {
		c.Threshold = Threshold
	}
	if c.Slept == nil {
		c.Slept = sleeps()
	}
	return &Watch{cfg: c, ran: c.Now(), slept: c.Slept()}
}

// Begin forgets the time since New: the watch begins now.
func (w *Watch) Begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ran, w.slept = w.cfg.Now(), w.cfg.Slept()
}

// News is the standstills that it has not returned yet.
func (w *Watch) News() []Span {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note()
	fresh := w.spans[w.told:]
	w.told = len(w.spans)
	return fresh
}

// note is a sign that the process runs now. Whoever asks gives it, so that a standstill is known to
// the first who runs after it, before any tick. Called with mu held.
func (w *Watch) note() {
	now := w.cfg.Now()
	late := now - w.ran - EveryFor(w.cfg.Threshold)
	if asleep := w.cfg.Slept(); late >= w.cfg.Threshold || asleep-w.slept >= slept {
		s := Span{From: w.ran, To: now}
		if asleep-w.slept >= slept {
			s.Slept = asleep - w.slept
		}
		s.Settle = min(w.cfg.Settle, s.To-s.From+s.Slept)
		w.spans = append(w.spans, s)
		w.stands += s.To - s.From
	}
	// Anew each time: where the wall clock is compared, it is slewed, which is no sleep.
	w.ran, w.slept = now, w.cfg.Slept()
}

// Note is a sign that the process runs.
func (w *Watch) Note() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note()
}

// Spans is every standstill so far, the first one first.
func (w *Watch) Spans() []Span {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note()
	return slices.Clone(w.spans)
}

// Stood reports whether the process stood still in a part of a span, or what that broke may not have been mended.
func (w *Watch) Stood(from, to time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note()
	return overlaps(w.spans, from, to)
}

// Total is how long the process has stood still so far.
func (w *Watch) Total() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note()
	return w.stands
}

// Refused notes that the system gave this process no descriptor or port just now.
func (w *Watch) Refused() {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.cfg.Now()
	if n := len(w.short); n > 0 && now <= w.short[n-1].To {
		w.short[n-1].To = now + shortFor
		return
	}
	w.short = append(w.short, Span{From: now, To: now + shortFor})
}

// Short reports whether the process was short of descriptors in a part of a span.
func (w *Watch) Short(from, to time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return overlaps(w.short, from, to)
}

func overlaps(spans []Span, from, to time.Duration) bool {
	for i := len(spans) - 1; i >= 0; i-- {
		if s := spans[i]; from <= s.To+s.Settle && s.From <= to {
			return true
		}
	}
	return false
}
