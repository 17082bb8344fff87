package limit

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// lag ends a drill while a replica that answers is more writes behind its leader: what an async failover would lose. One that is copied
// whole, or that does not answer, has no lag that was measured.
var lag = Limit{Name: "lag", Help: "the most writes that a replica which answers is behind its leader", Crossed: func(s *drill.State, a runbook.Abort) string {
	if a.Lag == nil {
		return ""
	}
	for _, d := range s.Datasets {
		for _, region := range s.Fleet.RegionNames() {
			r := d.Replicas[region]
			if r == nil || r.Stale || r.Seeding || r.LagWrites == nil || *r.LagWrites <= uint64(*a.Lag) {
				continue
			}
			return fmt.Sprintf("%s in %s is %s behind, the limit is %s", d.Name, region, format.Plural(int64(*r.LagWrites), "write", "writes"), format.Count(int64(*a.Lag)))
		}
	}
	return ""
}}
