package rule

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/trust"
)

// Secured refuses what is about certificates in a fleet that has none. Nil where it has.
func Secured(s *drill.State) *Refusal {
	if topology.Secured(s.Fleet) {
		return nil
	}
	return Refuse("", "regions of %s show no certificates to each other: its file says trust: none, or is of before", s.Fleet.Name)
}

// Signed refuses what needs the signer while it is gone. Nil where it runs.
func Signed(s *drill.State) *Refusal {
	if r := Secured(s); r != nil {
		return r
	}
	if f := trust.Unsigned(s); f != nil {
		return Refuse(fmt.Sprintf("%s first", f.Effect.Undo), "the signer is %s", f.Done).Since(f.Command).By(f.Effect.Undo)
	}
	return nil
}
