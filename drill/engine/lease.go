package engine

import (
	"context"
	"errors"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// unfencedLease is what an authority is granted where the drill turns fencing
// off: longer than any drill, so it goes on by itself, as a store without
// fencing would.
const unfencedLease = 24 * time.Hour

// renewals is how often a lease is renewed in its own length: with five, four
// renewals in a row may be lost before the authority stops serving.
const renewals = 5

// driftShare is how much slower than ours a region's clock may run before a
// lease outlives our count of it. Quartz is within 0.01 %; 1 % is far beyond.
const driftShare = 100

func (k *keeper) lease() time.Duration {
	if !k.policy.Fence {
		return unfencedLease
	}
	return k.policy.Lease
}

// leaseOver is when the last lease that may have been granted has certainly run
// out, on the engine's clock.
func (k *keeper) leaseOver() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.leaseEnds + k.lease()/driftShare
}

// startRenewing grants the authority its lease again and again. A lease is
// counted from a reading of the region's own clock that came with its last
// answer. The reading was taken before that answer arrived here, so the lease is
// over, at the latest, one lease after the arrival: however long a grant lies in
// a frozen process or on a slow link.
func (k *keeper) startRenewing(ctx context.Context, region string, epoch uint64, reading store.Clock, readAt time.Duration) {
	k.stopRenewing()
	ctx, k.renew = context.WithCancel(ctx)
	client, lease := k.client(region), k.lease()
	go func() {
		tick := time.NewTicker(lease / renewals)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			k.mu.Lock()
			k.leaseEnds = max(k.leaseEnds, readAt+lease)
			k.mu.Unlock()
			asking, cancel := context.WithTimeout(ctx, askTimeout)
			status, err := client.Grant(asking, k.spec.Name, epoch, reading, lease)
			cancel()
			switch {
			case err == nil:
				reading, readAt = status.Clock, k.now()
			case errors.Is(err, store.ErrStaleClock):
				// Its store has restarted and holds no lease. It still knows that it leads
				// the epoch and has all that it acknowledged, so it may go on.
				asking, cancel := context.WithTimeout(ctx, askTimeout)
				if status, err := client.StoreStatus(asking, k.spec.Name); err == nil {
					reading, readAt = status.Clock, k.now()
				}
				cancel()
			case errors.Is(err, store.ErrNotAuthority), errors.Is(err, store.ErrStaleEpoch):
				// It lost its contents, or somebody else has fenced it.
				k.report(ctx, loss{region: region, at: k.now(), why: "its store no longer leads: " + err.Error()})
				return
			}
		}
	}()
}

func (k *keeper) stopRenewing() {
	if k.renew != nil {
		k.renew()
		k.renew = nil
	}
}
