package action

import (
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What a fleet's gate refuses as a failover's target it refuses as a switchover's, and a cordon's dataset goes to nobody else: before
// anything is begun, in the words of the check. Where the fleet only warns nothing is refused.
func TestTheGateOfASwitchover(t *testing.T) {
	for _, c := range []runbook.Command{{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "west"}, {Verb: runbook.VerbCordon, Region: "east"}} {
		s := serving() // of whose certificates nothing is known
		s.Fleet.Identity = &topology.Identity{Trust: topology.TrustFederated, TTL: topology.DefaultSVIDTTL}
		if r := Check(s, c); r != nil {
			t.Errorf("%s where the fleet only warns: %s", c, r)
		}
		s.Fleet.Failover.Preflight = topology.PreflightRefuse
		if r := Check(s, c); r == nil || !strings.HasPrefix(r.Why, "west is not ready to lead ") || !strings.Contains(r.Why, "trust: its certificate is not known") {
			t.Errorf("%s: %v", c, r)
		}
		s.Fleet.Identity = nil
		if r := Check(s, c); r != nil {
			t.Errorf("%s of regions that are ready: %s", c, r)
		}
	}
}
