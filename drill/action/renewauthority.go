package action

import "github.com/fleetdrill/fleetdrill/drill/runbook"

// renewAuthority gives a region a new certificate authority that no other region hears of.
var renewAuthority = breaksTrust("renew-authority", runbook.PartAuthority,
	Words{Name: "renew authority", Done: "renewed", Help: "a region gets a new CA that no other knows"}, nil)
