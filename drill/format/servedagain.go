package format

import (
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// ServedAgain is how soon each population was served again at the longest, in a line: "dns 6.2 s, lb 1.3 s, far all along";
// "" where nothing was measured.
func ServedAgain(s *drill.State) string {
	var parts []string
	for _, p := range s.Populations {
		took := measure.ServedAgainLast(s, p.Spec.Name)
		switch {
		case !took.Known:
		case took.D == 0 && !took.AtLeast:
			parts = append(parts, p.Spec.Name+" all along")
		default:
			parts = append(parts, p.Spec.Name+" "+ShortLeast(took))
		}
	}
	return strings.Join(parts, ", ")
}
