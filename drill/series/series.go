// Package series keeps what was measured over time within bounds: a drill of an hour takes no more
// room than one of ten minutes, only coarser.
package series

import (
	"maps"
	"time"
)

// Of is what was measured over time from the drill's start on, in points that stand for
// spans of one width. It is bounded: where it would grow beyond Limit points, each two
// neighbours become one of twice the width. An hour is kept as a minute is, only coarser, and
// what is summed up in its points stays the same. Its zero value is empty.
type Of[P point[P]] struct {
	// Points[i] is of the time after i widths up to and with i+1 widths of the engine's clock.
	Width  time.Duration
	Points []P
}

// point is what a series is made of. Its zero value is a span in which nothing was measured,
// and joining that changes nothing.
type point[P any] interface {
	Join(P) P
	Part(i, n int) P // one of n parts, which join to the whole again
}

const (
	// Limit is how many points a series has at most: so many that half of them, the least that
	// a long drill has, still fill the columns of a wide screen.
	Limit = 600
	// FirstWidth is the width of a new series' points: two samples of traffic.
	FirstWidth = time.Second
)

// Take joins what was measured over a time up to t into the series. What is longer than a point is spread
// over all the points that it is of.
func (s *Of[P]) Take(t, over time.Duration, p P) {
	parts := 1
	if s.Width > 0 && over > s.Width && over <= t && over < time.Hour {
		parts = min(int((over+s.Width-1)/s.Width), Limit)
	}
	for i := range parts {
		s.add(t-over*time.Duration(parts-1-i)/time.Duration(parts), p.Part(i, parts))
	}
}

// add joins a point into the series, at a time.
func (s *Of[P]) add(t time.Duration, p P) {
	if s.Width == 0 {
		s.Width = FirstWidth
	}
	for s.at(t) >= Limit {
		*s = s.By(2)
	}
	i := s.at(t)
	if missing := i + 1 - len(s.Points); missing > 0 {
		s.Points = append(s.Points, make([]P, missing)...)
	}
	s.Points[i] = s.Points[i].Join(p)
}

// at is the point that a time belongs to; the end of a span is its own.
func (s *Of[P]) at(t time.Duration) int { return int(max(t-1, 0) / s.Width) }

// Since is the points of the time after t, those that begin before it and reach beyond it among them.
func (s Of[P]) Since(t time.Duration) []P {
	if s.Width == 0 {
		return nil
	}
	return s.Points[min(int(max(t, 0)/s.Width), len(s.Points)):]
}

// By is the series with each n neighbours joined to one point.
func (s Of[P]) By(n int) Of[P] {
	out := Of[P]{Width: s.Width * time.Duration(n), Points: make([]P, (len(s.Points)+n-1)/n)}
	for i, p := range s.Points {
		out.Points[i/n] = out.Points[i/n].Join(p)
	}
	return out
}

// Count is requests that came to an end: Over is for how long they were counted, and zero
// where nothing was.
type Count struct {
	Over       time.Duration
	OK, Failed int
}

func (p Count) Join(q Count) Count {
	return Count{p.Over + q.Over, p.OK + q.OK, p.Failed + q.Failed}
}

func (p Count) Part(i, n int) Count {
	of := func(whole int) int { return whole*(i+1)/n - whole*i/n }
	return Count{time.Duration(of(int(p.Over))), of(p.OK), of(p.Failed)}
}

// PerSecond is the answered and the failed requests a second; not known where nothing was counted.
func (p Count) PerSecond() (ok, failed float64, known bool) {
	if p.Over <= 0 {
		return 0, 0, false
	}
	return float64(p.OK) / p.Over.Seconds(), float64(p.Failed) / p.Over.Seconds(), true
}

// Requests is one population's requests in a span, and the latencies of its samples. A
// quantile of several samples can't be had of theirs, so of those that are joined it is the
// highest: no spike is hidden by what was around it.
type Requests struct {
	Count
	P50, P99, Max *time.Duration
	// Why is the failed ones by reason. It is shared with what it was taken from, and never changed.
	Why map[string]int
	// Retries is how often one that had failed was sent again.
	Retries int
}

func (p Requests) Join(q Requests) Requests {
	return Requests{p.Count.Join(q.Count), longer(p.P50, q.P50), longer(p.P99, q.P99), longer(p.Max, q.Max), sums(p.Why, q.Why), p.Retries + q.Retries}
}

func (p Requests) Part(i, n int) Requests {
	p.Count, p.Retries = p.Count.Part(i, n), p.Retries*(i+1)/n-p.Retries*i/n
	if len(p.Why) > 0 && n > 1 {
		part := make(map[string]int, len(p.Why))
		for why, failed := range p.Why {
			part[why] = failed*(i+1)/n - failed*i/n
		}
		p.Why = part
	}
	return p
}

// sums is both counts together, in a map of its own where neither alone is all.
func sums(a, b map[string]int) map[string]int {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	all := maps.Clone(a)
	for why, n := range b {
		all[why] += n
	}
	return all
}

// Slowest is the slowest hundredth, or the longest where the requests were too few to have one.
func (p Requests) Slowest() *time.Duration {
	if p.P99 != nil {
		return p.P99
	}
	return p.Max
}

func longer(a, b *time.Duration) *time.Duration {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}
