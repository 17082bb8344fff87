// Package show has the signs and words that several panes use for one thing: the
// health of a region, a cut, the slowest of a few requests.
package show

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// HealthSign is the glyph, the word and the style of a region's health.
func HealthSign(h drill.Health, g style.Glyphs) (glyph, word string, st style.Style) {
	switch h {
	case drill.HealthHealthy:
		return g.Healthy, "healthy", style.FineBold
	case drill.HealthDegraded:
		return g.Degraded, "degraded", style.CautBold
	case drill.HealthCordoned:
		return g.Cordoned, "cordoned", style.CautBold
	case drill.HealthFrozen:
		return g.Frozen, "frozen", style.Frozen
	case drill.HealthDown:
		return g.Down, "down", style.DangerBold
	case drill.HealthNoWeb:
		return g.Cordoned, string(h), style.CautBold
	case drill.HealthStarting:
		return g.Starting, "starting", style.Label
	}
	return g.Unknown, format.Unknown, style.Label
}

// Cause is the word of what was done to a region.
func Cause(s *drill.State, r *drill.RegionState) string {
	switch {
	case r.Fault != nil && !r.Fault.Effect.Still: // a frozen region's health says it
		return r.Fault.Done
	case r.Health != drill.HealthDown && CutOff(s, r.Spec.Name) != nil:
		return "cut off" // of one that is down its standing says it
	}
	return ""
}

// CutOff is the partition that keeps the controller from a region with no fault of its own; nil
// where none does. A cut between two regions is not one: both are still reached.
func CutOff(s *drill.State, region string) *drill.Fault {
	if f := s.FaultOn(region); f != nil && len(f.Effect.Cuts) > 0 {
		return f
	}
	return nil
}

// PartitionsOf is every partition that holds and has the region for an end.
func PartitionsOf(s *drill.State, region string) (open []*drill.Fault) {
	for _, f := range s.Partitions() {
		if slices.Contains(f.Between, region) {
			open = append(open, f)
		}
	}
	return open
}

// CutText is what a partition does to one of its ends.
func CutText(f *drill.Fault, region string) string {
	other := f.Between[0]
	if other == region {
		other = f.Between[1]
	}
	switch other {
	case topology.EndOthers:
		other = "all others"
	case topology.EndControl:
		other = "the controller"
	}
	switch {
	case !f.OneWay:
		return "cut off from " + other
	case f.Between[0] == region:
		return "nothing gets from it to " + other
	}
	return "nothing gets to it from " + other
}

// Standing is how a region is, by a sign and words that go from the longest to the shortest.
type Standing struct {
	Sign  string
	Words []string
	Style style.Style
}

// StandingOf is how a region is. One that the controller can't reach is not called down: it may
// serve its users well, and where it answered some of them lately it says so.
func StandingOf(s *drill.State, r *drill.RegionState, g style.Glyphs) Standing {
	sign, word, st := HealthSign(r.Health, g)
	switch {
	case measure.HeldDown(s, r) > 0: // it answers
	case measure.ServesUnreached(r):
		return Standing{g.Cut, []string{"unreachable for us, still serving its users", "unreachable, still serves", "unreachable, serves", "still serves", "serves"}, style.CautBold}
	case r.Health == drill.HealthNoWeb && r.WebAlone():
		return Standing{sign, []string{"web tier killed, its data is served", "web tier killed", word, "no web"}, st}
	case r.Health == drill.HealthNoWeb:
		return Standing{sign, []string{word + ", its data is served", word, "no web"}, st}
	case r.Health == drill.HealthDegraded && len(r.Parts) == 1 && r.NoAPI():
		return Standing{sign, []string{"API server gone, still serving", "API server gone", "no API"}, style.CautBold}
	case r.Health == drill.HealthDegraded && has(r, runbook.PartStore):
		return Standing{sign, []string{"store hangs, still serving", "store hangs"}, st}
	case r.Health == drill.HealthDegraded && has(r, runbook.PartDisk):
		return Standing{sign, []string{"disk full, still serving", "disk full"}, st}
	case r.Health == drill.HealthDegraded && has(r, runbook.PartSigner):
		return Standing{sign, []string{"signer gone, goes on", "signer gone"}, st}
	case r.Health == drill.HealthDegraded && distrusts(r):
		return Standing{sign, []string{"trust broken, still serving", "trust broken"}, st}
	case r.Health == drill.HealthDown && CutOff(s, r.Spec.Name) != nil:
		return Standing{g.Cut, []string{"unreachable for us", "unreachable", "cut off"}, style.DangerBold}
	}
	return returning(s, r, Standing{sign, []string{word}, st})
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
func returning(s *drill.State, r *drill.RegionState, is Standing) Standing {
	held, part := measure.HeldDown(s, r), measure.RampPart(s, r)
	switch {
	case held > 0 && r.Health == drill.HealthDown:
		is.Style = style.CautBold
		why := "answers"
		if r.Flapping {
			why = "flaps"
		}
		left := format.Span(held)
		is.Words = []string{why + ", held down for " + left + " more", why + ", held " + left, "held " + left, "held"}
	case r.Flapping:
		is.Style = style.CautBold
		is.Words = []string{is.Words[0] + ", flapping", "flapping"}
	case part < 1:
		text := format.Percent(part)
		is.Words = []string{is.Words[0] + ", takes " + text + " of its share", is.Words[0] + ", ramps " + text, "ramps " + text, is.Words[0]}
	}
	return is
}

// NotKept says that a region keeps no replica of a dataset, and by which rule; "" where
// it keeps one.
func NotKept(s *drill.State, d *drill.DatasetState, region string) string {
	kept, law := measure.Kept(s, d, region)
	switch {
	case kept:
		return ""
	case law != nil:
		return d.Name + " is not kept here: " + law.Error()
	}
	return d.Name + " is not kept here"
}
