package action

import (
	"context"
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/action/warning"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/gauge"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// partition makes links silent, both ways or one: what is sent is neither delivered nor
// refused.
var partition = Action{
	Verb: runbook.VerbPartition,
	Words: Words{Name: "partition", Done: "partitioned", Help: "cut the region's links to others: all or one",
		Key: "X", Group: GroupRegion, Dangerous: true},
	Params: []param.Param{param.Links},
	Check: func(s *drill.State, c runbook.Command) *rule.Refusal {
		if f := rule.OpenFault(s, drill.FaultPartition, c); f != nil {
			return rule.Refuse("heal it first", "that is partitioned already").Since(f.Command).By(runbook.VerbHeal)
		}
		return rule.Alive(s, c)
	},
	Confirm: func(s *drill.State, c runbook.Command) *Confirmation {
		ask := confirmImpact(s, c)
		ask.Lines = warning.Partition(s, c)
		return ask
	},
	Assume: assumePartition,
	Do:     partitionLinks,
	Undo:   runbook.VerbHeal,
	Effect: func(_ topology.Fleet, c runbook.Command) runbook.Effect {
		return runbook.Effect{Cuts: c.Ways()}
	},
}

// assumePartition takes for granted that the links are silent, and that the router calls
// the regions down that it no longer reaches.
func assumePartition(s *drill.State, c runbook.Command) []drill.Body {
	f := linkFault(s.Fleet, drill.FaultPartition, c)
	f.ID, f.Command, f.From = len(s.Faults)+1, len(s.Commands), s.Now
	events := []drill.Body{f}
	for _, region := range s.Fleet.RegionNames() {
		if c.Separates(region, topology.EndControl) {
			events = append(events, drill.RegionJudged{Region: region})
		}
	}
	return events
}

// partitionLinks makes links silent. It counts once a request on a connection that has just
// answered gets no answer any more, for longer than one takes. A link that is cut already
// stays silent by this cut as well: that the other one alone is lifted then, is the other's proof.
func partitionLinks(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
	fleet := view(r, func(s *drill.State) topology.Fleet { return s.Fleet })
	links, silenced := gauge.Links(fleet, c), gauge.Ways(fleet, c)
	cut, err := r.meter().Listen(ctx, links, r.Network.Silent)
	if err != nil {
		return port.Proof{}, shown(ctx, err, "")
	}
	defer cut.Close()
	before := make([]uint64, len(silenced))
	for i, w := range silenced {
		before[i] = r.Network.Passed(w[0], w[1])
	}
	fault := r.begun(linkFault(fleet, drill.FaultPartition, c))
	hold := rule.HoldName(drill.FaultPartition, c)
	if err := r.Network.Silence(hold, silenced); err != nil {
		return port.Proof{}, err
	}
	proof, err := cut.Prove(ctx)
	if err != nil {
		r.Network.Lift(hold)
		return port.Proof{}, shown(ctx, err, "no fault is counted")
	}
	for i, w := range silenced {
		// What was on its way when the cut came is held, not delivered.
		proof = append(proof, fmt.Sprintf("%s passed %s to %s", format.Bytes(r.Network.Passed(w[0], w[1])-before[i]), w[0], w[1]))
	}
	text := strings.Join(proof, ", ")
	r.proved(text, fault...)
	return port.Proof{Text: text}, nil
}
