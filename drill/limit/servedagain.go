package limit

import "github.com/fleetdrill/fleetdrill/drill/verdict"

// servedAgain ends a drill in which requests of a population fail for longer.
var servedAgain = objective(verdict.ServedAgain)
