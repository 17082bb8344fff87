package measure

import "github.com/fleetdrill/fleetdrill/drill"

// Copies is the regions, of those that are wanted, that hold a whole replica and
// answer, and whose store hangs not: it would neither take a write nor tell what it has.
func Copies(s *drill.State, d *drill.DatasetState, wanted func(region string) bool) []string {
	var out []string
	for _, name := range d.Spec.Regions {
		r, replica := s.Region(name), d.Replicas[name]
		_, stalled := d.Stalled[name]
		if wanted(name) && !stalled && r != nil && r.Health.Answers() && replica != nil && !replica.Seeding && !replica.Stale {
			out = append(out, name)
		}
	}
	return out
}
