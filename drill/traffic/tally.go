package traffic

import (
	"maps"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fleetdrill/fleetdrill/drill"
)

// tally counts what one population lives through.
type tally struct {
	mu   sync.Mutex
	last drill.PopulationSample // the open window's counts and the totals

	window, windowWrites latencies
	total, totalWrites   latencies
	datasets             byDataset

	steady         *latencies // of the open steady check; nil is none
	steadyEnded    int
	steadyAnswered int
	limit          time.Duration // slower hurts; 0 is unknown yet

	inFlight map[*question]struct{}
	lived    lived
	first    *time.Duration // when the first fault took effect
	outage   *time.Duration // since when an outage lasts; nil is none
}

func newTally(population string) *tally {
	t := &tally{
		window: newLatencies(), windowWrites: newLatencies(),
		total: newLatencies(), totalWrites: newLatencies(),
		datasets: byDataset{}, inFlight: map[*question]struct{}{}, lived: newLived(),
	}
	t.last.Population = population
	t.last.TotalServedBy = map[string]int{}
	t.open()
	return t
}

// open begins a window.
func (t *tally) open() {
	t.last.Requests, t.last.OK, t.last.Failed, t.last.Stale = 0, 0, 0, 0
	t.last.Failures, t.last.ServedBy = nil, map[string]int{}
	t.window.Reset()
	t.windowWrites.Reset()
}

// began notes a request that is due.
func (t *tally) began(q *question) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inFlight[q] = struct{}{}
}

// dropped forgets a request that was given up for no fault of the fleet's.
func (t *tally) dropped(q *question) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.inFlight, q)
}

// ended counts a request that came to its end.
func (t *tally) ended(q *question, o outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.inFlight, q)
	took := o.at - q.due
	hurt := o.failure != "" || t.limit > 0 && took > t.limit
	t.lived.note(q.user, o.at, hurt)
	t.last.Requests++
	t.last.TotalRequests++
	if t.steady != nil {
		t.steadyEnded++
	}
	t.datasets.ended(q, took, o.failure != "")
	if o.failure != "" {
		t.last.Failed++
		t.last.TotalFailed++
		if t.last.Failures == nil {
			t.last.Failures = map[string]int{}
		}
		t.last.Failures[o.failure]++
		return
	}
	t.last.OK++
	t.last.ServedBy[o.region]++
	t.last.TotalServedBy[o.region]++
	if o.stale {
		t.last.Stale++
	}
	t.window.record(took)
	t.total.record(took)
	if q.write {
		t.windowWrites.record(took)
		t.totalWrites.record(took)
	}
	if t.steady != nil {
		t.steadyAnswered++
		t.steady.record(took)
	}
}

// sample closes the window and begins the next.
func (t *tally) sample(now time.Duration) drill.PopulationSample {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.last
	s.Inflight = len(t.inFlight)
	for q := range t.inFlight {
		// It will end hurt, whatever its answer: it counts as soon as that is certain.
		if t.limit > 0 && now-q.due > t.limit {
			t.lived.note(q.user, now, true)
		}
	}
	s.AskedNow, s.AffectedNow = t.lived.since(now - drill.HurtWindow)
	if t.first != nil {
		s.AskedEver, s.AffectedEver = t.lived.blast(*t.first, t.outage)
	}
	s.P50, s.P99 = t.window.quantile(0.50), t.window.quantile(0.99)
	s.WriteP50, s.WriteP99 = t.windowWrites.quantile(0.50), t.windowWrites.quantile(0.99)
	s.TotalP50, s.TotalP99 = t.total.quantile(0.50), t.total.quantile(0.99)
	s.TotalWriteP50, s.TotalWriteP99 = t.totalWrites.quantile(0.50), t.totalWrites.quantile(0.99)
	s.Datasets = t.datasets.sample()
	s.TotalServedBy = maps.Clone(s.TotalServedBy)
	t.open()
	return s
}

func (t *tally) startSteady() {
	t.mu.Lock()
	defer t.mu.Unlock()
	fresh := newLatencies()
	t.steady, t.steadyEnded, t.steadyAnswered = &fresh, 0, 0
}

// endSteady closes the steady check: how many requests ended in it, and how
// many of them were answered.
func (t *tally) endSteady() (ended, answered int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.steady == nil {
		return 0, 0
	}
	if p99 := t.steady.quantile(0.99); p99 != nil && t.first == nil {
		t.last.SteadyP99, t.limit = p99, drill.SlowFactor*(*p99)
	}
	t.steady = nil
	return t.steadyEnded, t.steadyAnswered
}

func (t *tally) markFault(at time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.first == nil {
		t.first = &at
	}
	if t.outage == nil {
		t.outage = &at
	}
}

func (t *tally) markCalm() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.outage != nil {
		t.lived.settle(*t.outage)
		t.outage = nil
	}
}

// latencies is a histogram from 1 µs to 60 s with three significant digits; what
// took longer counts as 60 s.
type latencies struct{ *hdrhistogram.Histogram }

const longest = time.Minute

func newLatencies() latencies {
	return latencies{hdrhistogram.New(1, longest.Microseconds(), 3)}
}

func (l latencies) record(took time.Duration) {
	// It can't fail within these bounds.
	_ = l.RecordValue(min(max(took, time.Microsecond), longest).Microseconds())
}

// quantile is nil when nothing was recorded.
func (l latencies) quantile(q float64) *time.Duration {
	if l.TotalCount() == 0 {
		return nil
	}
	v := time.Duration(l.ValueAtQuantile(q*100)) * time.Microsecond
	return &v
}
