package replication

import (
	"github.com/fleetdrill/fleetdrill/drill/series"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// Stored is the payload bytes that a region's replica had at its answers, over the whole drill. Of one that copies everything
// anew it is what of the copy has arrived. Nothing is known of a time in which it did not answer.
func (r *Answers) Stored(region string) series.Of[series.Level] { return r.stored[region] }

func (r *Answers) store(s telemetry.Replica) {
	if s.Stale {
		return
	}
	level := series.Level{N: s.Bytes, Known: true}
	if c := s.Copying; c != nil {
		level.N, level.Of = c.Bytes, c.Total
	}
	if r.stored == nil {
		r.stored = map[string]series.Of[series.Level]{}
	}
	of := r.stored[s.Region]
	of.Take(s.Contact, 0, level)
	r.stored[s.Region] = of
}
