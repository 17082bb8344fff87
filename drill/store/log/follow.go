package log

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
	"github.com/fleetdrill/fleetdrill/drill/store/snapshot"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// following copies from one authority in one epoch, from Follow until Fence, Promote,
// another Follow, or Close.
type following struct {
	cfg      Config
	contents *contents
	backup   *snapshot.Holder
	ships    *snapshot.Shipper
	term     *replica.Following
	rule     func() replica.Rule
	current  func() error  // replica.ErrLeft once it is over
	awaited  func() bool   // a write of users waits for its report
	due      chan struct{} // wakes the reporter

	mu                sync.Mutex
	heard             bool
	heardAt           time.Duration
	authorityPosition uint64
	target            uint64 // what the authority had when it was first heard
	copied            int64
	reported          uint64 // the position last taken by the authority
	reportedAt        time.Duration
	err               error
}

func newFollowing(r *Replica, l *replica.Leadership, term *replica.Following) *following {
	c := r.cfg
	f := &following{
		cfg: c, contents: r.contents, backup: r.backup, term: term, rule: l.Rule, current: func() error { return l.Follows(term) },
		awaited: func() bool { return awaits(l.Rule(), c.Region) }, due: make(chan struct{}, 1),
	}
	f.ships = newShipper(f, l.Rule)
	return f
}

// Follow copies from the authority of epoch. The same authority and epoch again
// changes nothing. ErrStaleEpoch if a higher epoch is known.
func (r *Replica) Follow(ctx context.Context, authority string, epoch uint64) error {
	return r.leadership.Follow(ctx, authority, epoch, func(to *replica.Change) error { return r.begin(ctx, to) })
}

// begin keeps on disk whom it follows, and begins to copy.
func (r *Replica) begin(ctx context.Context, to *replica.Change) error {
	return r.contents.apply(ctx, step{
		allowed: to.Check,
		write: func(c *change) error {
			c.saveEpochs(to.Epochs())
			// Without a snapshot yet, a backup has nothing that could lead.
			c.seeding = c.seeding || backsUp(r.leadership.Rule()) && c.position == 0 && !r.backup.Any()
			// An epoch that it led without a write would be taken to begin with the
			// next entry that it copies, which can be of an older one.
			return c.rewrite(c.epochs.cut(c.position))
		},
		then: func() {
			term := to.Done()
			if term == nil {
				return
			}
			r.contents.health.Reset()
			f := newFollowing(r, r.leadership, term)
			r.mu.Lock()
			r.following = f
			r.mu.Unlock()
			r.tasks.Go(f.run)
			r.tasks.Go(f.report)
			r.cfg.Logger.Info("following", "authority", term.Authority, "epoch", term.Epoch)
		},
	})
}

// describe fills in what is known of the authority.
func (f *following) describe(s *store.Status, now time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s.Copied = f.copied
	if s.Snapshot != nil {
		s.Snapshot.Count = f.ships.Count()
	}
	if f.heard {
		position := f.authorityPosition
		s.AuthorityPosition, s.Heard = &position, max(0, now-f.heardAt)
	}
	if f.err != nil {
		s.Error = f.err.Error()
	}
}

// run takes the stream up again and again.
func (f *following) run() {
	pause := f.cfg.RetryMin
	for {
		heard, err := f.copyOnce()
		if f.term.Context().Err() != nil {
			return
		}
		f.mu.Lock()
		f.err = err
		f.mu.Unlock()
		f.cfg.Logger.Warn("stream lost", "authority", f.term.Authority, "epoch", f.term.Epoch, "error", err)
		if heard {
			pause = f.cfg.RetryMin
		}
		select {
		case <-f.term.Context().Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, f.cfg.RetryMax)
	}
}

// copyOnce makes the log a prefix of the authority's, then copies until the
// stream ends. It always ends with an error; heard says whether it got a batch.
func (f *following) copyOnce() (heard bool, err error) {
	if err := f.comparable(); err != nil {
		return false, err
	}
	keep, position, err := f.commonPoint()
	if err != nil {
		return false, err
	}
	if keep < position {
		if err := f.cutTail(keep, position); err != nil {
			return false, err
		}
	}
	if backsUp(f.rule()) {
		return f.ships.Run(f.term.Context())
	}
	// Silence is Upstream's to detect: only it sees the pieces of a batch that takes
	// long to arrive, and a batch that was given up would be begun again for ever.
	err = f.cfg.Upstream.Stream(f.term.Context(), f.term.Authority, f.cfg.Dataset, f.term.Epoch, keep, func(b store.Batch) error {
		if err := f.take(b); err != nil {
			return err
		}
		heard = true
		f.gather(f.term.Context(), b)
		return nil
	})
	if err == nil {
		err = errors.New("it ended the stream")
	}
	return heard, fmt.Errorf("stream of %s from %s: %w", f.cfg.Dataset, f.term.Authority, err)
}

