package drill

import "time"

// TrafficPoint is requests that came to an end: Over is for how long they were counted, and zero
// where nothing was.
type TrafficPoint struct {
	Over       time.Duration
	OK, Failed int
}

func (p TrafficPoint) Join(q TrafficPoint) TrafficPoint {
	return TrafficPoint{p.Over + q.Over, p.OK + q.OK, p.Failed + q.Failed}
}

func (p TrafficPoint) Part(i, n int) TrafficPoint {
	of := func(whole int) int { return whole*(i+1)/n - whole*i/n }
	return TrafficPoint{time.Duration(of(int(p.Over))), of(p.OK), of(p.Failed)}
}

// PerSecond is the answered and the failed requests a second; not known where nothing was counted.
func (p TrafficPoint) PerSecond() (ok, failed float64, known bool) {
	if p.Over <= 0 {
		return 0, 0, false
	}
	return float64(p.OK) / p.Over.Seconds(), float64(p.Failed) / p.Over.Seconds(), true
}

// PopulationPoint is one population's requests in a span, and the latencies of its samples. A
// quantile of several samples can't be had of theirs, so of those that are joined it is the
// highest: no spike is hidden by what was around it.
type PopulationPoint struct {
	TrafficPoint
	P50, P99, Max *time.Duration
}

func (p PopulationPoint) Join(q PopulationPoint) PopulationPoint {
	return PopulationPoint{p.TrafficPoint.Join(q.TrafficPoint), longer(p.P50, q.P50), longer(p.P99, q.P99), longer(p.Max, q.Max)}
}

func (p PopulationPoint) Part(i, n int) PopulationPoint {
	p.TrafficPoint = p.TrafficPoint.Part(i, n)
	return p
}

// Slowest is the slowest hundredth, or the longest where the requests were too few to have one.
func (p PopulationPoint) Slowest() *time.Duration {
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
