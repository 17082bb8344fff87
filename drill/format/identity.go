package format

import (
	"fmt"
	"strings"
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

// identities words that somebody has another certificate, and whom it refuses.
func identities(b drill.IdentitySampled) (Mark, string) {
	var said []string
	mark := MarkNone
	if b.Renewed && b.SVID != nil {
		said = append(said, fmt.Sprintf("%s's certificate renewed, good until %s", Holder(b.Who), Until(b.SVID.Until)))
	}
	for _, t := range b.Refuses {
		mark = MarkError
		said = append(said, Distrust(b.Who, t))
	}
	return mark, strings.Join(said, "; ")
}

// Distrust words that one refuses another, and why.
func Distrust(who string, t identity.Tally) string {
	return fmt.Sprintf("%s refuses %s: %s", Holder(who), identity.Name(t.Peer), t.Refused.Error())
}
