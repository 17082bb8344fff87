// Package consistency computes what reads found: how many were stale, by how much, and who missed what they had written
// themselves. Like package measure it computes each number once, from the state, for screen, report and verdict.
package consistency

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// Portion is N of Of. It is not known where there were none of which N could be.
type Portion struct{ N, Of int }

// Known reports whether there was any.
func (p Portion) Known() bool { return p.Of > 0 }

// Share is N of Of, from 0 to 1; it means nothing where it is not known.
func (p Portion) Share() float64 { return float64(p.N) / float64(max(p.Of, 1)) }

// StaleReads is the reads of a population, or with "" of all, that lacked a write which had been acknowledged before they were sent,
// of those that were answered and looked for such a write, in the whole drill.
func StaleReads(s *drill.State, population string) (p Portion) {
	for _, r := range readsOf(s, population) {
		p.N, p.Of = p.N+r.Stale, p.Of+r.Answered
	}
	return p
}

// OwnReads is the reads in which a user found what they had written just before, of those that were answered and looked for that.
// Another one is a violation of read-your-writes (Terry and others, "Session Guarantees for Weakly Consistent Replicated Data", 1994).
func OwnReads(s *drill.State, population string) (p Portion) {
	for _, r := range readsOf(s, population) {
		p.N, p.Of = p.N+r.Own-r.OwnMissed, p.Of+r.Own
	}
	return p
}

// StaleBy is how long before the stale read of a population, or with "" of any, was sent at the longest what it lacked had been
// acknowledged; nil where none was stale.
func StaleBy(s *drill.State, population string) (longest *time.Duration) {
	for _, r := range readsOf(s, population) {
		if r.AgeMax != nil && (longest == nil || *r.AgeMax > *longest) {
			longest = r.AgeMax
		}
	}
	return longest
}

func readsOf(s *drill.State, population string) (all []telemetry.Reads) {
	for _, p := range s.Populations {
		if p.Last != nil && p.Last.Reads != nil && (population == "" || p.Spec.Name == population) {
			all = append(all, *p.Last.Reads)
		}
	}
	return all
}
