package format

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
)

// StoodStill words a standstill.
func StoodStill(b drill.StandstillNoticed) string {
	switch {
	case b.Slept > 0:
		return "this machine slept for " + Span(b.Slept)
	default:
		return "fleetdrill stood still for " + Span(b.For)
	}
}

// Starved words that a region's node did not run.
func Starved(b drill.RegionStarved) string {
	return b.Region + " was starved by this machine, its agent stood still for " + Span(b.For)
}

var unsentWords = map[string]string{
	drill.UnsentLate:         "too late to send",
	drill.UnsentInFlight:     "too many wait for answers",
	drill.UnsentNoDescriptor: "no file descriptor or port left (ulimit -n)",
}

// NotSent words why requests were not sent, the most frequent reason first.
func NotSent(why map[string]int) string {
	reasons := slices.SortedFunc(maps.Keys(why), func(a, b string) int {
		return cmp.Or(cmp.Compare(why[b], why[a]), cmp.Compare(a, b))
	})
	for i, r := range reasons {
		reasons[i] = cmp.Or(unsentWords[r], r)
	}
	return strings.Join(reasons, ", ")
}

// unsent words the first window in which requests were not sent.
func unsent(b drill.TrafficSampled) string {
	n, why := 0, map[string]int{}
	for _, p := range b.Populations {
		n += p.NotSent
		if p.NotSent > 0 {
			for reason, all := range p.TotalNotSent {
				why[reason] += all
			}
		}
	}
	return fmt.Sprintf("%s not sent by this machine: %s; counted apart", Plural(n, "request", "requests"), NotSent(why))
}
