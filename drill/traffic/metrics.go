package traffic

import (
	"maps"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
)

// recorder counts what one population measures: its requests, latencies and affected users.
type recorder struct {
	mu   sync.Mutex
	last telemetry.Population // the open window's counts and the totals

	recent, recentWrites recent
	window               latencies // filled from recent when a sample is taken
	total, totalWrites   latencies
	datasets             byDataset
	reads                reads

	steady         *latencies // of the open steady check; nil is none
	steadyEnded    int
	steadyAnswered int
	floor          time.Duration // what is faster is never slow
	limit          time.Duration // what takes longer is slow; 0 is unknown yet
	hangs          time.Duration // what has waited for longer, and is slow, hangs

	inFlight   map[*request]struct{}
	impacts    impacts
	instrument failure.Instrument
}

// mostPatience bounds how long a request must have waited to count as one that hangs, however long its user would.
const mostPatience = time.Second

// newRecorder makes one for users who wait that long for an answer, and to whom what is faster than floor is never slow.
func newRecorder(population string, floor, timeout time.Duration) *recorder {
	r := &recorder{
		floor: floor, hangs: min(timeout/2, mostPatience), window: newLatencies(),
		total: newLatencies(), totalWrites: newLatencies(),
		datasets: byDataset{}, reads: newReads(), inFlight: map[*request]struct{}{}, impacts: newImpacts(),
		instrument: failure.Sound{},
	}
	r.last.Population = population
	r.last.TotalServedBy = map[string]int{}
	r.open()
	return r
}

// open begins a window.
func (r *recorder) open() {
	r.last.Requests, r.last.OK, r.last.Failed, r.last.Stale = 0, 0, 0, 0
	r.last.NotSent, r.last.LeftOut = 0, 0
	r.last.Slowed, r.last.BadSince = 0, 0
	r.last.Failures, r.last.ServedBy = nil, map[string]int{}
	r.last.Retries, r.last.Queued = 0, nil
}

// began counts a request that is due.
func (r *recorder) began(req *request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inFlight[req] = struct{}{}
}

// dropped forgets a request that was given up because the drill ended, for no fault of the fleet's; one that hung then
// has failed.
func (r *recorder) dropped(req *request, now time.Duration) {
	r.mu.Lock()
	hung := r.hung(req, now)
	if !hung {
		delete(r.inFlight, req)
	}
	r.mu.Unlock()
	if hung {
		r.ended(req, outcome{at: now, failure: failure.Unanswered})
	}
}

// unsent counts a request that this program could not send: a failure of nobody's.
func (r *recorder) unsent(req *request, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.inFlight, req)
	r.notSent(why)
}

// notSent is called with mu held.
func (r *recorder) notSent(why string) {
	r.last.NotSent++
	if r.last.TotalNotSent == nil {
		r.last.TotalNotSent = map[string]int{}
	}
	r.last.TotalNotSent[why]++
}

// leftOut counts a request that was due, or waited, while this program stood still: what became of it says nothing. Called
// with mu held.
func (r *recorder) leftOut() {
	r.last.LeftOut++
	r.last.TotalLeftOut++
}

// late counts a request that this program comes to too late to send it.
func (r *recorder) late(req *request, now time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.instrument.Stood(req.due, now) {
		r.leftOut()
	} else {
		r.notSent(telemetry.UnsentLate)
	}
}

// ended counts a request that came to its end.
func (r *recorder) ended(req *request, o outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.inFlight, req)
	switch {
	case r.instrument.Stood(req.due, o.at):
		r.leftOut()
		return
	case o.failure == failure.NoDescriptor, o.failure != "" && r.instrument.Short(req.due, o.at):
		r.notSent(telemetry.UnsentNoDescriptor)
		return
	}
	took := o.at - req.due
	slow := r.slow(req, o.at)
	r.impacts.add(req.user, req.due, o.at, o.failure != "" || slow)
	r.impacts.ended(req.due, o.at, o.failure != "")
	if (o.failure != "" || slow) && (r.last.BadSince == 0 || req.due < r.last.BadSince) {
		r.last.BadSince = req.due
	}
	r.last.Requests++
	r.last.TotalRequests++
	if r.steady != nil {
		r.steadyEnded++
	}
	r.datasets.ended(req, took, o.failure != "")
	if o.failure != "" {
		r.last.Failed++
		r.last.TotalFailed++
		if r.last.Failures == nil {
			r.last.Failures = map[string]int{}
		}
		r.last.Failures[o.failure]++
		return
	}
	r.last.OK++
	if slow {
		r.last.Slowed++
	}
	r.waited(o)
	r.last.ServedBy[o.region]++
	r.last.TotalServedBy[o.region]++
	if o.looked != nil {
		r.reads.ended(req, *o.looked, took)
		if !o.looked.found {
			r.last.Stale++
		}
	}
	r.recent.record(o.at, took)
	r.total.record(took)
	if req.write {
		r.recentWrites.record(o.at, took)
		r.totalWrites.record(took)
	}
	if r.steady != nil {
		r.steadyAnswered++
		r.steady.record(took)
	}
}

