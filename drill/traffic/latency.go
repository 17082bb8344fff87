package traffic

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// latencies is a histogram from 1 µs to 60 s with three significant digits; what took longer counts as 60 s.
type latencies struct {
	histogram *hdrhistogram.Histogram
	longest   time.Duration
}

// mostLatency bounds a latency: what takes longer counts as this.
const mostLatency = time.Minute

func newLatencies() latencies {
	return latencies{histogram: hdrhistogram.New(1, mostLatency.Microseconds(), 3)}
}

func (l *latencies) record(took time.Duration) {
	took = min(max(took, time.Microsecond), mostLatency)
	l.longest = max(l.longest, took)
	_ = l.histogram.RecordValue(took.Microseconds()) // it can't fail within these bounds
}

func (l *latencies) n() int { return int(l.histogram.TotalCount()) }

func (l *latencies) reset() {
	l.histogram.Reset()
	l.longest = 0
}

// quantile is nil when there are too few values to have it: below telemetry.LatencyNeeds.
func (l *latencies) quantile(q float64) *time.Duration {
	if l.n() < telemetry.LatencyNeeds(q) {
		return nil
	}
	v := time.Duration(l.histogram.ValueAtQuantile(q*100)) * time.Microsecond
	return &v
}

// max is the longest; nil when nothing was recorded.
func (l *latencies) max() *time.Duration {
	if l.n() == 0 {
		return nil
	}
	v := l.longest.Truncate(time.Microsecond)
	return &v
}

// recent is the latencies of requests that ended within telemetry.LatencyWindow. It keeps at most mostRecent, the newest.
type recent struct {
	values []timed // by when they ended, nearly: requests end in goroutines of their own
}

type timed struct{ at, took time.Duration }

// mostRecent bounds the memory of a window: 6,500 requests a second for ten seconds, a megabyte.
const mostRecent = 1 << 16

func (r *recent) record(at, took time.Duration) { r.values = append(r.values, timed{at, took}) }

// into fills a histogram with what ended in the window before now, and forgets the rest.
func (r *recent) into(l *latencies, now time.Duration) {
	l.reset()
	old := max(len(r.values)-mostRecent, 0)
	for old < len(r.values) && r.values[old].at < now-telemetry.LatencyWindow {
		old++
	}
	r.values = append(r.values[:0], r.values[old:]...)
	for _, v := range r.values {
		l.record(v.took)
	}
}
