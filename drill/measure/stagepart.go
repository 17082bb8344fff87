package measure

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// StagePart is what something within a stage of a failover took, measured by itself.
type StagePart struct {
	Name string
	Took time.Duration
}

// The parts.
const (
	PartRestoring = "restoring"
	PartScaling   = "scaling"
)

// StageParts is those of a stage that has ended: of promote what it took to make the leader's store from a snapshot, as the region
// measured it; of reroute for how much of it web replicas were being added to the new leader's region.
func StageParts(s *drill.State, f *drill.Failover, stage drill.Stage) (parts []StagePart) {
	end, done := f.Ends[stage]
	switch {
	case !done:
	case stage == drill.StagePromote && f.Restored != nil:
		parts = append(parts, StagePart{PartRestoring, f.Restored.Took})
	case stage == drill.StageReroute:
		var all time.Duration
		for _, x := range s.Scaled {
			if x.Region == f.To && x.Replicas > x.Was {
				all += max(0, min(x.At, end)-max(x.At-x.Took, f.Ends[drill.StagePromote]))
			}
		}
		if all > 0 {
			parts = append(parts, StagePart{PartScaling, all})
		}
	}
	return parts
}
