package format

import "github.com/fleetdrill/fleetdrill/drill"

// LookedUp is what came of looking up another cluster's store by the name that it has there, and what that says.
func LookedUp(b drill.NameLookedUp) string {
	switch b.Says {
	case "NXDOMAIN":
		return "NXDOMAIN, nobody has that name here"
	case "no address", "SERVFAIL", "REFUSED":
		return b.Says
	}
	return b.Says + ", a store of its own, never " + b.Of + "'s"
}
