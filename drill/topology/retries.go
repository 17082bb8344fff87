package topology

import "time"

// Retries is how clients send a failed request again, until its user has gone: Most times at the most, after a wait that is drawn
// from none up to Backoff, and twice as much with each failure. Budget is the share of requests, from 0 to 1, that retries may
// add; 0 sets none.
type Retries struct {
	Most    int           `json:"most"`
	Backoff time.Duration `json:"backoff"`
	Budget  float64       `json:"budget,omitempty"`
}

// RetryBudgetOver is how long a budget that is not used is kept: ten seconds, as Finagle's RetryBudget keeps a deposit. Its
// share there is 20 % too, as Envoy's retry_budget has it.
const RetryBudgetOver = 10 * time.Second

// DefaultBackoff is what a first retry waits for at the most: gRPC's and AWS' clients begin at 100 ms or less.
const DefaultBackoff = 100 * time.Millisecond

// MostRetries is how often one request may be sent again: AWS' and gRPC's clients allow four at the most.
const MostRetries = 10
