package rule

import (
	"github.com/fleetdrill/fleetdrill/drill"
)

// Governed refuses what needs a repository where none governs the fleet.
func Governed(s *drill.State) *Refusal {
	if s.Fleet.Config == nil {
		return Refuse("", "no repository governs this fleet: its file has no config")
	}
	return nil
}