// commonPoint finds how much of the log is the authority's too: the entries up
// to keep. Two logs that share an epoch share its entries, as far as both have
// them, since one region alone numbered them. So it asks for the last epoch it
// has entries of; where the authority has not got that one, it goes back to an
// epoch that both have (KIP-279). The position does not move meanwhile.
func (f *following) commonPoint() (keep, position uint64, err error) {
	held := f.contents.view()
	err = f.current()
	position = held.position
	epochs, ask := held.epochs.cut(position), held.lastIn
	for err == nil && ask > 0 {
		var theirs store.EpochEnd
		if theirs, err = f.askEnd(ask); err != nil {
			break
		}
		mine := epochs.end(theirs.Epoch, position)
		if mine.Epoch == theirs.Epoch {
			return min(mine.End, theirs.End), position, nil
		}
		ask = mine.Epoch
	}
	return 0, position, err
}

func (f *following) askEnd(epoch uint64) (store.EpochEnd, error) {
	ctx, cancel := context.WithTimeout(f.term.Context(), f.cfg.Request)
	defer cancel()
	end, err := f.cfg.Upstream.EpochEnd(ctx, f.term.Authority, f.cfg.Dataset, f.term.Epoch, epoch)
	if err == nil && end.Epoch > epoch {
		err = fmt.Errorf("it answered with epoch %d", end.Epoch)
	}
	if err != nil {
		return end, fmt.Errorf("ask %s where epoch %d of %s ended: %w", f.term.Authority, epoch, f.cfg.Dataset, err)
	}
	return end, nil
}

// take stores a batch in one transaction; with it, or without one, it keeps what
// the authority has.
func (f *following) take(b store.Batch) error {
	if err := f.current(); err != nil {
		return err
	}
	target := f.hear(b.Position)
	if len(b.Entries) > 0 {
		if err := f.storeBatch(b); err != nil {
			return err
		}
	}
	held := f.contents.view()
	if held.seeding && held.position >= target {
		if err := f.seeded(); err != nil {
			return err
		}
	}
	if held.tail != nil && held.position >= b.Position {
		if err := f.caughtUp(); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = nil
	if f.reported != held.position || f.reportedAt == 0 || f.cfg.Clock()-f.reportedAt >= f.cfg.Report {
		f.dueNow()
	}
	return nil
}

// hear keeps how far the authority is, and says how far it was when it was first heard.
func (f *following) hear(position uint64) uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.heard {
		f.target = position
	}
	f.heard, f.heardAt, f.authorityPosition = true, f.cfg.Clock(), position
	return f.target
}

// gather lets entries come together once it has stored all that the authority had: the next batch, and so the next
// transaction, has those of all that time. A write that waits for this region's report is not held up.
func (f *following) gather(ctx context.Context, b store.Batch) {
	if n := len(b.Entries); n == 0 || b.Entries[n-1].Index < b.Position || f.awaited() {
		return
	}
	wait := time.NewTimer(f.cfg.Gather)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
}

// awaits reports whether writes wait until a follower has reported them as stored. Before a rule was set they may.
func awaits(rule replica.Rule, follower string) bool {
	for _, d := range rule.Durabilities {
		if d.Mode == topology.ModeQuorum || d.Mode == topology.ModeSync && d.With == follower {
			return true
		}
	}
	return len(rule.Durabilities) == 0
}

func (f *following) storeBatch(b store.Batch) error {
	var bytes int64
	return f.contents.apply(context.Background(), step{
		allowed: f.current,
		write: func(c *change) error {
			for _, e := range b.Entries {
				if err := f.check(c, e, b.Position); err != nil {
					return fmt.Errorf("batch of %s from %s refused: %w", f.cfg.Dataset, f.term.Authority, err)
				}
				if err := c.append(e); err != nil {
					return err
				}
				bytes += int64(len(e.Payload))
			}
			return nil
		},
		then: func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.copied += bytes
		},
	})
}

// check holds an entry against what may come next.
func (f *following) check(c *change, e store.Entry, position uint64) error {
	switch {
	case e.Index != c.position+1:
		return fmt.Errorf("entry %d came where %d is next", e.Index, c.position+1)
	case e.Index > position:
		return fmt.Errorf("entry %d came from an authority that has %d", e.Index, position)
	case e.Epoch == 0 || e.Epoch < c.lastIn || e.Epoch > f.term.Epoch:
		return fmt.Errorf("entry %d is of epoch %d, after one of epoch %d, in a stream of epoch %d", e.Index, e.Epoch, c.lastIn, f.term.Epoch)
	}
	if err := checkWrite(e.ID, e.Payload); err != nil {
		return fmt.Errorf("entry %d: %w", e.Index, err)
	}
	if at := c.ids.Get([]byte(e.ID)); at != nil {
		return fmt.Errorf("entry %d has id %s, which an earlier entry has", e.Index, strconv.Quote(e.ID))
	}
	return nil
}
