package telemetry

import (
	"math"
	"time"
)

// Population is what one population measured since the sample before. Requests counts requests that came to an
// end in between. Latencies are of the successful requests that ended in the last LatencyWindow, and count from when a
// request was due, so a stall is not hidden. A quantile of fewer than LatencyNeeds is nil, not a guess: then Max of
// LatencyN requests is what can be said. Journals of before have no Max and no LatencyN; their quantiles are of the window
// of one sample.
type Population struct {
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
	// Queued is, by region, how answered requests waited there for a web replica's turn; one where none did is not in it.
	Queued map[string]Queued `json:"queued,omitempty"`
	// Retries is how often a request that had failed was sent again: they are in no other number, and Requests counts a
	// request once, by its last outcome.
	Retries int `json:"retries,omitempty"`
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
	TotalRetries  int            `json:"total_retries,omitempty"`
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
	// Reads is what its reads found, whole drill so far; nil where none was answered, and in journals of before.
	Reads *Reads `json:"reads,omitempty"`
	// Datasets are the population's writes to each dataset, whole drill so far.
	Datasets map[string]WriteLatency `json:"datasets,omitempty"`
}

// Queued is how requests waited for a web replica's turn: N of them did, Sum together, the longest Max.
type Queued struct {
	N   int           `json:"n"`
	Sum time.Duration `json:"sum"`
	Max time.Duration `json:"max"`
}

// UserImpact is what befell a population's users From when the fault of one command could first affect one Until requests
// were good again, which may be taken back until Closed; journals of before have neither time. Asked is distinct users
// with a request that was sent, or in flight, in between; Affected those of them with one that failed or was slow. LastFailed
// and LastOK are when the latest was due of the requests that failed, and of those that were answered, in that time, or else of
// the first that was answered after it; zero where there is none, and in journals of before both are.
type UserImpact struct {
	Command    int           `json:"command"`
	Asked      int           `json:"asked"`
	Affected   int           `json:"affected"`
	From       time.Duration `json:"from,omitempty"`
	Until      time.Duration `json:"until,omitempty"`
	Closed     bool          `json:"closed,omitempty"`
	LastFailed time.Duration `json:"last_failed,omitempty"`
	LastOK     time.Duration `json:"last_ok,omitempty"`
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

// Why a request was not sent, as the keys of Population.TotalNotSent.
const (
	UnsentLate         = "late"          // this program came to it too late
	UnsentInFlight     = "in flight"     // as many as may be wait for answers
	UnsentNoDescriptor = "no descriptor" // the system gave no descriptor or port
)
