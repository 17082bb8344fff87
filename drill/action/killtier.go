package action

import (
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// verbKillTier takes the stateless tier of a region away and leaves its data where it is.
const verbKillTier runbook.Verb = "kill-tier"

// killTier ends a region's web tier: its users move, its data must not.
var killTier = breaksPart(verbKillTier, Words{Name: "kill web tier", Done: "killed", Help: "kill the web tier: users move, data stays", Key: "T"},
	func(f topology.Fleet, c runbook.Command) runbook.Effect {
		if !f.Has(c.Region) {
			return runbook.Effect{}
		}
		return runbook.Effect{Weakens: []runbook.Weakening{{Region: c.Region, Part: runbook.PartWeb}}}
	})
