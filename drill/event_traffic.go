package drill

import "time"

// PopulationSample is what one population lived through since the sample
// before. Requests counts requests that came to an end in the window.
// Latencies are counted from when a request was due, so a stall is not hidden;
// they are nil when nothing succeeded in the window.
type PopulationSample struct {
	Population string `json:"population"`
	Requests   int    `json:"requests"`
	OK         int    `json:"ok"`
	Failed     int    `json:"failed"`
	// Stale reads were answered, but by a replica that did not have the write yet.
	Stale    int            `json:"stale,omitempty"`
	Failures map[string]int `json:"failures,omitempty"` // by reason: "timeout", "refused", "no authority", "shed", …
	// ServedBy counts answered requests by the region that answered.
	ServedBy map[string]int `json:"served_by"`
	// Inflight is how many requests wait for their answer now.
	Inflight int            `json:"inflight"`
	P50      *time.Duration `json:"p50"`
	P99      *time.Duration `json:"p99"`
	WriteP50 *time.Duration `json:"write_p50"`
	WriteP99 *time.Duration `json:"write_p99"`
	// SteadyP99 is the population's p99 of the steady check; nil until measured.
	SteadyP99 *time.Duration `json:"steady_p99"`
	// AskedNow and AffectedNow count distinct users: those with a request that
	// ended or is overdue in the last HurtWindow, and those of them who were
	// hurt (failed, or slower than five times SteadyP99).
	AskedNow    int `json:"asked_now"`
	AffectedNow int `json:"hurt_now"`
	// AffectedEver counts distinct users hurt since the first fault, AskedEver them and
	// those who asked during an outage (from a fault until it was recovered from):
	// the users a fault could have hurt.
	AskedEver    int `json:"asked_ever"`
	AffectedEver int `json:"hurt_ever"`
	// Totals of the whole drill so far.
	TotalRequests int            `json:"total_requests"`
	TotalFailed   int            `json:"total_failed"`
	TotalP50      *time.Duration `json:"total_p50"`
	TotalP99      *time.Duration `json:"total_p99"`
	TotalServedBy map[string]int `json:"total_served_by"`
	// Writes of the whole drill so far.
	TotalWriteP50 *time.Duration `json:"total_write_p50"`
	TotalWriteP99 *time.Duration `json:"total_write_p99"`
	// Datasets are the population's writes to each dataset, whole drill so far.
	Datasets map[string]WriteLatency `json:"datasets,omitempty"`
}

// WriteLatency is how long acknowledged writes took, from when they were due.
type WriteLatency struct {
	Acknowledged int            `json:"acknowledged"`
	Failed       int            `json:"failed"`
	P50          *time.Duration `json:"p50"`
	P99          *time.Duration `json:"p99"`
}

// HurtWindow is how far back "now" reaches when users hurt now are counted.
const HurtWindow = 2 * time.Second

// SlowFactor is how many times its steady p99 a request may take before its
// user counts as hurt (DESIGN).
const SlowFactor = 5

// TrafficSampled is one window of every population's requests.
type TrafficSampled struct {
	Window      time.Duration      `json:"window"`
	Populations []PopulationSample `json:"populations"`
}

// Rerouted says that the router now answers a population with another region.
// To is empty when no region can serve it.
type Rerouted struct {
	Population string `json:"population"`
	From       string `json:"from,omitempty"`
	To         string `json:"to,omitempty"`
	Why        string `json:"why"`
}

// Recovered says that, since Since on the engine's clock, requests have
// succeeded again at the steady share; Fault is the fault that had ended that.
type Recovered struct {
	Fault int           `json:"fault"`
	Since time.Duration `json:"since"`
}
