package action

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// withholdBundles leaves a region without the bundles of the others' trust domains, as one that nobody federated with.
var withholdBundles = breaksTrust("withhold-bundles", runbook.PartBundles,
	Words{Name: "withhold bundles", Done: "stopped", Help: "a region loses other regions' trust bundles"},
	func(s *drill.State, _ runbook.Command) *rule.Refusal {
		if s.Fleet.Identity.Trust == topology.TrustShared {
			return rule.Refuse("break something else of its trust", "all regions are of one trust domain: there are no bundles to exchange")
		}
		return nil
	})
