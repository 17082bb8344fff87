// Package health decides when a replica whose region answers is taken for lost all the
// same: its writes don't reach its disk, or its store says nothing. It is pure.
package health

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// silentRenewals is how many renewals in a row must have failed, beside the time, before
// an authority is given up for its store's silence: the time alone may have passed while
// this program stood still.
const silentRenewals = 4

// Limit is for how long an authority's writes may not reach its disk before it is
// taken for lost, by its lease.
func Limit(lease time.Duration) time.Duration { return topology.StallLimit(lease) }

// Stalls says whether a replica says of itself that this is so for long enough.
func Stalls(s store.Status, lease time.Duration) bool { return s.Stalled >= Limit(lease) }

// Withholds says that the lease is not renewed, since no write gets through that it would
// let be acknowledged.
func Withholds(s store.Status, lease time.Duration) bool { return s.Stalled >= Limit(lease)/2 }

// Words say what is wrong with a replica whose writes don't get through.
func Words(s store.Status) string {
	what := "no write has reached its disk"
	if s.Role == role.Follower {
		what = "it applies nothing"
	}
	return fmt.Sprintf("its store answers, but for %s %s: %s", format.Span(s.Stalled), what, s.StalledBy)
}

// Silence counts the renewals in a row that a store did not answer.
type Silence struct {
	failed int
	Since  time.Duration // when the first of them was given up
}

// More counts one more, given up now.
func (s Silence) More(now time.Duration) Silence {
	if s.failed == 0 {
		s.Since = now
	}
	s.failed++
	return s
}

// Lost says whether the store is taken for lost, by its lease.
func (s Silence) Lost(now, lease time.Duration) bool {
	return s.failed >= silentRenewals && now-s.Since >= Limit(lease)
}

// Missing says what a replica is at that has not all of its data yet, beside the authority of
// an epoch; "" where it has.
func Missing(s store.Status, lead string, epoch uint64) string {
	switch {
	case s.Copying != nil && s.Copying.Total > 0:
		return fmt.Sprintf("is being copied, %s of about %s", format.Bytes(s.Copying.Bytes), format.Bytes(s.Copying.Total))
	case s.Mute:
		return "has a database that does not answer"
	case s.Seeding:
		return "is being copied"
	case s.Region != lead && (s.Authority != lead || s.Epoch != epoch || s.AuthorityPosition == nil):
		return "has not heard from its leader yet"
	case s.Region != lead && s.Mode == topology.ModeBackup && !s.Current():
		return "has no snapshot of its leader yet"
	}
	return ""
}
