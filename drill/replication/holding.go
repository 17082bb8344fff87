package replication

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// Holding is the payload bytes that a replica held when it answered.
type Holding struct {
	At    time.Duration
	Bytes int64
}

// heldFor is how far back a state keeps what replicas held: several samples, so that rates
// are calm, and no more, so that they are of now.
const heldFor = 3 * time.Second

// Held is what a region's replica held at its last answers, oldest first, as far back as heldFor;
// it begins anew where the replica was silent or holds less than before.
func (r *Answers) Held(region string) []Holding { return r.held[region] }

func (r *Answers) hold(s telemetry.Replica) {
	held := r.held[s.Region]
	switch n := len(held); {
	case s.Stale:
		held = nil
	case n > 0 && held[n-1].At == s.Contact:
		return // the same answer
	case n > 0 && held[n-1].Bytes > s.Bytes:
		held = nil
	}
	if !s.Stale {
		held = append(held, Holding{At: s.Contact, Bytes: s.Bytes})
	}
	for len(held) > 2 && held[1].At <= s.Contact-heldFor {
		held = held[1:]
	}
	if r.held == nil {
		r.held = map[string][]Holding{}
	}
	r.held[s.Region] = held
}
