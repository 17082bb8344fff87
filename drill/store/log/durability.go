package log

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Configure tells the mode and the regions that hold the dataset. Writes that
// wait are judged anew at once: degrading a mode lets them go. ErrMode for a mode
// that can't be kept: sync without a partner among the regions, a majority of
// regions that this one is not among.
func (r *Replica) Configure(_ context.Context, d drill.Dataset) error {
	if d.Name != r.cfg.Dataset {
		return fmt.Errorf("configure %s in %s: told of dataset %q: this replica holds another one", r.cfg.Dataset, r.cfg.Region, d.Name)
	}
	for _, p := range d.Durabilities() {
		if err := store.CheckDurability(p, r.cfg.Region, d.Regions); err != nil {
			return fmt.Errorf("configure %s in %s: %w", d.Name, r.cfg.Region, err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return ErrClosed
	}
	r.mode, r.promises, r.regions = d.Mode, d.Durabilities(), slices.Clone(d.Regions)
	r.judge()
	return nil
}

// partner is whom mode sync names; "" in another mode. Call it with mu held.
func (r *Replica) partner() string {
	if len(r.promises) == 0 {
		return ""
	}
	return r.promises[0].With
}

// judge wakes the writes that wait for a promise. Call it with mu held.
func (r *Replica) judge() {
	close(r.judged)
	r.judged = make(chan struct{})
}

// kept is up to which position a promise holds for what was written in the epoch
// that it leads, and for all before that. Call it with mu held.
//
// A majority that stores an entry of an older epoch is not enough: a region with
// a newer last entry could still be promoted over it (Raft, section 5.4.2). So
// until an entry of this epoch is on a majority, quorum keeps only what all regions
// store, which needs no write to come true. That is safe: a region reports in this
// epoch once its log is the beginning of this one, so whoever is promoted next has
// those entries, each in its epoch, and nobody who follows it cuts them.
func (r *Replica) kept(p drill.Durability) uint64 {
	switch p.Mode {
	case drill.ModeSync:
		return min(r.followers[p.With], r.position)
	case drill.ModeQuorum:
		positions := []uint64{r.position}
		for _, region := range r.regions {
			if region != r.cfg.Region {
				positions = append(positions, r.followers[region])
			}
		}
		slices.Sort(positions)
		slices.Reverse(positions)
		q := positions[len(positions)/2] // of n, the majority's last one
		if n := len(r.epochs); n == 0 || r.epochs[n-1].epoch != r.led || q < r.epochs[n-1].first {
			return positions[len(positions)-1]
		}
		return q
	default:
		return r.position
	}
}

// allKept is up to which position every promise holds. Call it with mu held.
func (r *Replica) allKept() uint64 {
	kept := r.position
	for _, p := range r.promises {
		kept = min(kept, r.kept(p))
	}
	return kept
}

// awaitPromise returns once every promise holds for the entry, with the lease
// still held in the epoch that it was committed in.
func (r *Replica) awaitPromise(ctx context.Context, index, led uint64) error {
	waits := false
	defer func() {
		if waits {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.held[index]--; r.held[index] == 0 {
				delete(r.held, index)
			}
		}
	}()
	for {
		r.mu.Lock()
		err := r.serving()
		if err == nil && led != r.led {
			err = fmt.Errorf("%w: stored in epoch %d, but it leads epoch %d since", store.ErrFenced, led, r.led)
		}
		if err != nil || r.allKept() >= index {
			r.mu.Unlock()
			return err
		}
		if !waits {
			waits = true
			r.held[index]++
		}
		judged, news, left := r.judged, r.news, r.lease-r.cfg.Clock()
		r.mu.Unlock()
		over := time.NewTimer(left)
		select {
		case <-judged:
		case <-news: // promoted, fenced, following, closed
		case <-over.C:
		case <-ctx.Done():
			over.Stop()
			return ctx.Err()
		}
		over.Stop()
	}
}

// waiting is how many writes are held back, and for which regions. Call it with mu held.
func (r *Replica) waiting() (n int, regions []string) {
	oldest := uint64(0)
	for index, writes := range r.held {
		n += writes
		if oldest == 0 || index < oldest {
			oldest = index
		}
	}
	if n == 0 {
		return 0, nil
	}
	need := func(region string) {
		if region != r.cfg.Region && r.followers[region] < oldest && !slices.Contains(regions, region) {
			regions = append(regions, region)
		}
	}
	for _, p := range r.promises {
		switch {
		case p.Mode == drill.ModeSync:
			need(p.With)
		case p.Mode == drill.ModeQuorum && r.kept(p) < oldest:
			for _, region := range r.regions {
				need(region)
			}
		}
	}
	slices.Sort(regions)
	return n, regions
}

// atRisk is how many entries that may have been acknowledged no other region has
// reported as stored (those that a promise holds back are not at risk: nobody was
// told of them); nil while others hold the dataset and none has reported since this one was promoted or
// opened: they may have all of it. Call it with mu held.
func (r *Replica) atRisk() *uint64 {
	alone := slices.Equal(r.regions, []string{r.cfg.Region})
	if len(r.followers) == 0 && r.position > 0 && !alone {
		return nil
	}
	best := uint64(0)
	for _, position := range r.followers {
		best = max(best, position)
	}
	kept := r.allKept()
	risk := kept - min(best, kept)
	return &risk
}
