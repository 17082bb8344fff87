package drill

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

func init() {
	register[VisitorsInvited]()
	register[VisitorsSampled]()
}

// VisitorsInvited says where people can ask as users of the fleet's populations: "http://127.0.0.1:41234".
type VisitorsInvited struct {
	URL string `json:"url"`
}

// Kind implements Body.
func (VisitorsInvited) Kind() string { return "visitors.invited" }

func (b VisitorsInvited) fold(s *State, e Event) {
	s.VisitorURL = b.URL
	s.show(e)
}

// VisitorsSampled is what people asked since the sample before, of each population as one of whose users they ever did. There is
// one only where somebody asked since.
type VisitorsSampled struct {
	Visitors []telemetry.Visitor `json:"visitors"`
}

// Kind implements Body.
func (VisitorsSampled) Kind() string { return "visitors.sampled" }

func (b VisitorsSampled) fold(s *State, e Event) {
	for i := range b.Visitors {
		v := &b.Visitors[i] // an event is never changed
		s.Visitors = append(slices.DeleteFunc(s.Visitors, func(known *telemetry.Visitor) bool { return known.Population == v.Population }), v)
	}
	if slices.ContainsFunc(b.Visitors, func(v telemetry.Visitor) bool { return v.Turned }) {
		s.show(e)
	}
}
