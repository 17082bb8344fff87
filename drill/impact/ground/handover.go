package ground

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// HandOver is how long it takes to fence an authority and to promote another: the median of the switchovers of the shipped fleets on local,
// of which 52 were of the log, and of those of a database server, which is stopped and started, 5 where nothing else ran.
func HandOver(d *drill.DatasetState) time.Duration {
	if engine, _ := store.EngineOf(d.Spec.Engine); engine.Server != nil {
		return 250 * time.Millisecond
	}
	return 10 * time.Millisecond
}

// Shipping is how long the last snapshot of a backup takes that is handed over: all that its leader stores crosses the link.
func Shipping(s *drill.State, d *drill.DatasetState, to string) time.Duration {
	leads := d.Replicas[d.Authority]
	if d.Spec.Mode != topology.ModeBackup || leads == nil {
		return 0
	}
	took, _ := measure.Transfer(s, d.Authority, to, leads.Bytes)
	return took - measure.RoundTrip(s, d.Authority, to)
}
