package log

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/snapshot"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// backsUp says that snapshots are shipped in place of following entry by entry.
func (f *following) backsUp() bool { return f.rule().Mode == topology.ModeBackup }

// Snapshot ships one now; see store.Snapshotter.
func (r *Replica) Snapshot(ctx context.Context) error {
	r.mu.Lock()
	f := r.following
	r.mu.Unlock()
	var err error
	if f == nil || f.current() != nil || !f.backsUp() {
		err = fmt.Errorf("%w: it holds no snapshots of anybody", store.ErrMode)
	} else {
		err = f.askFor(ctx)
	}
	if err != nil {
		return fmt.Errorf("snapshot of %s to %s: %w", r.cfg.Dataset, r.cfg.Region, err)
	}
	return nil
}

// askFor waits for a snapshot that is begun from here on.
func (f *following) askFor(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case f.wanted <- answer:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-f.term.Context().Done():
		return store.ErrNotAuthority
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// backUp ships a snapshot whenever one is due or wanted, until that fails; between two it
// asks the authority how far it is. heard says whether that answered.
func (f *following) backUp() (heard bool, err error) {
	for {
		var answer chan<- error
		if answer, err = f.awaitTurn(); err != nil {
			return heard, err
		}
		err = f.ship()
		if answer != nil {
			answer <- err
		}
		if err != nil {
			return heard, err
		}
		heard = true
	}
}

// awaitTurn waits until a snapshot is due, and says who wants it; nil where it is time.
func (f *following) awaitTurn() (chan<- error, error) {
	for {
		f.mu.Lock()
		left := f.shippedAt + f.rule().Every - f.cfg.Clock()
		first := f.shipped == 0
		f.mu.Unlock()
		if first || left <= 0 {
			return nil, nil
		}
		select {
		case answer := <-f.wanted:
			return answer, nil
		case <-f.term.Context().Done():
			return nil, f.term.Context().Err()
		case <-time.After(min(left, f.cfg.Report)):
			end, err := f.askEnd(f.term.Epoch)
			if err != nil {
				return nil, err
			}
			f.hear(end.End)
		}
	}
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

// errShipped ends a stream of which a snapshot has all.
var errShipped = errors.New("the snapshot is whole")

// ship copies everything that the authority holds at one moment to a file: the log up to the
// position that its first answer names, which nothing changes any more.
func (f *following) ship() error {
	w, err := snapshot.Create(f.backup.dir)
	if err != nil {
		return err
	}
	p := parcel{f: f, out: w}
	// Each attempt has its own end: the stream of one that is whole goes on otherwise.
	ctx, cancel := context.WithCancel(f.term.Context())
	defer cancel()
	err = f.cfg.Upstream.Stream(ctx, f.term.Authority, f.cfg.Dataset, f.term.Epoch, 0, p.take)
	if !errors.Is(err, errShipped) {
		if err == nil {
			err = errors.New("it ended the stream")
		}
		return errors.Join(fmt.Errorf("snapshot of %s from %s: %w", f.cfg.Dataset, f.term.Authority, err), w.Drop())
	}
	if err := f.keep(w, p.began, p.taken); err != nil {
		return fmt.Errorf("keep a snapshot of %s: %w", f.cfg.Dataset, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shipped, f.shippedAt, f.err = f.shipped+1, p.began, nil
	f.dueNow()
	return nil
}

// parcel is a snapshot on its way.
type parcel struct {
	f      *following
	out    *snapshot.Writer
	begun  bool
	began  time.Duration
	taken  time.Time
	upTo   uint64
	passed uint64
}

func (p *parcel) take(b store.Batch) error {
	if err := p.f.current(); err != nil {
		return err
	}
	p.f.hear(b.Position)
	if !p.begun {
		p.begun, p.began, p.taken, p.upTo = true, p.f.cfg.Clock(), time.Now(), b.Position
	}
	var bytes int64
	for _, e := range b.Entries {
		if e.Index > p.upTo {
			break
		}
		if e.Epoch > p.f.term.Epoch {
			return fmt.Errorf("entry %d is of epoch %d, in a stream of epoch %d", e.Index, e.Epoch, p.f.term.Epoch)
		}
		if err := checkWrite(e.ID, e.Payload); err != nil {
			return fmt.Errorf("entry %d: %w", e.Index, err)
		}
		if err := p.out.Put(e); err != nil {
			return err
		}
		p.passed = e.Index
		bytes += int64(len(e.Payload))
	}
	p.f.mu.Lock()
	p.f.copied += bytes
	p.f.mu.Unlock()
	if p.passed >= p.upTo {
		return errShipped
	}
	return nil
}

// position is up to where all is on disk here, in the log or as a snapshot.
func (f *following) position() uint64 {
	held := f.contents.view()
	if k := f.backup.holding(held.position, held.lastIn); k != nil {
		return k.Position
	}
	return held.position
}

// comparable has a snapshot that is no beginning of the authority's log be a log again, so
// that its tail is cut and exported as any other.
func (f *following) comparable() error {
	held := f.contents.view()
	k := f.backup.holding(held.position, held.lastIn)
	if k == nil || k.Epoch == 0 {
		return nil
	}
	theirs, err := f.askEnd(k.Epoch)
	if err != nil || theirs.Epoch == k.Epoch && theirs.End >= k.Position {
		return err
	}
	return f.restore(f.term.Context())
}
