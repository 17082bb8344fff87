package action

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// reseed makes a replica lose its disk and copy everything anew.
var reseed = Action{
	Verb: runbook.VerbReseed,
	Words: Words{Name: "reseed", Done: "reseeded", Help: "the replica loses its disk and is copied anew",
		Key: "D", Group: GroupData, Dangerous: true},
	Params: []param.Param{param.Dataset, param.Region},
	Check: func(s *drill.State, c runbook.Command) *rule.Refusal {
		d := s.Dataset(c.Dataset)
		if r := rule.MayHold(s, d, c.Region); r != nil {
			return r
		}
		if d.Authority == c.Region && s.OpenFailover(d.Name) == nil {
			return rule.Refuse("switch over first", "%s leads %s: writes that are nowhere else would be gone", c.Region, d.Name).By(runbook.VerbSwitchover)
		}
		if r := rule.Away(s, c.Region); r != nil {
			return r
		}
		if r := rule.Served(s, d); r != nil {
			r.Why = "nothing can be copied: " + r.Why
			return r
		}
		return nil
	},
	Confirm: func(s *drill.State, c runbook.Command) *Confirmation {
		return &Confirmation{Lines: reseedLines(s, c)}
	},
	Do: data,
}

// reseedLines says what a replica loses, and what copying it costs.
func reseedLines(s *drill.State, c runbook.Command) []string {
	lines := []string{fmt.Sprintf("%s drops its copy of %s, as if its disk were new", c.Region, c.Dataset)}
	d := s.Dataset(c.Dataset)
	if d == nil {
		return lines
	}
	if lead := d.Replicas[d.Authority]; lead != nil {
		line := fmt.Sprintf("%s are copied from %s", format.Bytes(lead.Bytes), d.Authority)
		if took, bandwidth := measure.Transfer(s, d.Authority, c.Region, lead.Bytes); bandwidth > 0 {
			line += fmt.Sprintf(", about %s at the link's %s", format.Span(took), format.Bits(bandwidth))
		}
		lines = append(lines, line)
	}
	if p := d.Spec.Durability(); p.With == c.Region {
		lines = append(lines, "every write waits for it until it is whole: it is the partner of sync")
	}
	left := measure.Copies(s, d, func(region string) bool { return region != c.Region })
	return append(lines, fmt.Sprintf("%d of %d copies are left meanwhile", len(left), len(d.Spec.Regions)))
}
