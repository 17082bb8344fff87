package report

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/measure/consistency"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Reads is what a population's reads found, in the whole drill: From is where they were answered ("nearest" or "authority"), Answered
// those that looked for a write which had been confirmed before they were sent, Stale those that lacked it, StaleBy how long before at
// the longest that had been confirmed. Own are those in which a user looked at what they had written just before, OwnFound those that
// found it. What was not measured is null.
type Reads struct {
	From     string   `json:"from"`
	Answered *int     `json:"answered"`
	Stale    *int     `json:"stale"`
	StaleBy  *float64 `json:"stale_by_ms"`
	Own      *int     `json:"own"`
	OwnFound *int     `json:"own_found"`
	P50      *float64 `json:"p50_ms"`
	P99      *float64 `json:"p99_ms"`
	Max      *float64 `json:"max_ms"`
}

func reads(s *drill.State, p *drill.PopulationState) Reads {
	out := Reads{From: topology.ReadsNearest, StaleBy: millis(consistency.StaleBy(s, p.Spec.Name))}
	if p.Spec.Reads != "" {
		out.From = p.Spec.Reads
	}
	if stale := consistency.StaleReads(s, p.Spec.Name); stale.Known() {
		out.Answered, out.Stale = &stale.Of, &stale.N
	}
	if own := consistency.OwnReads(s, p.Spec.Name); own.Known() {
		out.Own, out.OwnFound = &own.Of, &own.N
	}
	if p.Last != nil && p.Last.Reads != nil {
		r := p.Last.Reads
		out.P50, out.P99, out.Max = millis(r.P50), millis(measure.P99(r.P99, r.Answered)), millis(r.Max)
	}
	return out
}

// reads is two lines for each population at most: how many of its reads were stale and what they took, and how many users found
// what they had written.
func (t Traffic) reads(w io.Writer) {
	label := "reads"
	for _, name := range slices.Sorted(maps.Keys(t.Users)) {
		r := t.Users[name].Reads
		if r.Answered == nil {
			continue
		}
		by := ""
		if r.StaleBy != nil {
			by = ", by " + milliseconds(*r.StaleBy) + " at the most"
		}
		took := "p50 " + spanOf(r.P50)
		if r.P99 != nil {
			took += ", p99 " + spanOf(r.P99)
		}
		fmt.Fprintf(w, "%s\t%s\t%s, %s\t%s\n", label, format.Count(*r.Answered), name, format.Either(r.From == topology.ReadsAuthority, "of the leader", "nearby"), took)
		fmt.Fprintf(w, "\t%s\tstale%s\t%s of %s\n", format.ExactPercent(share(*r.Stale, *r.Answered)), by, format.Count(*r.Stale), format.Count(*r.Answered))
		if r.Own != nil {
			fmt.Fprintf(w, "\t%s\tof own writes found\t%s of %s\n", format.ExactPercent(share(*r.OwnFound, *r.Own)), format.Count(*r.OwnFound), format.Count(*r.Own))
		}
		label = ""
	}
}

func spanOf(ms *float64) string {
	if ms == nil {
		return format.Unknown
	}
	return milliseconds(*ms)
}

func share(n, of int) float64 { return consistency.Portion{N: n, Of: of}.Share() }
