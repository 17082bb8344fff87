package format

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// visited says how people are served now, of each population as whose users they are served otherwise than before.
func visited(b drill.VisitorsSampled) (Mark, string) {
	var parts []string
	mark := MarkTraffic
	for _, v := range b.Visitors {
		if !v.Turned {
			continue
		}
		if v.LastFailure != "" {
			mark = MarkFault
		}
		parts = append(parts, fmt.Sprintf("you, as a user of %s: %s", v.Population, VisitorNow(v)))
	}
	return mark, strings.Join(parts, "; ")
}

// Visited is how many requests a visitor sent, and how many of them failed: "12 asked, 2 failed".
func Visited(v telemetry.Visitor) string {
	text := Count(v.TotalRequests) + " asked"
	if v.TotalFailed > 0 {
		text += ", " + Count(v.TotalFailed) + " failed"
	}
	return text
}

// VisitorNow is how the last request of a visitor ended: "eu-west answered in 96 ms", "no answer in time".
func VisitorNow(v telemetry.Visitor) string {
	if v.LastFailure != "" {
		return Failure(v.LastFailure)
	}
	return v.LastRegion + " answered in " + Span(v.LastTook)
}
