package format

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Returned words whether a fleet came back once all faults were lifted.
func Returned(b drill.FleetReturned) string {
	if b.Returned {
		return fmt.Sprintf("the fleet came back %s after all was lifted", Span(b.After))
	}
	return fmt.Sprintf("the fleet did not come back within %s: %s", Span(b.After), cmp.Or(strings.Join(b.Missing, ", "), "nothing was lacking any more just after it"))
}
