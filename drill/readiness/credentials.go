package readiness

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/impact/timing"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/trust"
)

// credentials is whether those who call the region once it leads get through to it then: the other regions, by the time a failover is
// over, and who has it lead. It goes by the rule of a handshake, clocks included; whom the others refuse already, trust says.
var credentials = Check{Name: "credentials", Gates: true, Help: "whether certificates are renewed, and last until a failover is over", Find: func(q Question) *preflight.Finding {
	s := q.State
	if !topology.Secured(s.Fleet) {
		return nil
	}
	i := s.Identity(q.Region)
	if i == nil || i.SVID == nil {
		return unknown("its certificate is not known", "")
	}
	until := format.Until(i.SVID.Until)
	if found := calls(q); found != nil {
		return found
	}
	if why := trust.Unrenewed(s, q.Region); why != "" {
		return unready(fmt.Sprintf("its certificate is good until %s, and not renewed: %s", until, why), mends(s, &trust.Refusal{Whom: q.Region}))
	}
	if trust.Held(s, i).Now.After(overdue(s, i)) {
		return unready(fmt.Sprintf("its certificate is good until %s, and was not renewed in time", until), "look at the signer")
	}
	return ready("certificate good until " + until + ", renewed before")
}}

// calls is who would not get through to the region; nil where all do.
func calls(q Question) *preflight.Finding {
	s, silent := q.State, ""
	in := timing.RTO(s.Fleet, runbook.Effect{Stops: []string{q.Dataset.Authority}})
	commands := topology.EndControl
	if s.Fleet.Hub != nil {
		commands = s.Fleet.Hub.Name
	}
	for _, caller := range append(s.Fleet.RegionNames(), commands) {
		if caller == q.Region || q.Gone(caller) {
			continue
		}
		if s.Identity(caller) == nil {
			silent = caller
			continue
		}
		now := trust.Between(s, caller, q.Region)
		if now != nil {
			if caller == commands {
				return unready(now.String()+skewed(s, now)+": nobody can have it lead", mends(s, now))
			}
			continue
		}
		if no := trust.Later(s, caller, q.Region, in); no != nil {
			return unready(fmt.Sprintf("within %s, before a failover is over, %s%s", format.Span(in), no, skewed(s, no)), mends(s, no))
		}
	}
	if silent != "" {
		return unknown("the certificate of "+format.Holder(silent)+" is not known", "")
	}
	return nil
}

// mends is what ends a refusal: whose clock is wrong, or whose certificate is refused, is given what it lacks.
func mends(s *drill.State, no *trust.Refusal) string {
	switch {
	case skewed(s, no) != "":
		return "mend-trust " + no.By
	case s.HubLost() != nil:
		return "restore the hub"
	case trust.Unsigned(s) != nil:
		return string(trust.Unsigned(s).Effect.Undo)
	}
	return "mend-trust " + no.Whom
}

// skewed says by how much the clock of who refuses is wrong, where that is why it may; "" where it is right to a second.
func skewed(s *drill.State, no *trust.Refusal) string {
	switch by := trust.Skew(s, no.By).Round(time.Second); {
	case by >= time.Second:
		return fmt.Sprintf(" (its clock is %s ahead)", format.Span(by))
	case by <= -time.Second:
		return fmt.Sprintf(" (its clock is %s behind)", format.Span(-by))
	}
	return ""
}

// overdue is when a certificate that the signer renews would have been: a quarter of the time that is left for it has to be left.
func overdue(s *drill.State, i *drill.IdentityState) time.Time {
	return i.SVID.Until.Add(-s.Fleet.Identity.RotateBefore / 4)
}
