package drill

import (
	"maps"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/series"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func init() {
	register[TrafficSampled]()
	register[Rerouted]()
	register[Recovered]()
}

// PopulationState is one population.
type PopulationState struct {
	Spec   topology.Population
	Region string // where the router sends it now; of several, where the most
	// Shares is the share of its requests, by region, where the router's answer is several regions; nil where it is one.
	Shares map[string]float64
	// Refused is why its users are refused, not moved; "" while they are not.
	Refused string
	// Moved is how many times the router has answered it with another region, or with other shares.
	Moved  int
	Last   *telemetry.Population
	Steady *telemetry.Population // the last of the steady check; nil before it ended
	// Recent is the requests of the last samples, newest last, at most RecentLimit.
	Recent []series.Count
	// Series is its requests, their latencies and why they failed, over the whole drill.
	Series series.Of[series.Requests]
	// Failures is the failed requests of the whole drill so far, by reason.
	Failures map[string]int
}

// TrafficSampled is one window of every population's requests.
type TrafficSampled struct {
	Window      time.Duration          `json:"window"`
	Populations []telemetry.Population `json:"populations"`
}

// Kind implements Body.
func (TrafficSampled) Kind() string { return "traffic.sampled" }

// Unsent is the requests of a population that were not sent up to a sample, by why: since the first step, or of a drill that
// has not come to it, so far. What a fleet that comes up costs before is no part of what is measured.
func (s *State) Unsent(of telemetry.Population) map[string]int {
	out := maps.Clone(of.TotalNotSent)
	if p := s.Population(of.Population); p != nil && p.Steady != nil {
		maps.DeleteFunc(out, func(why string, n int) bool { return n <= p.Steady.TotalNotSent[why] })
		for why := range out {
			out[why] -= p.Steady.TotalNotSent[why]
		}
	}
	return out
}

// unsent reports whether a window is the first, before the first step or since, in which requests were not sent for a reason.
func (b TrafficSampled) unsent(s *State) bool {
	known := map[string]int{}
	for _, p := range s.Populations {
		if p.Last != nil {
			maps.Copy(known, s.Unsent(*p.Last))
		}
	}
	for _, sample := range b.Populations {
		for why := range s.Unsent(sample) {
			if known[why] == 0 {
				return true
			}
		}
	}
	return false
}

func (b TrafficSampled) fold(s *State, e Event) {
	if b.unsent(s) {
		s.show(e)
	}
	byRegion, total := map[string]int{}, 0
	point := series.Count{Over: b.Window}
	for i := range b.Populations {
		sample := &b.Populations[i] // an event is never changed
		p := s.Population(sample.Population)
		if p == nil {
			continue
		}
		p.Last = sample
		own := series.Count{Over: b.Window, OK: sample.OK, Failed: sample.Failed}
		p.Recent = keepLast(append(p.Recent, own), RecentLimit)
		p.Series.Take(s.Now, b.Window, series.Requests{Count: own, P50: sample.P50, P99: sample.P99, Max: sample.Max, Why: sample.Failures, Retries: sample.Retries})
		p.fail(sample.Failures)
		for region, n := range sample.ServedBy {
			byRegion[region] += n
			total += n
		}
		point.OK, point.Failed = point.OK+sample.OK, point.Failed+sample.Failed
	}
	for _, r := range s.Regions {
		r.Share = 0
		if total > 0 {
			r.Share = float64(byRegion[r.Spec.Name]) / float64(total)
		}
	}
	s.Traffic.Take(s.Now, b.Window, point)
	s.serve()
	s.SampledAt = s.Now
}

func (p *PopulationState) fail(by map[string]int) {
	if p.Failures == nil {
		p.Failures = map[string]int{}
	}
	for reason, n := range by {
		p.Failures[reason] += n
	}
}

// Rerouted says that the router now answers a population with another region.
// To is empty when no region can serve it; Refused says that others could, and may not.
// Shares is the share of each region where there are several; then To has the largest.
type Rerouted struct {
	Population string             `json:"population"`
	From       string             `json:"from,omitempty"`
	To         string             `json:"to,omitempty"`
	Shares     map[string]float64 `json:"shares,omitempty"`
	Refused    bool               `json:"refused,omitempty"`
	Why        string             `json:"why"`
}

// Kind implements Body.
func (Rerouted) Kind() string { return "traffic.rerouted" }

func (b Rerouted) fold(s *State, e Event) {
	if p := s.Population(b.Population); p != nil {
		p.Region, p.Shares, p.Refused = b.To, b.Shares, ""
		if b.Refused {
			p.Refused = b.Why
		}
		if b.From != "" && b.To != "" {
			p.Moved++
		}
	}
	s.show(e)
}

// Recovered says that, since Since on the engine's clock, as many requests as in the steady check neither failed nor were
// slow; Fault had ended that. Slowly says that they only succeed, and that the fault, which holds, is not recovered from.
type Recovered struct {
	Fault  int           `json:"fault"`
	Since  time.Duration `json:"since"`
	Slowly bool          `json:"slowly,omitempty"`
}

// After is how long after its fault began that was.
func (b Recovered) After(f *Fault) time.Duration { return max(0, b.Since-f.From) }

// Kind implements Body.
func (Recovered) Kind() string { return "traffic.recovered" }

func (b Recovered) fold(s *State, e Event) {
	if f := s.Fault(b.Fault); b.Slowly && f != nil {
		f.Slowly = true
	} else {
		s.Recoveries = append(s.Recoveries, b)
	}
	s.show(e)
}
