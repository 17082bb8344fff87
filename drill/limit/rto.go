package limit

import "github.com/fleetdrill/fleetdrill/drill/verdict"

// rto ends a drill whose dataset takes no writes for longer, also while its failover is undecided.
var rto = objective(verdict.RTO)
