package log

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// errLeft ends the work of a following that is over.
var errLeft = errors.New("it follows no longer")

// following is a replica following one authority in one epoch, from Follow until
// Fence, Promote, another Follow, or Close.
type following struct {
	*Replica
	authority string
	epoch     uint64
	ctx       context.Context
	leave     context.CancelFunc
	due       chan struct{} // wakes the reporter

	// Under Replica.mu.
	heard             bool
	heardAt           time.Duration
	authorityPosition uint64
	target            uint64 // what the authority had when it was first heard
	copied            int64
	reported          uint64 // the position last taken by the authority
	reportedAt        time.Duration
	err               error
}

// Follow copies from the authority of epoch. The same authority and epoch again
// changes nothing. ErrStaleEpoch if a higher epoch is known.
func (r *Replica) Follow(_ context.Context, authority string, epoch uint64) error {
	var already bool
	var told uint64
	err := r.apply(step{
		allowed: func() error {
			f := r.following
			already = f != nil && f.authority == authority && f.epoch == epoch
			switch {
			case authority == "" || authority == r.cfg.Region:
				return errors.New("name another region: a replica can't follow itself")
			case r.cfg.Upstream == nil:
				return errors.New("it was opened without a way to other regions")
			case epoch == 0 || epoch < r.epoch:
				return fmt.Errorf("%w: it knows of epoch %d", store.ErrStaleEpoch, r.epoch)
			case r.leads() && epoch == r.led:
				return errors.New("it leads that epoch itself: promote the other one in a higher epoch first")
			}
			return nil
		},
		write: func(c *change) error {
			if already {
				return nil
			}
			c.epoch, c.reign, c.led, c.dirty = epoch, epoch, 0, true
			// An epoch that it led without a write would be taken to begin with the
			// next entry that it copies, which can be of an older one.
			return c.rewrite(c.epochs.cut(c.position))
		},
		then: func() {
			told = r.epoch
			if already || told > epoch || r.closed {
				return
			}
			r.unfollow()
			r.lease = 0
			r.follow(authority, epoch)
		},
	})
	if err == nil && told > epoch {
		err = fmt.Errorf("%w: it was fenced below epoch %d meanwhile", store.ErrStaleEpoch, told)
	}
	if err != nil {
		return fmt.Errorf("follow %s in epoch %d with %s in %s: %w", authority, epoch, r.cfg.Dataset, r.cfg.Region, err)
	}
	return nil
}

// follow begins to follow; call it with mu held.
func (r *Replica) follow(authority string, epoch uint64) {
	f := &following{Replica: r, authority: authority, epoch: epoch, due: make(chan struct{}, 1)}
	f.ctx, f.leave = context.WithCancel(r.ctx)
	r.following = f
	r.tasks.Add(2)
	go f.run()
	go f.report()
	r.cfg.Logger.Info("following", "authority", authority, "epoch", epoch)
}

// unfollow stops at once what following is still doing; call it with mu held. A
// batch that is half way in still goes in whole, unless it waits for its turn.
func (r *Replica) unfollow() {
	if r.following != nil {
		r.following.leave()
		r.following = nil
	}
}

// current says whether this is still what the replica does. Call it with mu held.
func (f *following) current() error {
	if f.following != f {
		return errLeft
	}
	return nil
}

// run takes the stream up again and again.
func (f *following) run() {
	defer f.tasks.Done()
	pause := f.cfg.RetryMin
	for {
		heard, err := f.copyOnce()
		if f.ctx.Err() != nil {
			return
		}
		f.mu.Lock()
		f.err = err
		f.mu.Unlock()
		f.cfg.Logger.Warn("stream lost", "authority", f.authority, "epoch", f.epoch, "error", err)
		if heard {
			pause = f.cfg.RetryMin
		}
		select {
		case <-f.ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, f.cfg.RetryMax)
	}
}

// copyOnce makes the log a prefix of the authority's, then copies until the
// stream ends. It always ends with an error; heard says whether it got a batch.
func (f *following) copyOnce() (heard bool, err error) {
	keep, position, err := f.commonPoint()
	if err != nil {
		return false, err
	}
	if keep < position {
		if err := f.cutTail(keep, position); err != nil {
			return false, err
		}
	}
	// Silence is Upstream's to judge: only it sees the pieces of a batch that is long
	// on its way, and a batch that was given up would be begun again for ever.
	err = f.cfg.Upstream.Stream(f.ctx, f.authority, f.cfg.Dataset, f.epoch, keep, func(b store.Batch) error {
		if err := f.take(b); err != nil {
			return err
		}
		heard = true
		return nil
	})
	if err == nil {
		err = errors.New("it ended the stream")
	}
	return heard, fmt.Errorf("stream of %s from %s: %w", f.cfg.Dataset, f.authority, err)
}

