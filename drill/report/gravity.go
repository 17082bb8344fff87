package report

import (
	"math"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/measure/cost"
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
	if e := cost.EgressOf(b.state, d.Name); e.Known {
		out.Sent = &e.Bytes
		if e.USD != nil {
			out.Egress = ptr(math.Round(*e.USD*1e12) / 1e12)
		}
	}
	if w, known := measure.SlowestWrites(b.state, d.Name); known {
		out.WriteP50, out.WriteP99 = millis(w.P50), millis(w.P99)
	}
	if bulk, found := cost.BulkOf(b.state, d); found {
		out.Bulk = &Bulk{From: bulk.From, To: bulk.To, words: format.Bulk(bulk)}
		if bulk.Took > 0 {
			out.Bulk.Took = span(bulk.Took)
		}
		if bulk.USD != nil {
			out.Bulk.USD = ptr(math.Round(*bulk.USD*100) / 100)
		}
	}
	st := cost.StandingOf(b.state, d)
	if !st.RateKnown {
		return out
	}
	out.Standing = &Standing{Web: st.Web, Stores: st.Stores, Snapshot: st.Kept, Rate: math.Round(st.Rate)}
	if st.USD != nil {
		out.Standing.USD = ptr(math.Round(*st.USD*100) / 100)
	}
	return out
}
