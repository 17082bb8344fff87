package rule

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Led refuses what the failover controller would have to do while the hub is gone, by way of which it asks.
func Led(s *drill.State) *Refusal {
	hub := s.HubLost()
	if hub == nil {
		return nil
	}
	const why = "the hub is %s, and the failover controller asks by way of it"
	if f := hub.Fault; f != nil {
		return Refuse(fmt.Sprintf("%s the hub first", f.Effect.Undo), why, f.Done).Since(f.Command).By(f.Effect.Undo)
	}
	return Refuse("wait until it answers", why, hub.Health)
}
