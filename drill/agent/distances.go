package agent

import (
	"sync/atomic"
	"time"
)

// distances is the round trips to the other regions, as the last topology has them: what an
// engine asks of its authority has so much longer.
type distances struct {
	known atomic.Pointer[map[string]time.Duration]
}

func (d *distances) set(rtt map[string]time.Duration) { d.known.Store(&rtt) }

// to is the round trip to a region; 0 where it is not known.
func (d *distances) to(region string) time.Duration {
	if known := d.known.Load(); known != nil {
		return (*known)[region]
	}
	return 0
}
