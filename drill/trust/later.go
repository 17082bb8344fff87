package trust

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Later is Between in a while: clocks have gone on, and certificates that are due by then were renewed, but for those that nobody
// renews.
func Later(s *drill.State, caller, called string, in time.Duration) *Refusal {
	a, b := s.Identity(caller), s.Identity(called)
	if a == nil || b == nil || caller == called {
		return nil
	}
	return meet(caller, called, heldLater(s, a, in), heldLater(s, b, in))
}

// heldLater is what somebody goes by in a while. A certificate is due by its holder's clock, and issued by the signer's.
func heldLater(s *drill.State, i *drill.IdentityState, in time.Duration) identity.Holding {
	h := Held(s, i)
	h.Now = h.Now.Add(in)
	how := s.Fleet.Identity
	if h.SVID == nil || how == nil || Unrenewed(s, i.Who) != "" {
		return h
	}
	if since := h.Now.Sub(Due(s, i)); since >= 0 {
		signed := h.Now.Add(-Skew(s, i.Who)).Add(-min(since, how.TTL-how.RotateBefore))
		h.SVID = &identity.SVID{ID: h.SVID.ID, Authority: h.SVID.Authority, From: signed.Add(-identity.Cushion), Until: signed.Add(how.TTL)}
	}
	return h
}

// Due is when somebody asks for another certificate, by its own clock; it has one.
func Due(s *drill.State, i *drill.IdentityState) time.Time {
	return i.SVID.Until.Add(-s.Fleet.Identity.RotateBefore)
}

// Skew is how far somebody's clock is ahead of the signer's, which is the failover controller's: 0 where either is not known. It is as
// exact as an answer is fast.
func Skew(s *drill.State, who string) time.Duration {
	i, signer := s.Identity(who), s.Identity(topology.EndControl)
	if i == nil || signer == nil {
		return 0
	}
	return Held(s, i).Now.Sub(Held(s, signer).Now)
}

// Unrenewed is why the signer renews nobody's certificate there, as "the hub is killed"; "" where it does. The failover controller's
// own is renewed where it stands.
func Unrenewed(s *drill.State, who string) string {
	if who == topology.EndControl {
		return ""
	}
	if hub := s.HubLost(); hub != nil {
		return "the signer is away with the hub"
	}
	if Unsigned(s) != nil {
		return "the signer is killed"
	}
	if s.Apart(who, topology.EndControl) {
		return "the signer does not reach it"
	}
	r := s.Region(who)
	if r != nil && slices.ContainsFunc(r.Parts, func(f *drill.Fault) bool { return f.Part == runbook.PartRenewal }) {
		return "the signer renews it no more"
	}
	return ""
}
