package rule

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// HoldName is the name of the hold that a fault of links has: the same for the command
// that makes it and the one that lifts it, whichever end is named first.
func HoldName(kind drill.FaultKind, c runbook.Command) string {
	a, b, oneWay := c.Endpoints()
	if oneWay {
		return fmt.Sprintf("%s from %s to %s", kind, a, b)
	}
	return fmt.Sprintf("%s between %s and %s", kind, min(a, b), max(a, b))
}
