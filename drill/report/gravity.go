package report

import (
	"math"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// gravity is a dataset's meter at the end.
func (b *builder) gravity(d *drill.DatasetState) GravityMeter {
	var out GravityMeter
	if s := d.Replicas[d.Authority]; s != nil && !s.Stale {
		out.Bytes = &s.Bytes
	}
	if n, known := measure.Replicated(d); known {
		out.Replicated = &n
	}
	if e := measure.EgressOf(b.state, d.Name); e.Known {
		out.Sent = &e.Bytes
		if e.USD != nil {
			out.Egress = ptr(math.Round(*e.USD*1e12) / 1e12)
		}
	}
	if w, known := measure.SlowestWrites(b.state, d.Name); known {
		out.WriteP50, out.WriteP99 = millis(w.P50), millis(w.P99)
	}
	st := measure.StandingOf(b.state, d)
	if !st.RateKnown {
		return out
	}
	out.Standing = &Standing{Web: st.Web, Stores: st.Stores, Snapshot: st.Kept, Rate: math.Round(st.Rate)}
	if st.USD != nil {
		out.Standing.USD = ptr(math.Round(*st.USD*100) / 100)
	}
	return out
}
