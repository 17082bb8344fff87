package action

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// heal opens the links of a partition again.
var heal = Action{
	Verb: runbook.VerbHeal,
	Words: Words{Name: "heal", Done: "healed", Help: "let traffic through again: end a partition",
		Key: "H", Group: GroupRegion, Mends: true},
	Params: []param.Param{param.Links},
	Check: func(s *drill.State, c runbook.Command) *rule.Refusal {
		if rule.OpenFault(s, drill.FaultPartition, c) == nil {
			return rule.Refuse("name the same ends as the partition", "%s is not partitioned", param.LinkText(c))
		}
		return nil
	},
	Offer: openFaults(runbook.VerbHeal, drill.FaultPartition),
	Do: func(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
		return liftLinks(ctx, r, drill.FaultPartition, c)
	},
	Assume: func(s *drill.State, c runbook.Command) []drill.Body {
		f := rule.OpenFault(s, drill.FaultPartition, c)
		events := []drill.Body{drill.FaultLifted{ID: f.ID}}
		for _, region := range s.Fleet.RegionNames() {
			still := false
			for _, other := range s.Partitions() {
				still = still || other.ID != f.ID && other.Effect.Separates(region, topology.EndControl)
			}
			if !still && f.Effect.Separates(region, topology.EndControl) {
				events = append(events, drill.RegionJudged{Region: region, Up: true})
			}
		}
		return events
	},
}
