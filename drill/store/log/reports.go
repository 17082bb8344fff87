package log

import (
	"maps"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

// reports are the positions that followers report as on their disks, in the epoch that
// the authority leads, and the writes that wait for them.
type reports struct {
	region string // the authority

	mu        sync.Mutex
	epoch     uint64
	followers map[string]uint64
	held      map[uint64]int // writes that are not durable yet, by their index
	changed   chan struct{}  // closed, and replaced, when a follower's report is another
}

func newReports(region string, epoch uint64) *reports {
	return &reports{region: region, epoch: epoch, followers: map[string]uint64{}, held: map[uint64]int{}, changed: make(chan struct{})}
}

// begin forgets what was reported before the epoch.
func (r *reports) begin(epoch uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch = epoch
	clear(r.followers)
}

// take keeps a follower's last report, which may be below the one before it; false for
// another epoch than the one that is led.
func (r *reports) take(epoch uint64, region string, position uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.epoch != epoch {
		return false
	}
	if r.followers[region] != position {
		r.followers[region] = position
		close(r.changed)
		r.changed = make(chan struct{})
	}
	return true
}

// copies are how far the regions' copies reach beside a state of the authority's.
func (r *reports) copies(s state, rule replica.Rule) replica.Copies {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := replica.Copies{Region: r.region, Regions: rule.Regions, Position: s.position, EpochStart: s.position + 1, Followers: map[string]uint64{}}
	if r.epoch == s.saved.Led {
		c.Followers = maps.Clone(r.followers)
	}
	if n := len(s.epochs); n > 0 && s.epochs[n-1].epoch == s.saved.Led {
		c.EpochStart = s.epochs[n-1].first
	}
	return c
}

// news is closed when a follower's report is another.
func (r *reports) news() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}

// hold counts a write as waiting until release is called, once.
func (r *reports) hold(index uint64) (release func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held[index]++
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.held[index]--; r.held[index] == 0 {
			delete(r.held, index)
		}
	}
}

// waiting is how many writes wait, and the least index of them.
func (r *reports) waiting() (n int, oldest uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for index, writes := range r.held {
		n += writes
		if oldest == 0 || index < oldest {
			oldest = index
		}
	}
	return n, oldest
}
