// Package log is the log engine of package store: one region's copy of a
// dataset as an append-only log in a bbolt file, replicated as Kafka does it.
//
// Every entry carries the leader epoch that it was written in. The authority
// numbers the entries and acknowledges a write once it is on disk (writes that
// wait together share one fsync) and the lease is still held. A follower copies
// from its last position, after it has cut its log back to where the two
// histories part (KIP-101, KIP-279); what it cuts it exports to a file first.
//
// Who leads is decided outside: a replica only obeys epochs, and a lease that is
// counted on its own monotonic clock (package replica).
package log

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
	"github.com/fleetdrill/fleetdrill/drill/store/snapshot"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var (
	_ store.Replica   = (*Replica)(nil)
	_ store.Source    = (*Replica)(nil)
	_ store.Preloader = (*Replica)(nil)
)

// Replica is one region's copy of a dataset; see store.Replica and store.Source.
type Replica struct {
	cfg        Config
	leadership *replica.Leadership
	contents   *contents
	*faults
	backup  *snapshot.Holder
	reports *reports
	queue   chan *pending // appends, handed to the committer
	tasks   sync.WaitGroup

	mu        sync.Mutex
	following *following // the last one that was begun
}

// Open opens the replica in c.Dir, or makes a new one. Whatever it was before,
// it starts fenced. Close it.
func Open(c Config) (*Replica, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	d, s, err := openDisk(c)
	if err != nil {
		return nil, err
	}
	if err := diverged.Sweep(filepath.Join(c.Dir, diverged.Folder)); err != nil {
		return nil, errors.Join(fmt.Errorf("open log of %s: %w", c.Dataset, err), d.db.Close())
	}
	b, err := snapshot.Open(filepath.Join(c.Dir, snapshot.Folder), c.Clock, time.Now())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open log of %s: %w", c.Dataset, err), d.db.Close())
	}
	opened := time.Now()
	health := replica.NewHealth(func() time.Duration { return time.Since(opened) })
	r := &Replica{cfg: c, contents: newContents(d, s, health, c.Logger), backup: b, reports: newReports(c.Region, s.saved.Led), queue: make(chan *pending)}
	if s.seeding && b.Any() {
		// A start came in the middle of loading that snapshot, which is there as before.
		if err := (&loader{contents: r.contents, begun: true}).drop(); err != nil {
			return nil, errors.Join(fmt.Errorf("open log of %s: %w", c.Dataset, err), d.db.Close())
		}
	}
	r.leadership = replica.New(replica.Config{
		Dataset: c.Dataset, Region: c.Region, Run: c.Run, Clock: c.Clock, After: time.After,
		Seeding: r.contents.seeding, Alone: c.Upstream == nil, Backup: true,
	}, s.saved)
	r.faults = &faults{contents: r.contents, over: r.leadership.Context()}
	r.tasks.Go(r.commitAll)
	r.tasks.Go(func() {
		// A probe writes to the disk as users' writes do, and stores none, where it takes writes
		// and nobody sends any, or where that is how the disk is known to work again.
		r.contents.health.Watch(r.leadership.Context(), time.After, func() {
			stalled, _ := r.contents.health.Stalled()
			_, refuses := r.leadership.Serving()
			if refuses != nil {
				r.contents.health.Lapsed()
			}
			if refuses == nil || stalled > 0 || r.contents.lacksRoom() > 0 {
				r.contents.retry(context.Background())
			}
		})
	})
	c.Logger.Info("log opened", "position", s.position, "last_epoch", s.lastIn, "epoch", s.saved.Seen, "bytes", s.bytes)
	return r, nil
}

// Close stops all work and releases the file. Appends that wait end with store.ErrClosed.
func (r *Replica) Close() error {
	if !r.leadership.Close() {
		return nil
	}
	// A change that is under way may start one more task.
	r.contents.close()
	r.tasks.Wait()
	if err := r.contents.disk.db.Close(); err != nil {
		return fmt.Errorf("close %s: %w", r.contents.disk.path, err)
	}
	return nil
}

// Configure sets the mode and the regions that hold the dataset. Writes that wait are
// judged anew at once: a weaker mode lets them go. ErrMode for a mode that can't be
// kept: sync without a partner among the regions, a majority of regions that this one
// is not among.
func (r *Replica) Configure(_ context.Context, d topology.Dataset) error {
	return r.leadership.Configure(d)
}

