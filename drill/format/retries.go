package format

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure/retry"
)

// Times is how many times on average: "1.26".
func Times(n float64) string { return strconv.FormatFloat(n, 'f', 2, 64) }

// RetriesNow says how many times each request of the last sample was sent on average, of the populations that send any again:
// "americas 2.94 times, europe 1.20"; "" where none does.
func RetriesNow(s *drill.State) string {
	return amplified(s, retry.AttemptsNow)
}

// RetriesWorst says the same of the second of the drill in which each population's requests were sent again most often.
func RetriesWorst(s *drill.State) string {
	return amplified(s, func(p *drill.PopulationState) retry.Attempts { a, _ := retry.AttemptsWorst(p); return a })
}

// amplified is each population that sent any again, who did so most often first.
func amplified(s *drill.State, of func(*drill.PopulationState) retry.Attempts) string {
	type sent struct {
		name  string
		times float64
	}
	var each []sent
	for _, p := range s.Populations {
		if a := of(p); a.Retries > 0 {
			if times, known := a.Amplification(); known {
				each = append(each, sent{p.Spec.Name, times})
			}
		}
	}
	slices.SortStableFunc(each, func(a, b sent) int { return cmp.Compare(b.times, a.times) })
	texts := make([]string, len(each))
	for i, e := range each {
		texts[i] = e.name + " " + Times(e.times)
		if i == 0 {
			texts[i] += " times"
		}
	}
	return strings.Join(texts, ", ")
}

// Queues says how long requests wait for a web replica's turn where they do, the longest first: "eu-west 120 ms"; "" nowhere.
func Queues(s *drill.State) string {
	type queue struct {
		text string
		mean int64
	}
	var all []queue
	for _, r := range s.Regions {
		if mean, _, ok := retry.QueuedNow(s, r.Spec.Name); ok && mean.Milliseconds() > 0 {
			all = append(all, queue{fmt.Sprintf("%s %s", r.Spec.Name, Span(mean)), mean.Milliseconds()})
		}
	}
	slices.SortStableFunc(all, func(a, b queue) int { return int(b.mean - a.mean) })
	texts := make([]string, len(all))
	for i, q := range all {
		texts[i] = q.text
	}
	return strings.Join(texts, ", ")
}
