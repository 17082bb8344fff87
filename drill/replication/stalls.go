package replication

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// Stall is a time in which no write reached a replica's disk though one was tried all along, on the engine's clock, as far as its
// answers said so. Role is what it was then, and Why what was in the way.
type Stall struct {
	Region   string
	Role     role.Role
	From, To time.Duration
	Why      string
}

// mostStalls bounds what is kept of a disk that stands still again and again: the newest.
const mostStalls = 100

// stall takes in for how long a replica says that its disk stands. One that is being copied writes nothing else.
func (r *Answers) stall(s telemetry.Replica) {
	if s.Stale || s.Stalled <= 0 || s.Copying != nil || s.Seeding {
		return
	}
	now := Stall{Region: s.Region, Role: s.Role, From: s.Contact - s.Stalled, To: s.Contact, Why: s.StalledBy}
	for i := len(r.stalls) - 1; i >= 0; i-- {
		if last := &r.stalls[i]; last.Region == s.Region {
			if now.From > last.To {
				break
			}
			last.To, last.Why = now.To, now.Why
			return
		}
	}
	r.stalls = append(r.stalls, now)
	if n := len(r.stalls); n > mostStalls {
		r.stalls = append(r.stalls[:0:0], r.stalls[n-mostStalls:]...)
	}
}

// Stalls is the times in which replicas' disks stood still, in the order in which they began to be known.
func (r *Answers) Stalls() []Stall { return r.stalls }
