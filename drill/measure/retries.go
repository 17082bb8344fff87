package measure

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Attempts is how often some populations' requests were sent: each request once, and
// once more for each retry.
type Attempts struct{ Requests, Retries int }

// Amplification is how many times each request was sent on average; false where there is none.
func (a Attempts) Amplification() (float64, bool) {
	if a.Requests == 0 {
		return 0, false
	}
	return float64(a.Requests+a.Retries) / float64(a.Requests), true
}

// AttemptsEver is of all populations in the whole drill so far.
func AttemptsEver(s *drill.State) (a Attempts) {
	for _, p := range s.Populations {
		if p.Last != nil {
			a.Requests, a.Retries = a.Requests+p.Last.TotalRequests, a.Retries+p.Last.TotalRetries
		}
	}
	return a
}

// QueuedNow is how long the requests that a region answered in the last sample waited there for a web replica's turn: on average
// over all of them, and the longest; false where it answered none.
func QueuedNow(s *drill.State, region string) (mean, longest time.Duration, ok bool) {
	answered, sum := 0, time.Duration(0)
	for _, p := range s.Populations {
		if p.Last == nil {
			continue
		}
		answered += p.Last.ServedBy[region]
		q := p.Last.Queued[region]
		sum, longest = sum+q.Sum, max(longest, q.Max)
	}
	if answered == 0 {
		return 0, 0, false
	}
	return sum / time.Duration(answered), longest, true
}
