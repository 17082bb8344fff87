package action

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/action/warning"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// force promotes a region that may lack acknowledged writes, because those that have
// them can't be had. The durability that it breaks is given up with it.
var force = Action{
	Verb: runbook.VerbForce,
	Words: Words{Name: "force", Done: "forced", Help: "promote though confirmed writes may be lost",
		Key: "!", Group: GroupData, Dangerous: true, Mends: true},
	Params: []param.Param{param.Dataset, param.To},
	Check:  rule.Lost, // no engine promotes what is not whole, whatever is given up
	Confirm: func(s *drill.State, c runbook.Command) *Confirmation {
		return &Confirmation{
			Lines:        warning.Force(s, c),
			Irreversible: fmt.Sprintf("Confirmed writes of %s may be lost.", c.Dataset),
			Type:         c.To,
		}
	},
	Assume: func(s *drill.State, c runbook.Command) []drill.Body {
		events := assumeTakeover(s, c)
		if d := s.Dataset(c.Dataset); d.Spec.Mode == topology.ModeSync || d.Spec.Mode == topology.ModeQuorum {
			events = append(events, drill.ModeChanged{Dataset: d.Name, Was: d.Spec.Durability(), Now: topology.Durability{Mode: topology.ModeAsync}, By: runbook.ByController})
		}
		return events
	},
	Moves: true,
	Do:    data,
}
