// Package replication follows what the replicas of a dataset stored, from one answer to the next: what came by replication,
// and what each held lately.
package replication

import (
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/series"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// Answers is what the replicas of one dataset said so far. Its zero value has heard nothing.
//
// What was replicated is how much each follower grew from one answer to the next, and for a replica that had been away what it
// said it copied until it was current. What a follower stored before its first answer, and between its last answer as a
// follower and its promotion, is not in it.
type Answers struct {
	replicas map[string]*follower // by region
	bytes    int64                // that no replica will count anew
	held     map[string][]Holding // by region
	stored   map[string]series.Of[series.Level]
	stalls   []Stall
}

// follower is one region's copy, from one answer to the next.
type follower struct {
	known bool
	role  role.Role
	bytes int64
	// away holds from the first missing answer until the replica is current again. It says itself
	// then what it copied; caught is what it was seen to copy before.
	away   bool
	caught int64
}

// Bytes is the payload bytes that followers stored by replication so far.
func (r *Answers) Bytes() int64 {
	n := r.bytes
	for _, f := range r.replicas {
		n += f.caught
	}
	return n
}

func (r *Answers) follower(region string) *follower {
	if r.replicas == nil {
		r.replicas = map[string]*follower{}
	}
	if r.replicas[region] == nil {
		r.replicas[region] = &follower{}
	}
	return r.replicas[region]
}

// Sampled takes an answer in, or that there was none.
func (r *Answers) Sampled(s telemetry.Replica) {
	r.hold(s)
	r.store(s)
	r.stall(s)
	f := r.follower(s.Region)
	if s.Stale {
		f.known, f.away = false, true
		return
	}
	grown := s.Bytes - f.bytes
	// A replica that led until its last answer took writes from users since.
	replicated := f.known && grown > 0 && s.Role == role.Follower && f.role != role.Authority
	f.known, f.role, f.bytes = true, s.Role, s.Bytes
	switch {
	case s.Role == role.Authority: // it can't rejoin itself
		r.bytes += f.caught
		f.away, f.caught = false, 0
	case replicated && f.away:
		f.caught += grown
	case replicated:
		r.bytes += grown
	}
}

// Left takes in that a replica which had been away follows again.
func (r *Answers) Left(region string) { r.follower(region).away = true }

// Back takes in what a replica says that it copied until it was current. Its next answer is where
// growth is counted from.
func (r *Answers) Back(region string, bytes int64) {
	r.bytes += bytes
	*r.follower(region) = follower{}
}
