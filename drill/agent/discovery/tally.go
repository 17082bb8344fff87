package discovery

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// notLeading is what a region says that was called in vain because it does not take the dataset's writes.
var notLeading = []error{store.ErrNotAuthority, store.ErrFenced, store.ErrStaleEpoch, wire.ErrNotFound}

// settles is how long no call may have been sent to a stale endpoint until the next is of another spell: longer than a user
// waits for an answer.
const settles = 3 * time.Second

// tally is what came of the calls to one dataset's endpoints, by when they were sent.
type tally struct {
	calls, stale, unanswered, none uint64
	// from and until are when the first and the last call of the newest spell was sent to a stale endpoint.
	from, until time.Duration
}

// ended counts a call by what came of it. Whoever gave up says nothing of the endpoint, nor does a refusal of the write
// itself (its durability, its contents).
func (t *tally) ended(sent time.Duration, err error) {
	t.calls++
	var refused *wire.Error
	switch {
	case err == nil || errors.Is(err, context.Canceled):
		return
	case slices.ContainsFunc(notLeading, func(why error) bool { return errors.Is(err, why) }):
	case errors.As(err, &refused) && !errors.Is(err, wire.ErrUpstream):
		return
	default:
		t.unanswered++
	}
	if t.stale == 0 || sent > t.until+settles {
		t.from, t.until = sent, sent
	}
	t.stale++
	t.from, t.until = min(t.from, sent), max(t.until, sent)
}

// spell is how long ago the newest spell began and ended; nil before the first.
func (t *tally) spell(now time.Duration) *wire.Spell {
	if t.stale == 0 {
		return nil
	}
	return &wire.Spell{BeganAgo: now - t.from, EndedAgo: now - t.until}
}
