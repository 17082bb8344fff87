// Package log is the log engine of package store: one region's copy of a
// dataset as an append-only log in a bbolt file, replicated as Kafka does it.
//
// Every entry carries the leader epoch that it was written in. The authority
// numbers the entries and acknowledges a write once it is on disk (writes that
// wait together share one fsync) and the lease is still held. A follower copies
// from its last position, after it has cut its log back to where the two
// histories part (KIP-101, KIP-279); what it cuts it exports to a file first.
//
// Who leads is decided outside (package engine): a replica only obeys epochs,
// and a lease that is counted on its own monotonic clock.
package log

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
)

// ErrClosed: the replica was closed; its region is ending.
var ErrClosed = errors.New("replica is closed")

var (
	_ store.Replica = (*Replica)(nil)
	_ store.Source  = (*Replica)(nil)
)

// Replica is one region's copy of a dataset; see store.Replica and store.Source.
type Replica struct {
	cfg   Config
	disk  *disk
	queue chan *pending // appends, handed to the committer

	ctx   context.Context // ends with the replica
	end   context.CancelFunc
	tasks sync.WaitGroup
	ailed chan struct{} // wakes the committer when the disk began to refuse

	// writing is held over each change: from the check that it is allowed, through
	// the transaction, to the new state in memory. It is taken before mu.
	writing sync.Mutex

	mu     sync.Mutex // never held while a disk or a peer is waited for
	closed bool
	// state is on disk, but for the epoch, which Fence raises first and persists then.
	state
	mode      drill.Mode // "" until configured
	promises  []drill.Durability
	regions   []string       // that hold the dataset
	held      map[uint64]int // writes that wait for a promise, by their index
	judged    chan struct{}  // closed, and replaced, when a promise may hold that did not
	lease     time.Duration  // the reading of the own clock at which the lease ends
	following *following     // nil unless it follows
	followers map[string]uint64
	cuts      uint64 // how often a tail was cut, so that an audit notices
	lastCut   *store.Cut
	diskErr   error
	news      chan struct{} // closed, and replaced, when anything here changes that streams wait for
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
	r := &Replica{
		cfg: c, disk: d, state: s,
		queue: make(chan *pending), ailed: make(chan struct{}, 1), news: make(chan struct{}), judged: make(chan struct{}), held: map[uint64]int{},
		followers: map[string]uint64{}, lastCut: s.tail,
	}
	r.ctx, r.end = context.WithCancel(context.Background())
	r.tasks.Add(1)
	go r.commitAll()
	c.Logger.Info("log opened", "position", s.position, "last_epoch", s.lastIn, "epoch", s.epoch, "bytes", s.bytes)
	return r, nil
}

// Close stops all work and releases the file. Appends that wait end with ErrClosed.
func (r *Replica) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	r.end()
	r.tell()
	r.mu.Unlock()
	// A change that was under way when closed was set may start one more task.
	r.writing.Lock()
	r.writing.Unlock() //nolint:staticcheck // a barrier, not a section
	r.tasks.Wait()
	if err := r.disk.db.Close(); err != nil {
		return fmt.Errorf("close %s: %w", r.disk.path, err)
	}
	return nil
}

// step is one change of the replica: whether it is allowed (asked under mu),
// what it does to the disk, and what else it does to memory once that is on disk
// (under mu).
type step struct {
	allowed func() error
	write   func(*change) error
	then    func()
}

func (r *Replica) apply(s step) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.mu.Lock()
	err := s.allowed()
	if r.closed {
		err = ErrClosed
	}
	before := r.state
	r.mu.Unlock()
	if err != nil {
		return err
	}
	commits := r.disk.commits
	after, err := r.disk.change(before, s.write)

	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		if errors.Is(err, errDisk) {
			r.ail(err)
		}
		return err
	}
	if r.diskErr != nil && r.disk.commits > commits {
		r.cfg.Logger.Info("disk takes writes again")
		r.diskErr = nil
	}
	after.epoch = max(after.epoch, r.epoch)
	r.state = after
	if s.then != nil {
		s.then()
	}
	r.tell()
	return nil
}

// ail notes that the disk refused; the committer tries it again now and then.
func (r *Replica) ail(err error) {
	if r.diskErr == nil {
		r.cfg.Logger.Error("disk refuses", "error", err)
	}
	r.diskErr = err
	select {
	case r.ailed <- struct{}{}:
	default:
	}
}

// tell wakes the streams. Call it with mu held.
func (r *Replica) tell() {
	close(r.news)
	r.news = make(chan struct{})
}

// Status is the replica now. It never waits for the disk.
func (r *Replica) Status(context.Context) (store.Status, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return store.Status{}, ErrClosed
	}
	now := r.cfg.Clock()
	s := store.Status{
		Dataset: r.cfg.Dataset, Region: r.cfg.Region, Role: drill.RoleFenced,
		Epoch: r.epoch, Position: r.position, Entries: r.position, LastIn: r.lastIn, Bytes: r.bytes,
		Mode: r.mode, Seeding: r.seeding,
		Clock: store.Clock{Run: r.cfg.Run, Reading: int64(now)},
	}
	if r.lastCut != nil {
		cut := *r.lastCut
		s.Cut = &cut
	}
	if r.leads() {
		s.Followers = maps.Clone(r.followers)
		s.Kept = r.kept(drill.Durability{Mode: r.mode, With: r.partner()})
		s.AtRisk = r.atRisk()
		s.Waiting, s.WaitingFor = r.waiting()
	}
	if f := r.following; f != nil {
		s.Role, s.Authority, s.Copied = drill.RoleFollower, f.authority, f.copied
		if f.heard {
			position := f.authorityPosition
			s.AuthorityPosition, s.Heard = &position, max(0, now-f.heardAt)
		}
		if f.err != nil {
			s.Error = f.err.Error()
		}
	} else if r.leads() && r.led == r.epoch && now < r.lease {
		s.Role, s.LeaseLeft = drill.RoleAuthority, r.lease-now
	}
	if r.diskErr != nil {
		s.Error = r.diskErr.Error()
	}
	return s, nil
}

// Epoch is the highest epoch that it has been told.
func (r *Replica) Epoch() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.epoch
}

// leads says whether it is the authority of an epoch, fenced or not. A fenced
// one still serves its followers: that is how a planned move loses nothing.
func (r *Replica) leads() bool { return r.led != 0 && r.following == nil }
