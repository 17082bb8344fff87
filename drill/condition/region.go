// Package condition says how a region is, in words: the same on the screen and in what replays a drill.
package condition

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Region is how a region is: words that go from the longest to the shortest. Its sign is that of its health, or, Cut, that of a
// cut; Caution says that it is to be looked at with care, whatever its health.
type Region struct {
	Words        []string
	Cut, Caution bool
}

// Health is the word for a health; unknown before the first is known.
func Health(h drill.Health) string {
	if h == "" {
		return format.Unknown
	}
	return string(h)
}

// CutOff is the partition that keeps the controller from a region with no fault of its own; nil
// where none does. A cut between two regions is not one: both are still reached.
func CutOff(s *drill.State, region string) *drill.Fault {
	if f := s.FaultOn(region); f != nil && len(f.Effect.Cuts) > 0 {
		return f
	}
	return nil
}

// Of is how a region is. One that the controller can't reach is not called down: it may
// serve its users well, and where it answered some of them lately it says so.
func Of(s *drill.State, r *drill.RegionState) Region {
	word := Health(r.Health)
	switch {
	case measure.HeldDown(s, r) > 0: // it answers
	case measure.ServesUnreached(r):
		return Region{Cut: true, Caution: true, Words: []string{"unreachable for us, still serving its users", "unreachable, still serves", "unreachable, serves", "still serves", "serves"}}
	case r.Health == drill.HealthNoWeb && r.WebAlone():
		return Region{Words: []string{"web tier killed, its data is served", "web tier killed", word, "no web"}}
	case r.Health == drill.HealthNoWeb:
		return Region{Words: []string{word + ", its data is served", word, "no web"}}
	case r.Health == drill.HealthDegraded && len(r.Parts) == 1 && r.NoAPI():
		return Region{Caution: true, Words: []string{"API server gone, still serving", "API server gone", "no API"}}
	case r.Health == drill.HealthDegraded && has(r, runbook.PartStore):
		return Region{Words: []string{"store hangs, still serving", "store hangs"}}
	case r.Health == drill.HealthDegraded && has(r, runbook.PartDisk):
		return Region{Words: []string{"disk full, still serving", "disk full"}}
	case r.Health == drill.HealthDegraded && has(r, runbook.PartSigner):
		return Region{Words: []string{"signer gone, goes on", "signer gone"}}
	case r.Health == drill.HealthDegraded && distrusts(r):
		return Region{Words: []string{"trust broken, still serving", "trust broken"}}
	case r.Health == drill.HealthDown && CutOff(s, r.Spec.Name) != nil:
		return Region{Cut: true, Words: []string{"unreachable for us", "unreachable", "cut off"}}
	}
	return returning(s, r, Region{Words: []string{word}})
}

// distrusts reports whether all that is broken of a region is by what it and others take each other for what they are.
func distrusts(r *drill.RegionState) bool {
	return len(r.Parts) > 0 && !slices.ContainsFunc(r.Parts, func(f *drill.Fault) bool {
		return !slices.ContainsFunc(f.Effect.Weakens, func(w runbook.Weakening) bool { return w.Trust })
	})
}

// has reports whether a fault holds on a part of a region.
func has(r *drill.RegionState, part string) bool {
	return slices.ContainsFunc(r.Parts, func(f *drill.Fault) bool { return f.Part == part })
}

// returning is how a region is that comes back, or comes and goes: what else is said of it is by how it is.
func returning(s *drill.State, r *drill.RegionState, is Region) Region {
	held, part := measure.HeldDown(s, r), measure.RampPart(s, r)
	switch {
	case held > 0 && r.Health == drill.HealthDown:
		is.Caution = true
		why := "answers"
		if r.Flapping {
			why = "flaps"
		}
		left := format.Span(held)
		is.Words = []string{why + ", held down for " + left + " more", why + ", held " + left, "held " + left, "held"}
	case r.Flapping:
		is.Caution = true
		is.Words = []string{is.Words[0] + ", flapping", "flapping"}
	case part < 1:
		text := format.Percent(part)
		is.Words = []string{is.Words[0] + ", takes " + text + " of its share", is.Words[0] + ", ramps " + text, "ramps " + text, is.Words[0]}
	}
	return is
}

// Web is the web tier as the region's own control plane has it; what that was before a region
// stopped answering is not what is, and without its API server nobody knows it.
func Web(r *drill.RegionState) string {
	switch {
	case r.Seen == nil:
		return format.Unknown
	case r.Health == drill.HealthDown || r.Health == drill.HealthFrozen:
		return fmt.Sprintf("%s of %d", format.None, r.Seen.WebWanted)
	case r.NoAPI():
		return format.Unknown
	}
	return fmt.Sprintf("%d of %d", r.Seen.WebReady, r.Seen.WebWanted)
}
