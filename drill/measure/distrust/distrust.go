// Package distrust is what a fault of trust costs later than when it was made: connections that are open go on, so who is refused by
// it, and when, is found out by whoever connects anew.
package distrust

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Refusal is whom somebody refused, why, and when that was heard of first.
type Refusal struct {
	Who string
	identity.Tally
	At time.Duration
}

// Refusals is who was refused while a fault of trust held: by its region, or where its region is the one that others refuse, or anybody for want of who signs. In the
// order of time, each pair and reason once; nil of any other fault.
func Refusals(s *drill.State, f *drill.Fault) (all []Refusal) {
	if !OfTrust(f) {
		return nil
	}
	for _, e := range s.Timeline {
		b, is := e.Body.(drill.IdentitySampled)
		if !is || e.T < f.From || f.Lifted != nil && e.T > *f.Lifted {
			continue
		}
		for _, t := range b.Refuses {
			known := func(r Refusal) bool { return r.Who == b.Who && r.Peer == t.Peer && r.Reason == t.Reason }
			if by(f, b.Who, t) && !slices.ContainsFunc(all, known) {
				all = append(all, Refusal{b.Who, t, e.T})
			}
		}
	}
	return all
}

// by reports whether a refusal is one of a fault's: its region refuses or is refused, or where nobody signs, what is refused is a
// certificate that ran out or was never had.
func by(f *drill.Fault, who string, t identity.Tally) bool {
	if f.Part == runbook.PartSigner {
		return t.Reason == identity.Expired || t.Reason == identity.NoCertificate
	}
	return who == f.Region || identity.Name(t.Peer) == f.Region
}

// OfTrust reports whether what a fault takes away is by what regions trust each other.
func OfTrust(f *drill.Fault) bool {
	return slices.ContainsFunc(f.Effect.Weakens, func(w runbook.Weakening) bool { return w.Trust })
}

// CountedWith is the other commands, by their numbers, whose affected users were counted between the first of some refusals and the end
// of the fault: among those are the users whom it cost something. Its own count is over by then where nobody was affected at once.
func CountedWith(s *drill.State, f *drill.Fault, refusals []Refusal) (commands []int) {
	if len(refusals) == 0 {
		return nil
	}
	until := s.Now
	if f.Lifted != nil {
		until = *f.Lifted
	}
	for _, p := range s.Populations {
		if p.Last == nil {
			continue
		}
		for _, i := range p.Last.Impacts {
			meanwhile := i.From > 0 && i.From <= until && (i.Until == 0 || refusals[0].At <= i.Until)
			if meanwhile && i.Affected > 0 && i.Command != f.Command && !slices.Contains(commands, i.Command) {
				commands = append(commands, i.Command)
			}
		}
	}
	return commands
}

// HeldUnder is the faults of trust of other commands that had somebody refused while the affected users of a command were counted:
// some of those may be by them.
func HeldUnder(s *drill.State, command int) (faults []*drill.Fault) {
	for _, f := range s.Faults {
		if f.Command != command && slices.Contains(CountedWith(s, f, Refusals(s, f)), command) {
			faults = append(faults, f)
		}
	}
	return faults
}
