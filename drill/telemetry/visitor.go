package telemetry

import "time"

// Visitor is what people asked by the visitors' address as users of one population. The counts of its first part are of
// requests that ended since the sample before, those of the second of the whole drill so far. Latencies are of answered
// requests, from when they came in at that address; a quantile of fewer than LatencyNeeds is nil.
type Visitor struct {
	Population string         `json:"population"`
	Requests   int            `json:"requests"`
	Failed     int            `json:"failed"`
	Failures   map[string]int `json:"failures,omitempty"` // by reason, as those of a Population
	ServedBy   map[string]int `json:"served_by,omitempty"`
	// LastRegion answered the request that ended last, in LastTook; LastFailure is why nobody did.
	LastRegion  string        `json:"last_region,omitempty"`
	LastFailure string        `json:"last_failure,omitempty"`
	LastTook    time.Duration `json:"last_took"`
	// Turned says that it ended otherwise than the last of the sample before: another region answered, or fails, or none does
	// any more; or that it was the first.
	Turned bool `json:"turned,omitempty"`

	TotalRequests int            `json:"total_requests"`
	TotalFailed   int            `json:"total_failed"`
	TotalWrites   int            `json:"total_writes"`
	TotalFailures map[string]int `json:"total_failures,omitempty"`
	TotalServedBy map[string]int `json:"total_served_by,omitempty"`
	TotalP50      *time.Duration `json:"total_p50"`
	TotalP99      *time.Duration `json:"total_p99"`
	TotalMax      *time.Duration `json:"total_max"`
}
