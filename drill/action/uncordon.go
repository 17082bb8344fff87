package action

import (
	"context"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// uncordon lets a region take workload and users again.
var uncordon = Action{
	Verb: runbook.VerbUncordon,
	Words: Words{Name: "uncordon", Done: "uncordoned", Help: "uncordon: take users and work again",
		Key: "u", Group: GroupRegion, Mends: true},
	Params: []param.Param{param.Region},
	Check: func(s *drill.State, c runbook.Command) *rule.Refusal {
		if s.Region(c.Region).Cordoned {
			return nil
		}
		if r := rule.Broken(s, c.Region); r != nil {
			r.Why += ", not cordoned"
			return r
		}
		return rule.Refuse("", "%s is not cordoned", c.Region)
	},
	Do: func(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
		proof, err := r.Platform.Do(ctx, c.Region, string(c.Verb))
		if err != nil {
			return port.Proof{}, fail(err, "try uncordon again, or look at `fleetdrill status`")
		}
		began := r.Events.Now()
		r.Events.Emit(drill.RegionCordoned{Region: c.Region, On: false, Proof: proof})
		// What runs there was started anew. Users come once it was told who leads: before that it
		// could only refuse them.
		if err := r.Events.Wait(ctx, func(s *drill.State) bool {
			return told(s, c.Region, began) || s.Now-began > toldWithin
		}); err != nil {
			return port.Proof{}, err
		}
		r.Router.SetDraining(c.Region, false)
		return port.Proof{Text: proof}, nil
	},
	Assume: func(_ *drill.State, c runbook.Command) []drill.Body {
		return []drill.Body{drill.RegionCordoned{Region: c.Region}}
	},
}

// toldWithin is how long users are kept from a region that was not told who leads: some rounds of the
// failover controller, which asks each region several times a second.
const toldWithin = 3 * time.Second

// told reports whether a region's replicas were told who leads their datasets now: one that was told
// nothing since it started says nothing of its datasets, so its last answer is from before.
func told(s *drill.State, region string, began time.Duration) bool {
	for _, d := range s.Datasets {
		sample, keeps := d.Replicas[region]
		if keeps && (sample.Stale || sample.Contact < began || sample.Epoch < d.Epoch) {
			return false
		}
	}
	return true
}
