package action

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// mostAwaited is the longest life of a certificate that a drill waits out.
const mostAwaited = 5 * time.Minute

// stopRenewal has the signer renew a region's certificate no more: it runs out when its time is over.
var stopRenewal = breaksTrust("stop-renewal", runbook.PartRenewal,
	Words{Name: "stop renewal", Done: "stopped", Help: "a region's certificate is renewed no more"},
	func(s *drill.State, _ runbook.Command) *rule.Refusal {
		if ttl := s.Fleet.Identity.TTL; ttl > mostAwaited {
			return rule.Refuse("write identity: {svid_ttl: 10s} into the fleet file", "a certificate is good for %s here, and would outlast the drill", format.Span(ttl))
		}
		return nil
	})
