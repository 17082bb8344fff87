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

// RetryBudgetOver is how long a budget that is not used is kept: ten seconds, as Finagle's RetryBudget keeps a deposit by
// default. Finagle's share is of requests, 20 % by default, as a budget here is. Envoy's retry_budget has the same number and
// means another thing: the share of requests in flight that may be retries.
const RetryBudgetOver = 10 * time.Second

// DefaultBackoff is what a first retry waits for at the most: DEFAULT_RETRY_DELAY_BASE of the AWS SDK for JavaScript, which
// draws a wait from none up to it too. gRPC has no default: its initialBackoff has to be written.
const DefaultBackoff = 100 * time.Millisecond

// MostRetries is how often one request may be sent again: more than any client of the field sends by itself. AWS' SDKs send a
// request three times in their standard mode, and gRPC five times at the most (gRFC A6).
const MostRetries = 10
