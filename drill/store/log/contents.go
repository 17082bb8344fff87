package log

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

// contents is what a replica holds: its file, and the state of it in memory. Changes
// are made one after the other; readers wait for none of them.
//
// Locks are taken in this order: writing, mu, then one of those of Leadership, reports,
// Replica and following, which hold no other while they call out.
type contents struct {
	disk   *disk
	logger *slog.Logger

	// writing is held over each change: from the check that it is allowed, through the
	// transaction, to the new state in memory. It is taken before mu.
	writing baton
	health  *replica.Health // what came of each change at the disk
	failed  chan struct{}   // wakes the committer when the disk began to refuse

	mu      sync.Mutex // never held while a disk or a peer is waited for
	closed  bool
	state   state  // what is on disk
	seen    uint64 // highest epoch that is to be on disk: the next change takes it along
	cuts    uint64 // how often a tail was cut, so that an audit notices
	lastCut *store.Cut
	diskErr error
	needs   int64         // payload bytes that the disk refused at once, and has not been seen to have room for since
	changed chan struct{} // closed, and replaced, when any of this changes
}

func newContents(d *disk, s state, h *replica.Health, logger *slog.Logger) *contents {
	return &contents{disk: d, logger: logger, writing: make(baton, 1), health: h, state: s, lastCut: s.tail, failed: make(chan struct{}, 1), changed: make(chan struct{})}
}

// step is one change of the contents: whether it is allowed (nil: always), what it does
// to the disk, and what else is done once that is on disk. All three run while nothing
// else is changed; then runs before anybody sees the new state, and takes no lock of
// contents.
type step struct {
	allowed func() error
	write   func(*change) error
	then    func()
	// proves says that it needs as much room as what was refused: that it is on disk says that the disk works.
	proves bool
}

// baton is held by one at a time. Who waits for it gives up with its context: a disk that
// hangs keeps whoever holds it.
type baton chan struct{}

func (b baton) take(ctx context.Context) error {
	select {
	case b <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (b baton) give() { <-b }

// apply makes a change once it is its turn, for which it waits until ctx ends.
func (c *contents) apply(ctx context.Context, s step) error {
	came := c.health.Try()
	wrote, err := c.change(ctx, s)
	switch {
	case errors.Is(err, errDisk):
		came(err)
	case wrote && (s.proves || c.lacksRoom() == 0):
		came(nil)
	default:
		came(replica.ErrUntried)
	}
	return err
}

// change says whether something came to be on disk.
func (c *contents) change(ctx context.Context, s step) (wrote bool, err error) {
	if err := c.writing.take(ctx); err != nil {
		return false, fmt.Errorf("%w: %w", errWaits, err)
	}
	defer c.writing.give()
	c.mu.Lock()
	before, closed := c.state, c.closed
	before.saved.Seen = max(before.saved.Seen, c.seen)
	c.mu.Unlock()
	if closed {
		return false, store.ErrClosed
	}
	if s.allowed != nil {
		if err := s.allowed(); err != nil {
			return false, err
		}
	}
	commits, adds := c.disk.commits, int64(0)
	after, err := c.disk.change(before, func(to *change) error {
		err := s.write(to)
		adds = to.bytes - before.bytes
		return err
	})

	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		if errors.Is(err, errDisk) {
			c.needs = max(c.needs, adds)
			c.fail(err)
		}
		return false, err
	}
	wrote = c.disk.commits > commits
	if s.proves || adds > 0 {
		c.needs = 0
	}
	if c.diskErr != nil && wrote {
		c.logger.Info("disk takes writes again")
		c.diskErr = nil
	}
	if before.position > after.position {
		c.cuts++
	}
	if after.tail != nil {
		c.lastCut = after.tail
	}
	c.state = after
	if s.then != nil {
		s.then()
	}
	close(c.changed)
	c.changed = make(chan struct{})
	return wrote, nil
}

// errWaits: it was not its turn before whoever asked gave up.
var errWaits = errors.New("its disk has not ended what it was asked before")

// fail keeps the disk's refusal for the status; the committer tries it again now and
// then. It runs within apply.
func (c *contents) fail(err error) {
	if c.diskErr == nil {
		c.logger.Error("disk refuses", "error", err)
	}
	c.diskErr = err
	select {
	case c.failed <- struct{}{}:
	default:
	}
}

// view is the contents at one moment.
type view struct {
	state
	cuts    uint64
	lastCut *store.Cut
	diskErr error
	changed <-chan struct{}
}

func (c *contents) view() view {
	c.mu.Lock()
	defer c.mu.Unlock()
	return view{c.state, c.cuts, c.lastCut, c.diskErr, c.changed}
}

// seeding says whether it dropped what it had and has not copied all of it yet.
func (c *contents) seeding() bool { return c.view().seeding }

// saveSeen keeps an epoch on disk as the highest that was seen. Waiting for its turn to
// write also lets a batch that was half way in end first.
func (c *contents) saveSeen(ctx context.Context, epoch uint64) error {
	c.mu.Lock()
	c.seen = max(c.seen, epoch)
	c.mu.Unlock()
	return c.rewrite(ctx)
}

// rewrite writes the state as it is to be.
func (c *contents) rewrite(ctx context.Context) error {
	return c.apply(ctx, step{write: func(c *change) error { c.dirty = true; return nil }})
}

// saveEpochs puts the epochs of a promotion or a following in a change.
func (c *change) saveEpochs(next replica.Epochs) {
	next.Seen = max(next.Seen, c.saved.Seen)
	c.saved, c.dirty = next, true
}

// close refuses all changes from now on, and returns once the last one is over.
func (c *contents) close() {
	c.mu.Lock()
	c.closed = true
	close(c.changed)
	c.changed = make(chan struct{})
	c.mu.Unlock()
	c.disk.gate.Close()
	_ = c.writing.take(context.Background()) // it has no end
	c.writing.give()
}

// lacksRoom is how many bytes of payload the disk refused at once and has not been seen to have room for since.
func (c *contents) lacksRoom() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.needs
}

// retry tries a disk that refuses again: it fails, and so is tried once more, or takes the write, which clears the error. It
// writes as much as was refused: a disk that is all but full takes a small write, and none of a user's.
func (c *contents) retry(ctx context.Context) {
	needs := c.lacksRoom()
	err := c.apply(ctx, step{proves: true, write: func(to *change) error { return to.ballast(needs) }})
	if err == nil && needs > 0 {
		err = c.apply(ctx, step{write: func(to *change) error { return to.remove(to.meta, ballastKey) }})
	}
	if err != nil {
		c.logger.Debug("disk still refuses", "error", err)
	}
}
