package warning

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Mode says what is no longer guaranteed once a weaker mode holds; nothing of one that is no weaker.
func Mode(s *drill.State, c runbook.Command) []string {
	d := s.Dataset(c.Dataset)
	if d == nil || !weakens(d.Spec.Mode, c.Mode) {
		return nil
	}
	who := fmt.Sprintf("a majority of its %d regions has them", len(d.Spec.Regions))
	if d.Spec.Mode == topology.ModeSync {
		who = d.Spec.With + " has them"
	}
	lines := []string{
		fmt.Sprintf("%s no longer holds for %s", d.Spec.Durability(), d.Name),
		"writes are confirmed before " + who,
		fmt.Sprintf("confirmed writes are then stored by %s alone until they are copied", d.Authority),
	}
	if w := d.Waiting; w != nil {
		lines = append(lines, fmt.Sprintf("writes that wait for %s now are confirmed without it", strings.Join(w.For, " and ")))
	}
	return lines
}

// weakens reports whether a change of mode takes back what acknowledgements guarantee:
// that a write is in another region too.
func weakens(was, now topology.Mode) bool {
	return now == topology.ModeAsync && (was == topology.ModeSync || was == topology.ModeQuorum)
}
