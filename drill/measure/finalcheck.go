package measure

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
)

// finalCheck is the dataset's check at the end of the drill; false before it.
func finalCheck(s *drill.State, dataset string) (drill.LedgerChecked, bool) {
	for _, c := range slices.Backward(s.Checks) {
		if c.Dataset == dataset && c.Why == drill.CheckedAtEnd {
			return c, true
		}
	}
	return drill.LedgerChecked{}, false
}
