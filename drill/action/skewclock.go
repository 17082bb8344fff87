package action

import "github.com/fleetdrill/fleetdrill/drill/runbook"

// skewClock sets the clock ahead by which a region's gateway takes certificates for valid; the machine's own stays.
var skewClock = breaksTrust("skew-clock", runbook.PartClock,
	Words{Name: "skew clock", Done: "set ahead", Help: "a region's clock is ahead of all certificates"}, nil)