// commonPoint finds how much of the log is the authority's too: the entries up
// to keep. Two logs that share an epoch share its entries, as far as both have
// them, since one region alone numbered them. So it asks for the last epoch it
// has entries of; where the authority has not got that one, it goes back to an
// epoch that both have (KIP-279). The position does not move meanwhile.
func (f *following) commonPoint() (keep, position uint64, err error) {
	f.mu.Lock()
	err = f.current()
	position = f.position
	epochs, ask := f.epochs.cut(position), f.lastIn
	f.mu.Unlock()
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
	ctx, cancel := context.WithTimeout(f.ctx, f.cfg.Request)
	defer cancel()
	end, err := f.cfg.Upstream.EpochEnd(ctx, f.authority, f.cfg.Dataset, f.epoch, epoch)
	if err == nil && end.Epoch > epoch {
		err = fmt.Errorf("it answered with epoch %d", end.Epoch)
	}
	if err != nil {
		return end, fmt.Errorf("ask %s where epoch %d of %s ended: %w", f.authority, epoch, f.cfg.Dataset, err)
	}
	return end, nil
}

// take stores a batch in one transaction; with it, or without one, it notes what
// the authority has.
func (f *following) take(b store.Batch) error {
	f.mu.Lock()
	err := f.current()
	if err == nil {
		if !f.heard {
			f.target = b.Position
		}
		f.heard, f.heardAt, f.authorityPosition = true, f.cfg.Clock(), b.Position
	}
	f.mu.Unlock()
	if err == nil && len(b.Entries) > 0 {
		err = f.storeBatch(b)
	}
	f.mu.Lock()
	seeded, caught := f.seeding && f.position >= f.target, f.tail != nil && f.position >= b.Position
	f.mu.Unlock()
	if err == nil && seeded {
		err = f.seeded()
	}
	if err == nil && caught {
		err = f.caughtUp()
	}
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = nil
	if f.reported != f.position || f.reportedAt == 0 || f.cfg.Clock()-f.reportedAt >= f.cfg.Report {
		f.dueNow()
	}
	return nil
}

func (f *following) storeBatch(b store.Batch) error {
	var bytes int64
	return f.apply(step{
		allowed: f.current,
		write: func(c *change) error {
			for _, e := range b.Entries {
				if err := f.check(c, e, b.Position); err != nil {
					return fmt.Errorf("batch of %s from %s refused: %w", f.cfg.Dataset, f.authority, err)
				}
				if err := c.append(e); err != nil {
					return err
				}
				bytes += int64(len(e.Payload))
			}
			return nil
		},
		then: func() { f.copied += bytes },
	})
}

// check holds an entry against what may come next.
func (f *following) check(c *change, e store.Entry, position uint64) error {
	switch {
	case e.Index != c.position+1:
		return fmt.Errorf("entry %d came where %d is next", e.Index, c.position+1)
	case e.Index > position:
		return fmt.Errorf("entry %d came from an authority that has %d", e.Index, position)
	case e.Epoch == 0 || e.Epoch < c.lastIn || e.Epoch > f.epoch:
		return fmt.Errorf("entry %d is of epoch %d, after one of epoch %d, in a stream of epoch %d", e.Index, e.Epoch, c.lastIn, f.epoch)
	}
	if err := checkWrite(e.ID, e.Payload); err != nil {
		return fmt.Errorf("entry %d: %w", e.Index, err)
	}
	if at := c.ids.Get([]byte(e.ID)); at != nil {
		return fmt.Errorf("entry %d has id %s, which an earlier entry has", e.Index, strconv.Quote(e.ID))
	}
	return nil
}

// reportsInFlight is how many reports may be on their way. With one, an entry that
// comes while it is out would wait for a whole round trip more, and sync would
// cost its users two; eight keep up with 200 writes a second over 40 ms each way.
const reportsInFlight = 8

// report tells the authority what is on disk here, the newest position each
// time. It begins with the first batch, since before that a part of the log may
// not be the authority's. Reports may overtake one another: all are of positions
// that were on disk, so a late one acknowledges nothing too early; but it may
// undo a newer one, so then that is said again.
func (f *following) report() {
	defer f.tasks.Done()
	slots := make(chan struct{}, reportsInFlight)
	for {
		select {
		case <-f.ctx.Done():
			return
		case <-f.due:
		}
		select {
		case <-f.ctx.Done():
			return
		case slots <- struct{}{}:
		}
		f.mu.Lock()
		position := f.position
		f.mu.Unlock()
		f.tasks.Add(1)
		go func() {
			defer f.tasks.Done()
			defer func() { <-slots }()
			f.reportOne(position)
		}()
	}
}

func (f *following) reportOne(position uint64) {
	ctx, cancel := context.WithTimeout(f.ctx, f.cfg.Request)
	defer cancel()
	if err := f.cfg.Upstream.Stored(ctx, f.authority, f.cfg.Dataset, f.epoch, f.cfg.Region, position); err != nil {
		// It may have arrived all the same, or yet arrive behind a newer one. The next
		// batch or heartbeat, some 100 ms away, asks for it again.
		f.cfg.Logger.Debug("report lost", "authority", f.authority, "position", position, "error", err)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.reportedAt = 0
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if position < f.reported {
		// A newer one was answered before: which of them the authority took last nobody
		// knows, and writes may wait there for what the newer one said.
		f.dueNow()
		return
	}
	f.reported, f.reportedAt = position, max(1, f.cfg.Clock())
}

// dueNow asks for a report. Call it with mu held or not.
func (f *following) dueNow() {
	select {
	case f.due <- struct{}{}:
	default:
	}
}
