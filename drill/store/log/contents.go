package log

import (
	"errors"
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
	writing sync.Mutex
	failed  chan struct{} // wakes the committer when the disk began to refuse

	mu      sync.Mutex // never held while a disk or a peer is waited for
	closed  bool
	state   state  // what is on disk
	seen    uint64 // highest epoch that is to be on disk: the next change takes it along
	cuts    uint64 // how often a tail was cut, so that an audit notices
	lastCut *store.Cut
	diskErr error
	changed chan struct{} // closed, and replaced, when any of this changes
}

func newContents(d *disk, s state, logger *slog.Logger) *contents {
	return &contents{disk: d, logger: logger, state: s, lastCut: s.tail, failed: make(chan struct{}, 1), changed: make(chan struct{})}
}

// step is one change of the contents: whether it is allowed (nil: always), what it does
// to the disk, and what else is done once that is on disk. All three run while nothing
// else is changed; then runs before anybody sees the new state, and takes no lock of
// contents.
type step struct {
	allowed func() error
	write   func(*change) error
	then    func()
}

func (c *contents) apply(s step) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.mu.Lock()
	before, closed := c.state, c.closed
	before.saved.Seen = max(before.saved.Seen, c.seen)
	c.mu.Unlock()
	if closed {
		return store.ErrClosed
	}
	if s.allowed != nil {
		if err := s.allowed(); err != nil {
			return err
		}
	}
	commits := c.disk.commits
	after, err := c.disk.change(before, s.write)

	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		if errors.Is(err, errDisk) {
			c.fail(err)
		}
		return err
	}
	if c.diskErr != nil && c.disk.commits > commits {
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
	return nil
}

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
func (c *contents) saveSeen(epoch uint64) error {
	c.mu.Lock()
	c.seen = max(c.seen, epoch)
	c.mu.Unlock()
	return c.rewrite()
}

// rewrite writes the state as it is to be.
func (c *contents) rewrite() error {
	return c.apply(step{write: func(c *change) error { c.dirty = true; return nil }})
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
	c.writing.Lock()
	c.writing.Unlock() //nolint:staticcheck // a barrier, not a section
}

// retry tries a disk that refuses again: it fails, and so is tried once more, or takes
// the write, which clears the error.
func (c *contents) retry() {
	if err := c.rewrite(); err != nil {
		c.logger.Debug("disk still refuses", "error", err)
	}
}
