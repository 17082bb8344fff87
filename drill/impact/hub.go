package impact

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

// unled reports whether the hub is gone in a state: then nobody judges a region, moves an authority or renews a lease.
func unled(s *drill.State) bool {
	return s.Fleet.Hub != nil && attribution.Stopped(s, s.Fleet.Hub.Name)
}

// unrenewed reports whether an authority is past its lease at a time, since nobody can renew it. A hub that was lost before
// was lost for long enough.
func unrenewed(e *exposure, at time.Duration) bool {
	return e.unled && e.s.Fleet.Failover.Fence && at < e.Undone && (e.unledBefore || at >= e.leaseEnd)
}

// unrenewedWords say what writes to a dataset lack without the hub.
func unrenewedWords(s *drill.State) string {
	return fmt.Sprintf("nobody renews its leader's lease of %s while the hub is gone", format.Span(s.Fleet.Failover.Lease))
}
