package action

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// uncordon lets a region take workload and users again.
var uncordon = Action{
	Verb: runbook.VerbUncordon,
	Words: Words{Name: "uncordon", Done: "uncordoned", Help: "uncordon: take users and work again",
		Key: "u", Group: GroupRegion, Mends: true},
	Params: []Param{theRegion},
	Check: func(s *drill.State, c runbook.Command) *Refusal {
		if s.Region(c.Region).Cordoned {
			return nil
		}
		if r := broken(s, c.Region); r != nil {
			r.Why += ", not cordoned"
			return r
		}
		return refuse("", "%s is not cordoned", c.Region)
	},
	Do: func(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
		proof, err := r.Platform.Do(ctx, c.Region, string(c.Verb))
		if err != nil {
			return port.Proof{}, fail(err, "try uncordon again, or look at `fleetdrill status`")
		}
		r.Router.SetDraining(c.Region, false)
		r.Events.Emit(drill.RegionCordoned{Region: c.Region, On: false, Proof: proof})
		return port.Proof{Text: proof}, nil
	},
	Assume: func(_ *drill.State, c runbook.Command) []drill.Body {
		return []drill.Body{drill.RegionCordoned{Region: c.Region}}
	},
}
