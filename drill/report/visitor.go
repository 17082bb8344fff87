package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// Visitor is what people asked by the visitors' address as users of one population. It is in no other number of a report, but for
// the bytes that crossed links and what the replicas hold.
type Visitor struct {
	As       string         `json:"as"`
	Requests int            `json:"requests"`
	Failed   int            `json:"failed"`
	Writes   int            `json:"writes"` // of the requests
	Failures map[string]int `json:"failures"`
	ServedBy map[string]int `json:"served_by"`
	P50      *float64       `json:"p50_ms"`
	P99      *float64       `json:"p99_ms"`
	Max      *float64       `json:"max_ms"`
}

func visitor(v *telemetry.Visitor) Visitor {
	return Visitor{
		As: v.Population, Requests: v.TotalRequests, Failed: v.TotalFailed, Writes: v.TotalWrites,
		Failures: orEmpty(v.TotalFailures), ServedBy: orEmpty(v.TotalServedBy),
		P50: millis(v.TotalP50), P99: millis(measure.P99(v.TotalP99, v.TotalRequests-v.TotalFailed)), Max: millis(v.TotalMax),
	}
}

func orEmpty(counts map[string]int) map[string]int {
	if counts == nil {
		return map[string]int{}
	}
	return counts
}

// visitors is a line for each population as whose users people asked.
func (r Report) visitors(w io.Writer) {
	for _, v := range r.Visitors {
		var by []string
		for _, region := range slices.Sorted(maps.Keys(v.ServedBy)) {
			by = append(by, region+" "+format.Count(v.ServedBy[region]))
		}
		fmt.Fprintf(w, "you, as %s\t%s\t%s failed\t%s\n", v.As, format.Plural(v.Requests, "request", "requests"), format.Count(v.Failed), strings.Join(by, ", "))
		if why := reasons(v.Failures); why != "" {
			fmt.Fprintf(w, "\t\tby reason\t%s\n", why)
		}
	}
}
