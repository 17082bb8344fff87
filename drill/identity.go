package drill

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/identity"
)

func init() { register[IdentitySampled]() }

// IdentitySampled is what a region's gateway, or the failover controller, says of its certificate and of whom it trusts, where
// that has changed.
type IdentitySampled struct {
	Who string `json:"who"` // a region, the hub, or topology.EndControl
	identity.Status
	Renewed bool             `json:"renewed,omitempty"` // it has another certificate than it had
	Refuses []identity.Tally `json:"refuses,omitempty"` // whom it refused for the first time, or again after a while
}

// Kind implements Body.
func (IdentitySampled) Kind() string { return "identity.sampled" }

func (b IdentitySampled) fold(s *State, e Event) {
	i := s.Identity(b.Who)
	if i == nil {
		i = &IdentityState{}
		s.Identities = append(s.Identities, i)
	}
	i.IdentitySampled, i.At = b, s.Now
	if b.Renewed || len(b.Refuses) > 0 {
		s.show(e)
	}
}

// IdentityState is what one of a fleet's workloads said last of its identity, and when: its clock has gone on since.
type IdentityState struct {
	IdentitySampled
	At time.Duration
}

// Identity is the identity of a region, the hub or the failover controller; nil where it said nothing of one.
func (s *State) Identity(who string) *IdentityState {
	return find(s.Identities, func(i *IdentityState) bool { return i.Who == who })
}
