package verdict

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// UsersAffected is the objective of that name.
var UsersAffected = Objective{
	Name: "users_affected", Label: "users affected", Unit: Share,
	Help: "users with a request that failed or was too slow, of those who asked between the worst fault and its recovery",
	Says: []string{"notice", "users", "readers", "writers", "those in "},
	Input: &Input{
		Share: func(o *runbook.Objectives, share float64) { o.UsersAffected = &share },
		Needs: NeedsFault,
	},
	Asked: func(s *drill.State) []Goal {
		if share := s.Plan.Objectives.UsersAffected; share != nil {
			return []Goal{{N: *share}}
		}
		return nil
	},
	Measure: func(s *drill.State, _ string) Value {
		a := measure.BlastRadius(s)
		return Value{N: a.Share, Known: a.Known}
	},
}
