package format

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Holder is who holds an identity: a region by its name.
func Holder(who string) string {
	if who == topology.EndControl {
		return identity.Controller
	}
	return who
}

// Until is the end of a certificate, as all clocks of a fleet can be compared.
func Until(t time.Time) string { return t.UTC().Format("15:04:05 UTC") }

// renewed words that somebody has another certificate.
func renewed(b drill.IdentityRenewed) string {
	return fmt.Sprintf("%s's certificate renewed, good until %s", Holder(b.Who), Until(b.Until))
}

// Distrust words that one refuses another, and why.
func Distrust(who string, t identity.Tally) string {
	return fmt.Sprintf("%s refuses %s: %s", Holder(who), identity.Name(t.Peer), t.Refused.Error())
}
