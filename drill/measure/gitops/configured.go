// Package gitops computes what became of a fleet's configuration: how long changes by hand and commits took, and what a gate goes by.
package gitops

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
)

// Configured is what became of one region's configuration. SeenAfter and MendedAfter are the longest times from a change by hand until a
// reconciler saw it, and until it was put right; nil where none was.
type Configured struct {
	*config.Region
	Drifts                 int
	Open                   []config.Field // what was changed by hand and is not put right
	SeenAfter, MendedAfter *time.Duration
	// Since is from when on the region is known to have been as it is to be, where it is: it was given its revision, was put right, or
	// was reached again.
	Since time.Duration
	// Unknown is since when all of this is no more than what was known last, and why; nil where it is known.
	Unknown *config.Since
	// Newest is how long the region waited for the newest commit; nil where it does not have it, or began with it.
	Newest *time.Duration
}

// Configurations is every governed region's, in the fleet's order; nil where no repository governs the fleet.
func Configurations(s *drill.State) (out []Configured) {
	if s.Config == nil {
		return nil
	}
	for _, r := range governed(s) {
		c := Configured{Region: r, Open: s.Config.Open(r.Name), Since: max(r.AppliedAt, knownAgain(s, r.Name)), Unknown: Unknown(s, r.Name)}
		for _, d := range s.Config.Drifts {
			if d.Region == r.Name {
				c.Drifts++
				if d.Mended != nil {
					c.Since = max(c.Since, *d.Mended)
				}
				c.SeenAfter, c.MendedAfter = longer(c.SeenAfter, d.Made, d.Seen), longer(c.MendedAfter, d.Made, d.Mended)
			}
		}
		if n := len(s.Config.Commits); n > 1 {
			c.Newest = had(s.Config.Commits[n-1], r.Name)
		}
		out = append(out, c)
	}
	return out
}

// governed is what is known of the regions that a repository governs, in the fleet's order.
func governed(s *drill.State) (out []*config.Region) {
	for _, name := range s.Fleet.RegionNames() {
		if r := s.Config.Region(name); r != nil {
			out = append(out, r)
		}
	}
	return out
}

// longer is the longer of a time and the one from one moment to another, where both are known.
func longer(than, from, to *time.Duration) *time.Duration {
	if from == nil || to == nil || than != nil && *than >= *to-*from {
		return than
	}
	took := *to - *from
	return &took
}
