package warning

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Reseed says what a replica loses, and what copying it costs.
func Reseed(s *drill.State, c runbook.Command) []string {
	lines := []string{fmt.Sprintf("%s drops its copy of %s, as if its disk were new", c.Region, c.Dataset)}
	d := s.Dataset(c.Dataset)
	if d == nil {
		return lines
	}
	if lead := d.Replicas[d.Authority]; lead != nil {
		line := fmt.Sprintf("%s are copied from %s", format.Bytes(lead.Bytes), d.Authority)
		if took, bandwidth := measure.Transfer(s, d.Authority, c.Region, lead.Bytes); bandwidth > 0 {
			line += fmt.Sprintf(", about %s at the link's %s", format.Span(took), format.Bits(bandwidth))
		}
		lines = append(lines, line)
	}
	if p := d.Spec.Durability(); p.With == c.Region {
		lines = append(lines, "every write waits for it until it is whole: it is the partner of sync")
	}
	left := measure.Copies(s, d, func(region string) bool { return region != c.Region })
	return append(lines, fmt.Sprintf("%d of %d copies are left meanwhile", len(left), len(d.Spec.Regions)))
}
