package drill

import (
	"maps"
	"math"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/series"
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
	Region string // where the router sends it now
	Last   *PopulationSample
	Steady *PopulationSample // the last of the steady check; nil before it ended
	// History is the last samples, newest last, at most HistoryLimit.
	History []PopulationSample
	// Series is its requests and latencies over the whole drill.
	Series series.Of[series.Requests]
	// Failures is the failed requests of the whole drill so far, by reason.
	Failures map[string]int
}

// ShareServedBy is the share of the population's answered requests that the
// region answered in the last sample; with none answered, whether it is routed there.
func (p *PopulationState) ShareServedBy(region string) float64 {
	total := 0
	if p.Last != nil {
		for _, n := range p.Last.ServedBy {
			total += n
		}
	}
	if total > 0 {
		return float64(p.Last.ServedBy[region]) / float64(total)
	}
	if p.Region == region && region != "" {
		return 1
	}
	return 0
}

// PopulationSample is what one population measured since the sample before. Requests counts requests that came to an
// end in between. Latencies are of the successful requests that ended in the last LatencyWindow, and count from when a
// request was due, so a stall is not hidden. A quantile of fewer than LatencyNeeds is nil, not a guess: then Max of
// LatencyN requests is what can be said. Journals of before have no Max and no LatencyN; their quantiles are of the window
// of one sample.
type PopulationSample struct {
	Population string `json:"population"`
	Requests   int    `json:"requests"`
	OK         int    `json:"ok"`
	Failed     int    `json:"failed"`
	// Slowed requests were answered, and took longer than Slow. BadSince is when the first was due of those that failed or
	// were slow; 0 is none.
	Slowed   int           `json:"slowed,omitempty"`
	BadSince time.Duration `json:"bad_since,omitempty"`
	// Stale reads were answered, but by a replica that did not have the write yet.
	Stale    int            `json:"stale,omitempty"`
	Failures map[string]int `json:"failures,omitempty"` // by reason: "timeout", "refused", "no authority", "shed", …
	// ServedBy counts answered requests by the region that answered.
	ServedBy map[string]int `json:"served_by"`
	// NotSent counts requests that were due and that this program could not send in time, LeftOut those that were due, or
	// waited for an answer, while it stood still. Both are in no other number: nobody's request failed, none was slow.
	NotSent int `json:"not_sent,omitempty"`
	LeftOut int `json:"left_out,omitempty"`
	// Inflight is how many requests wait for their answer now.
	Inflight int            `json:"inflight"`
	LatencyN int            `json:"latency_n,omitempty"`
	P50      *time.Duration `json:"p50"`
	P99      *time.Duration `json:"p99"`
	Max      *time.Duration `json:"max,omitempty"`
	// The same of writes only; WriteN is how many.
	WriteN   int            `json:"write_n,omitempty"`
	WriteP50 *time.Duration `json:"write_p50"`
	WriteP99 *time.Duration `json:"write_p99"`
	WriteMax *time.Duration `json:"write_max,omitempty"`
	// SteadyP99 is the population's p99 of the steady check; nil until measured, and of fewer requests than LatencyNeeds.
	SteadyP99 *time.Duration `json:"steady_p99"`
	// Slow is how long a request may take before its user counts as affected: SlowFactor times the steady p99 (of few
	// requests, times their longest), and not below the population's floor. Nil before the steady check, when only
	// failures count.
	Slow *time.Duration `json:"slow,omitempty"`
	// AskedNow and AffectedNow count distinct users: those with a request that ended or is overdue in the last
	// AffectedWindow, and those of them who were affected (it failed, or took longer than Slow).
	// The JSON names of the affected stay, so that older journals can be read.
	AskedNow    int `json:"asked_now"`
	AffectedNow int `json:"hurt_now"`
	// Impacts is what each command's fault cost, in the order in which they took effect.
	Impacts []UserImpact `json:"impacts,omitempty"`
	// AskedEver counts distinct users who asked during any of the Impacts, AffectedEver those of them who were affected
	// during any.
	AskedEver    int `json:"asked_ever"`
	AffectedEver int `json:"hurt_ever"`
	// Totals of the whole drill so far.
	TotalRequests int            `json:"total_requests"`
	TotalFailed   int            `json:"total_failed"`
	TotalLeftOut  int            `json:"total_left_out,omitempty"`
	TotalNotSent  map[string]int `json:"total_not_sent,omitempty"` // by why: UnsentLate, …
	TotalP50      *time.Duration `json:"total_p50"`
	TotalP99      *time.Duration `json:"total_p99"`
	TotalMax      *time.Duration `json:"total_max,omitempty"`
	TotalServedBy map[string]int `json:"total_served_by"`
	// Writes of the whole drill so far.
	TotalWriteP50 *time.Duration `json:"total_write_p50"`
	TotalWriteP99 *time.Duration `json:"total_write_p99"`
	TotalWriteMax *time.Duration `json:"total_write_max,omitempty"`
	// Datasets are the population's writes to each dataset, whole drill so far.
	Datasets map[string]WriteLatency `json:"datasets,omitempty"`
}

