package engine

import (
	"context"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// sampleEvery is how often traffic, links and stores are measured into events.
// Twice a second shows a failover as it happens and keeps a journal of an hour
// within some ten megabytes.
const sampleEvery = 500 * time.Millisecond

// sample emits the measurements until ctx ends.
func (e *Engine) sample(ctx context.Context) {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	prior, at := map[string]drill.StoreSample{}, e.now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := e.now()
		stores := e.watch.samples(e.cfg.Spec, e.authority, prior, now-at)
		for _, s := range stores.Stores {
			prior[s.Dataset+"/"+s.Region] = s
		}
		at = now
		e.emit(stores)
		e.emit(e.net.sample(now))
		traffic := e.users.Sample()
		e.emit(traffic)
		e.mend.sampled(now, traffic)
	}
}

func (e *Engine) authority(dataset string) string {
	if k := e.keepers[dataset]; k != nil {
		lead, _ := k.leader()
		return lead
	}
	return ""
}
