package format

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
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

// DiskStood words that a disk stood still.
func DiskStood(d attribution.DiskStall) string {
	return fmt.Sprintf("no write of %s reached the disk of %s for %s", d.Dataset, d.Region, Span(d.For()))
}

var unsentWords = map[string]string{
	telemetry.UnsentLate:         "too late to send",
	telemetry.UnsentInFlight:     "too many wait for answers",
	telemetry.UnsentNoDescriptor: "no file descriptor or port left (ulimit -n)",
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

// unsent words the first window, before the first step or since, in which requests were not sent. What was not sent before it
// is in no number.
func unsent(s *drill.State, b drill.TrafficSampled, at time.Duration) string {
	before := s.SteadyEnd == nil || at <= *s.SteadyEnd
	n, why := 0, map[string]int{}
	for _, p := range b.Populations {
		n += p.NotSent
		if p.NotSent == 0 {
			continue
		}
		reasons := p.TotalNotSent
		if !before {
			reasons = s.Unsent(p)
		}
		for reason, all := range reasons {
			why[reason] += all
		}
	}
	return fmt.Sprintf("%s not sent by this machine within %s: %s; %s", Plural(n, "request", "requests"), Span(b.Window), NotSent(why),
		Either(before, "before the first step, so not counted", "counted apart from here on"))
}