// retried counts a request that is sent once more.
func (r *recorder) retried() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last.Retries++
	r.last.TotalRetries++
}

// waited counts an answered request's wait for a web replica's turn. Called with mu held.
func (r *recorder) waited(o outcome) {
	if o.queued <= 0 {
		return
	}
	if r.last.Queued == nil {
		r.last.Queued = map[string]telemetry.Queued{}
	}
	q := r.last.Queued[o.region]
	q.N, q.Sum, q.Max = q.N+1, q.Sum+o.queued, max(q.Max, o.queued)
	r.last.Queued[o.region] = q
}

// slow reports whether a request that ends at a time, or has not by then, is slow. What this program came late to it is not
// the fleet's. Called with mu held.
func (r *recorder) slow(req *request, end time.Duration) bool {
	return r.limit > 0 && end-max(req.due, req.sent) > r.limit
}

// sample closes the window and begins the next.
func (r *recorder) sample(now time.Duration) telemetry.Population {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.last
	s.Inflight = len(r.inFlight)
	r.addInFlight(now)
	s.AskedNow, s.AffectedNow = r.impacts.since(now - telemetry.AffectedWindow)
	s.AskedEver, s.AffectedEver = r.impacts.ever(now)
	s.Impacts = r.impacts.sample(now)
	r.recent.into(&r.window, now)
	s.LatencyN, s.P50, s.P99, s.Max = r.window.n(), r.window.quantile(0.50), r.window.quantile(0.99), r.window.max()
	r.recentWrites.into(&r.window, now)
	s.WriteN, s.WriteP50, s.WriteP99, s.WriteMax = r.window.n(), r.window.quantile(0.50), r.window.quantile(0.99), r.window.max()
	s.TotalP50, s.TotalP99, s.TotalMax = r.total.quantile(0.50), r.total.quantile(0.99), r.total.max()
	s.TotalWriteP50, s.TotalWriteP99, s.TotalWriteMax = r.totalWrites.quantile(0.50), r.totalWrites.quantile(0.99), r.totalWrites.max()
	s.Datasets, s.Reads = r.datasets.sample(), r.reads.sample()
	s.TotalServedBy, s.TotalNotSent = maps.Clone(s.TotalServedBy), maps.Clone(s.TotalNotSent)
	r.open()
	return s
}

// addInFlight counts the users who wait for an answer. A request that is overdue ends slow or failed, whatever its
// answer, and counts as soon as that is certain. Called with mu held.
func (r *recorder) addInFlight(now time.Duration) {
	for req := range r.inFlight {
		if r.instrument.Stood(req.due, now) || r.instrument.Short(req.due, now) {
			continue // it is left out, or was not sent
		}
		if r.slow(req, now) {
			r.impacts.add(req.user, req.due, now, true)
		} else {
			r.impacts.underWay(req.user, req.due, now)
		}
	}
}

func (r *recorder) startSteady() {
	r.mu.Lock()
	defer r.mu.Unlock()
	fresh := newLatencies()
	r.steady, r.steadyEnded, r.steadyAnswered = &fresh, 0, 0
}

// endSteady closes the steady check: how many requests ended in it, and how many of them were answered. One that
// hangs has not ended, and its user may wait for much longer than the check takes: it counts as not answered.
func (r *recorder) endSteady(now time.Duration) (ended, answered int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.steady == nil {
		return 0, 0
	}
	if longest := r.steady.max(); longest != nil && len(r.impacts.list) == 0 {
		p99 := r.steady.quantile(0.99)
		r.last.SteadyP99 = p99
		if p99 == nil {
			p99 = longest // the best estimate of so few requests
		}
		r.limit = max(r.floor, telemetry.SlowFactor*(*p99))
		slow := r.limit
		r.last.Slow = &slow
	}
	r.steady = nil
	return r.steadyEnded + r.hanging(now), r.steadyAnswered
}

// hanging is how many requests hang. Called with mu held.
func (r *recorder) hanging(now time.Duration) (n int) {
	for req := range r.inFlight {
		if r.hung(req, now) {
			n++
		}
	}
	return n
}

// hung reports whether a request that is in flight hangs. Called with mu held.
func (r *recorder) hung(req *request, now time.Duration) bool {
	if r.instrument.Stood(req.due, now) || r.instrument.Short(req.due, now) {
		return false
	}
	return now-max(req.due, req.sent) > r.hangs && (r.limit == 0 || r.slow(req, now))
}

func (r *recorder) openImpact(id int, from time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.impacts.open(id, from)
}

func (r *recorder) closeImpact(id int, at, now time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.addInFlight(now)
	r.impacts.close(id, at)
}

func (r *recorder) recount(s *telemetry.Population, now time.Duration, over map[int]time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.impacts.over(over)
	s.Impacts = r.impacts.sample(now)
	s.AskedEver, s.AffectedEver = r.impacts.ever(now)
}
