package action

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// restore ends a region's fault, or starts a region that died by itself.
var restore = Action{
	Verb: runbook.VerbRestore,
	Words: Words{Name: "restore", Done: "restored", Help: "bring the region back, and let it catch up",
		Key: "r", Also: "R", Group: GroupRegion, Mends: true},
	Params: []param.Param{param.Domain},
	Check:  checkRestore,
	Assume: func(s *drill.State, c runbook.Command) []drill.Body {
		var out []drill.Body
		if of, is := topology.RegionOfZone(s.Fleet, c.Domain.Name); is && c.Domain.Kind == topology.DomainZone {
			return assumeRestored(s, of.Name, c.Domain.Name)
		}
		for _, region := range c.Falls(s.Fleet) {
			out = append(out, assumeRestored(s, region, "")...)
		}
		return out
	},
	Do: restoreDomain,
}

// checkRestore refuses a region that nothing broke. One that is only cut off is not
// broken: what holds its links is lifted by heal.
func checkRestore(s *drill.State, c runbook.Command) *rule.Refusal {
	if of, is := topology.RegionOfZone(s.Fleet, c.Domain.Name); is && c.Domain.Kind == topology.DomainZone {
		if r := rule.Broken(s, of.Name); r != nil {
			return r
		}
		if len(assumeRestored(s, of.Name, c.Domain.Name)) == 0 {
			return rule.Refuse("", "%s is not broken: there is nothing to restore", c.Domain)
		}
		return nil
	}
	if c.Region == "" {
		if len(rule.Clusters(s, c, true)) > 0 {
			return nil
		}
		return rule.Refuse("", "nothing is broken in %s: there is nothing to restore", c.Domain)
	}
	if rule.Restorable(s, c.Region, c.Verb) {
		return nil
	}
	r := s.Region(c.Region)
	if r.Cordoned {
		return rule.Refuse("uncordon it", "%s is cordoned, not broken", c.Region).
			Since(rule.LastDone(s, runbook.VerbCordon, c.Region)).By(runbook.VerbUncordon)
	}
	if f := s.FaultOn(c.Region); f != nil {
		return rule.Refuse("heal the partition", "%s is cut off, not broken", c.Region).Since(f.Command).By(runbook.VerbHeal)
	}
	return rule.Refuse("", "%s is %s: there is nothing to restore", c.Region, r.Health)
}
