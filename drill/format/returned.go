package format

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// Back words how long a replica took until it was current again: a preposition and the time
// ("in 1.2 s"), or, where it was quicker than samples can measure, "within 500 ms".
func Back(b measure.Return, preposition string) string {
	return Either(b.AtMost, "within", preposition) + " " + Span(b.Took)
}

// Returned words whether a fleet came back once all faults were lifted.
func Returned(b drill.FleetReturned) string {
	if b.Returned {
		return fmt.Sprintf("the fleet came back %s after all was lifted", Span(b.After))
	}
	return fmt.Sprintf("the fleet did not come back within %s: %s", Span(b.After), cmp.Or(strings.Join(b.Missing, ", "), "nothing was missing any more just after it"))
}
