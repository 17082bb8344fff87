// Package trust says whether regions of a fleet would take each other's certificates, before they try: by the rule that a
// handshake goes by (identity.Holding), from what their gateways said last of what they hold.
package trust

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/identity"
)

// Refusal is one region that would refuse another, and why.
type Refusal struct {
	By, Whom string
	Why      *identity.Refused
}

// String is the refusal as a person says it.
func (r Refusal) String() string {
	return fmt.Sprintf("%s refuses %s: %v", format.Holder(r.By), format.Holder(r.Whom), r.Why)
}

// Between is what a new connection from one region to another would come to; nil where both would take the other, or where it
// is not known what either holds. Who calls is shown the other's certificate first. Connections that are open stay.
func Between(s *drill.State, caller, called string) *Refusal {
	a, b := s.Identity(caller), s.Identity(called)
	if a == nil || b == nil || caller == called {
		return nil
	}
	return meet(caller, called, Held(s, a), Held(s, b))
}

// meet is what a new connection comes to between two that hold these.
func meet(caller, called string, a, b identity.Holding) *Refusal {
	if why := a.Refuses(b.SVID, nil); why != nil {
		return &Refusal{By: caller, Whom: called, Why: why}
	}
	if why := b.Refuses(a.SVID, nil); why != nil {
		return &Refusal{By: called, Whom: caller, Why: why}
	}
	return nil
}

// Held is what somebody goes by now: its clock has gone on since it was asked.
func Held(s *drill.State, i *drill.IdentityState) identity.Holding {
	h := i.Holding
	h.Now = h.Now.Add(s.Now - i.At)
	return h
}

// Ready is who would not get through to a region if it led: each other region, by the first thing that is wrong between the two.
// None is a region that is ready to be failed over to, as far as trust goes. away leaves regions out that call nobody.
func Ready(s *drill.State, region string, away func(region string) bool) (refusals []Refusal) {
	for _, r := range s.Fleet.RegionNames() {
		if r == region || away != nil && away(r) {
			continue
		}
		if no := Between(s, r, region); no != nil {
			refusals = append(refusals, *no)
		}
	}
	return refusals
}
