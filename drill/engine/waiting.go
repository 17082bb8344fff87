package engine

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// waitsAfter is how long no write may have been acknowledged, while some are held
// back, before writes are said to wait: several of the longest round trips, since
// a write always waits for one.
const waitsAfter = time.Second

// noteWaiting says when writes begin to wait for regions, and when they no longer do.
func (k *keeper) noteWaiting(lead string) {
	s, at, known := k.watch.replica(lead, k.spec.Name)
	k.mu.Lock()
	since := max(k.lastAck.at, k.ruleSince)
	k.mu.Unlock()
	quiet := k.now() - since
	var region []string
	if known && k.now()-at < fresh && s.Role == drill.RoleAuthority && s.Waiting > 0 && quiet >= waitsAfter {
		region = slices.Sorted(slices.Values(s.WaitingFor))
	}
	switch {
	case len(region) > 0 && !slices.Equal(region, k.waitsFor):
	case len(region) == 0 && len(k.waitsFor) > 0 && (quiet < waitsAfter || k.promise().Mode == drill.ModeAsync):
	default:
		return
	}
	k.waitsFor = region
	k.emit(drill.WritesWaiting{Dataset: k.spec.Name, Region: lead, For: region, Mode: k.promise().Mode, Since: since})
}
