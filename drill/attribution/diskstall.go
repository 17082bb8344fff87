package attribution

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// DiskStall is a time in which no write reached the disk of a replica that writes waited for, while no fault of this drill was on
// its region: the machine did that. From and To are on the engine's clock.
type DiskStall struct {
	Dataset, Region string
	From, To        time.Duration
	Why             string
}

// For is how long it was.
func (d DiskStall) For() time.Duration { return d.To - d.From }

// Overlaps reports whether a span on the engine's clock has a part of it.
func (d DiskStall) Overlaps(from, to time.Duration) bool { return d.From <= to && from <= d.To }

// DiskStalls is every one that was long enough to change what is measured: half of the time in which an authority is given up for
// it, from which on its lease is not renewed (drill/controller/health).
func DiskStalls(s *drill.State) (all []DiskStall) {
	least := topology.StallLimit(s.Fleet.Failover.Lease) / 2
	for _, d := range s.Datasets {
		for _, x := range d.Replication.Stalls() {
			waited := x.Role != role.Follower || d.Spec.Mode == topology.ModeQuorum || d.Spec.Mode == topology.ModeSync && x.Region == d.Spec.With
			if !waited || x.To-x.From < least || Faulted(s, x.Region, x.From, x.To) {
				continue
			}
			all = append(all, DiskStall{Dataset: d.Name, Region: x.Region, From: x.From, To: x.To, Why: x.Why})
		}
	}
	return all
}
