// Package retry measures what an overloaded web tier does to its users: how often requests are sent again, are shed, and wait.
package retry

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
		of := AttemptsOf(p)
		a.Requests, a.Retries = a.Requests+of.Requests, a.Retries+of.Retries
	}
	return a
}

// AttemptsOf is of a population in the whole drill so far.
func AttemptsOf(p *drill.PopulationState) Attempts {
	if p.Last == nil {
		return Attempts{}
	}
	return Attempts{Requests: p.Last.TotalRequests, Retries: p.Last.TotalRetries}
}

// AttemptsNow is of a population in the last sample.
func AttemptsNow(p *drill.PopulationState) Attempts {
	if p.Last == nil {
		return Attempts{}
	}
	return Attempts{Requests: p.Last.Requests, Retries: p.Last.Retries}
}

// stormNeeds is how many requests a second needs for its amplification to count: of fewer, one that is sent often is most of it.
const stormNeeds = 10

// AttemptsWorst is of a population in the second in which its requests were sent again most often, or in as long as a point of
// its series is; false where none was sent again.
func AttemptsWorst(p *drill.PopulationState) (a Attempts, ok bool) {
	worst := 1.0
	for _, point := range p.Series.Points {
		of := Attempts{Requests: point.OK + point.Failed, Retries: point.Retries}
		if times, known := of.Amplification(); known && of.Requests >= stormNeeds && times > worst {
			worst, a, ok = times, of, true
		}
	}
	return a, ok
}

// ShedNow is the share of the requests of the last sample that failed since they were shed, by their last attempt; false where
// no request came to an end.
func ShedNow(s *drill.State) (share float64, ok bool) {
	requests, shed := 0, 0
	for _, p := range s.Populations {
		if p.Last != nil {
			requests, shed = requests+p.Last.Requests, shed+p.Last.Failures[shedWhy]
		}
	}
	if requests == 0 {
		return 0, false
	}
	return float64(shed) / float64(requests), true
}

// ShedEver is how many requests failed since they were shed, in the whole drill so far.
func ShedEver(s *drill.State) (n int) {
	for _, p := range s.Populations {
		n += p.Failures[shedWhy]
	}
	return n
}

// shedWhy is the reason of a request that was shed (wire.CodeShed).
const shedWhy = "shed"

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
