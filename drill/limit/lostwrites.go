package limit

import "github.com/fleetdrill/fleetdrill/drill/verdict"

// lostWrites ends a drill that lost more confirmed writes, once a ledger was checked after a failover.
var lostWrites = objective(verdict.LostWrites)