// Epoch is the highest epoch that it has been given.
func (r *Replica) Epoch() uint64 { return r.leadership.Epoch() }

// Grant lets the authority of epoch serve writes until lease after the reading; see
// store.Replica.
func (r *Replica) Grant(_ context.Context, epoch uint64, echo store.Clock, lease time.Duration) error {
	return r.leadership.Grant(epoch, echo, lease)
}

// Promote makes this replica the authority in epoch, beginning with the next
// position; that start is on disk when it returns. The same epoch again changes
// nothing. ErrStaleEpoch if epoch is below one it was given, or another region may lead
// it; ErrSeeding while it is copied whole.
func (r *Replica) Promote(ctx context.Context, epoch uint64) error {
	return r.leadership.Promote(ctx, epoch, func(to *replica.Change) error {
		if r.backup.Any() {
			to.Leave() // what is shipped from here on would take the log's place
			if err := restore(ctx, r.cfg, r.contents, r.backup); err != nil {
				return err
			}
		}
		err := r.contents.apply(ctx, step{
			allowed: to.Check,
			write: func(c *change) error {
				c.saveEpochs(to.Epochs())
				c.tail = nil
				return c.begin(epoch, c.position+1)
			},
			then: func() {
				r.contents.health.Reset()
				r.reports.begin(epoch)
				to.Done()
			},
		})
		if err == nil {
			forget(r.backup, r.cfg.Logger)
			r.cfg.Logger.Info("promoted", "epoch", epoch)
		}
		return err
	})
}

// Fence stops writes in every epoch below epoch at once, and copying from an
// authority of such an epoch: when it returns, the position stays as it is until
// Promote or Follow. If the disk can't persist it, it holds in memory all the
// same, and the error says so. ErrStaleEpoch if a higher epoch is known.
func (r *Replica) Fence(ctx context.Context, epoch uint64) error {
	return r.leadership.Fence(epoch, func(*replica.Following) error {
		r.contents.health.Fenced()
		if err := r.contents.saveSeen(ctx, epoch); err != nil {
			return fmt.Errorf("it takes no writes, but a restart may forget that: %w", err)
		}
		r.cfg.Logger.Info("fenced", "below", epoch)
		return nil
	})
}

// Status is the replica now. It never waits for the disk.
func (r *Replica) Status(context.Context) (store.Status, error) {
	now := r.cfg.Clock()
	s, standing, err := r.leadership.Status()
	if err != nil {
		return s, err
	}
	held := r.contents.view()
	s.Position, s.Entries, s.LastIn, s.Bytes, s.Seeding = held.position, held.position, held.lastIn, held.bytes, held.seeding
	if held.lastCut != nil {
		cut := *held.lastCut
		s.Cut = &cut
	}
	if standing.Led != 0 && standing.Led == held.saved.Led {
		describeAuthority(&s, r.reports, held, standing.Rule)
	}
	r.backup.Describe(&s)
	r.mu.Lock()
	f := r.following
	r.mu.Unlock()
	if f != nil && f.term == standing.Following {
		f.describe(&s, now)
	}
	r.contents.health.Describe(&s)
	s.Disk = r.contents.disk.gate.Fault()
	if held.diskErr != nil {
		s.Error = held.diskErr.Error()
	}
	return s, nil
}

// describeAuthority fills in what an authority knows of its followers.
func describeAuthority(s *store.Status, reported *reports, held view, rule replica.Rule) {
	copies := reported.copies(held.state, rule)
	n, oldest := reported.waiting()
	s.Followers, s.DurableIndex, s.AtRisk = copies.Followers, rule.DurableIndex(copies), atRisk(copies, rule)
	if n > 0 {
		s.Waiting, s.WaitingFor = n, copies.WaitingFor(rule.Durabilities, oldest)
	}
}

// atRisk is how many entries that may have been acknowledged no other region has
// reported as stored (those that wait for a report are not at risk: nobody has an
// acknowledgement of them); nil while others hold the dataset and none has reported
// since this one was promoted or opened: they may have all of it.
func atRisk(copies replica.Copies, rule replica.Rule) *uint64 {
	alone := slices.Equal(copies.Regions, []string{copies.Region})
	if len(copies.Followers) == 0 && copies.Position > 0 && !alone {
		return nil
	}
	best := uint64(0)
	for _, position := range copies.Followers {
		best = max(best, position)
	}
	durable := copies.Durable(rule.Durabilities)
	risk := durable - min(best, durable)
	return &risk
}