// UserImpact is what befell a population's users From when the fault of one command could first affect one Until requests
// were good again, which may be taken back until Closed; journals of before have neither time. Asked is distinct users
// with a request that was sent, or in flight, in between; Affected those of them with one that failed or was slow.
type UserImpact struct {
	Command  int           `json:"command"`
	Asked    int           `json:"asked"`
	Affected int           `json:"affected"`
	From     time.Duration `json:"from,omitempty"`
	Until    time.Duration `json:"until,omitempty"`
	Closed   bool          `json:"closed,omitempty"`
}

// WriteLatency is how long acknowledged writes took, from when they were due. A quantile of fewer than LatencyNeeds is
// nil: then Max of Acknowledged writes is what can be said.
type WriteLatency struct {
	Acknowledged int            `json:"acknowledged"`
	Failed       int            `json:"failed"`
	P50          *time.Duration `json:"p50"`
	P99          *time.Duration `json:"p99"`
	Max          *time.Duration `json:"max,omitempty"`
}

// LatencyWindow is how far back the latencies of a sample reach. Ten seconds hold the hundred requests that a p99 needs
// from ten requests a second on.
const LatencyWindow = 10 * time.Second

// LatencyNeeds is how many requests a quantile needs, so that one of them is expected beyond it: 1/(1-q), so 2 for the
// median and 100 for the p99. Of fewer, the p99 is nothing but the longest.
func LatencyNeeds(q float64) int { return int(math.Ceil(1/(1-q) - 1e-9)) }

// AffectedWindow is how far back "now" reaches when users affected now are counted.
const AffectedWindow = 2 * time.Second

// SlowFactor is how many times its steady p99 a request may take before its user counts as affected: what nobody would take
// for the ordinary, on a machine that is busy too.
const SlowFactor = 5

// TrafficSampled is one window of every population's requests.
type TrafficSampled struct {
	Window      time.Duration      `json:"window"`
	Populations []PopulationSample `json:"populations"`
}

// Kind implements Body.
func (TrafficSampled) Kind() string { return "traffic.sampled" }

// Why a request was not sent, as the keys of PopulationSample.TotalNotSent.
const (
	UnsentLate         = "late"          // this program came to it too late
	UnsentInFlight     = "in flight"     // as many as may be wait for answers
	UnsentNoDescriptor = "no descriptor" // the system gave no descriptor or port
)

// Unsent is the requests of a population that were not sent up to a sample, by why: since the first step, or of a drill that
// has not come to it, so far. What a fleet that comes up costs before is no part of what is measured.
func (s *State) Unsent(of PopulationSample) map[string]int {
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
		sample := b.Populations[i]
		p := s.Population(sample.Population)
		if p == nil {
			continue
		}
		p.Last = &sample
		p.History = keepLast(append(p.History, sample), HistoryLimit)
		own := series.Count{Over: b.Window, OK: sample.OK, Failed: sample.Failed}
		p.Series.Take(s.Now, b.Window, series.Requests{Count: own, P50: sample.P50, P99: sample.P99, Max: sample.Max})
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
// To is empty when no region can serve it.
type Rerouted struct {
	Population string `json:"population"`
	From       string `json:"from,omitempty"`
	To         string `json:"to,omitempty"`
	Why        string `json:"why"`
}

// Kind implements Body.
func (Rerouted) Kind() string { return "traffic.rerouted" }

func (b Rerouted) fold(s *State, e Event) {
	if p := s.Population(b.Population); p != nil {
		p.Region = b.To
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
