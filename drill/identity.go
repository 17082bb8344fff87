package drill

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/identity"
)

func init() {
	register[IdentitySampled]()
	register[IdentityRenewed]()
	register[IdentityRefused]()
}

// IdentitySampled is what a region's gateway, or the failover controller, says of its certificate and of whom it trusts, where
// that has changed.
type IdentitySampled struct {
	Who string `json:"who"` // a region, the hub, or topology.EndControl
	identity.Status
}

// Kind implements Body.
func (IdentitySampled) Kind() string { return "identity.sampled" }

func (b IdentitySampled) fold(s *State, _ Event) {
	i := s.Identity(b.Who)
	if i == nil {
		i = &IdentityState{}
		s.Identities = append(s.Identities, i)
	}
	i.IdentitySampled, i.At = b, s.Now
}

// IdentityRenewed says that somebody has another certificate, and until when it is good.
type IdentityRenewed struct {
	Who   string    `json:"who"`
	Until time.Time `json:"until"`
}

// Kind implements Body.
func (IdentityRenewed) Kind() string { return "identity.renewed" }

func (b IdentityRenewed) fold(s *State, e Event) { s.show(e) }

// IdentityRefused says that one refuses another, for the first time or again after a while.
type IdentityRefused struct {
	Who string `json:"who"`
	identity.Tally
}

// Kind implements Body.
func (IdentityRefused) Kind() string { return "identity.refused" }

func (b IdentityRefused) fold(s *State, e Event) { s.show(e) }

// IdentityState is what one of a fleet's workloads said last of its identity, and when: its clock has gone on since.
type IdentityState struct {
	IdentitySampled
	At time.Duration
}

// Identity is the identity of a region, the hub or the failover controller; nil where it said nothing of one.
func (s *State) Identity(who string) *IdentityState {
	return find(s.Identities, func(i *IdentityState) bool { return i.Who == who })
}
