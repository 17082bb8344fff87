package drill

import "github.com/fleetdrill/fleetdrill/drill/telemetry"

func init() {
	register[LinksSampled]()
}

// LinksSampled is every link direction of the fleet at one moment.
type LinksSampled struct {
	Links []telemetry.Link `json:"links"`
}

// Kind implements Body.
func (LinksSampled) Kind() string { return "links.sampled" }

func (b LinksSampled) fold(s *State, _ Event) {
	s.Links = b.Links
	if s.SteadyBegan != nil && len(s.Faults) == 0 {
		s.Undisturbed.Take(s.Now, b.Links)
	}
}
