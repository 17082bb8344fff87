package rule

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Restorable is the one rule for what counts as broken to who takes it back by a verb: something broke a region, or it died by
// itself. One that is emptied on purpose or cut off is not.
func Restorable(s *drill.State, region string, undo runbook.Verb) bool {
	r := s.Region(region)
	return r != nil && (r.Fault != nil || len(BrokenParts(s, region, undo)) > 0 || Ailing(r) && !r.Cordoned && s.FaultOn(region) == nil)
}

// Ailing reports whether something of a region is gone, by itself or by somebody outside: all of it, or web replicas.
func Ailing(r *drill.RegionState) bool {
	return r.Health == drill.HealthDown || r.Health == drill.HealthDegraded || r.Health == drill.HealthNoWeb && r.Web > 0
}

// BrokenParts is the faults on parts of a region that a verb takes back.
func BrokenParts(s *drill.State, region string, undo runbook.Verb) (all []*drill.Fault) {
	if r := s.Region(region); r != nil {
		for _, f := range r.Parts {
			if f.Effect.Undo == undo {
				all = append(all, f)
			}
		}
	}
	return all
}

// Clusters is the failure domains that a command names, each with its regions. Of several, one that mends is of those alone that have
// a region which is restorable.
func Clusters(s *drill.State, c runbook.Command, mends bool) (all [][]string) {
	f := s.Fleet
	if c.Region != "" { // the region that was named comes first
		d := f.Domain(c.Region)
		return [][]string{append([]string{c.Region}, slices.DeleteFunc(slices.Clone(d), func(r string) bool { return r == c.Region })...)}
	}
	meant := func(region string) bool { return !mends || Restorable(s, region, c.Verb) }
	var done []string
	for _, region := range c.Falls(f) {
		if slices.Contains(done, region) {
			continue
		}
		d := f.Domain(region)
		done = append(done, d...)
		if slices.ContainsFunc(d, meant) {
			all = append(all, d)
		}
	}
	return all
}
