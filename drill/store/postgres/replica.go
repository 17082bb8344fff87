package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
)

var (
	_ store.Replica   = (*Replica)(nil)
	_ store.Source    = (*Replica)(nil)
	_ store.Preloader = (*Replica)(nil)
)

// Replica is one region's copy of a dataset; see store.Replica and store.Preloader.
type Replica struct {
	cfg    Config
	bin    programs
	own    account
	at     folders
	server *server
	door   *door
	asking *pgxpool.Pool // all but users' writes; its commits wait for no standby

	ctx   context.Context // ends with the replica
	end   context.CancelFunc
	tasks sync.WaitGroup

	// turn is held by whatever starts or stops the server, or changes what it is: a
	// promotion, a new configuration, one round of following. Taken before mu; a
	// holder that may be long gives up when its own context ends.
	turn chan struct{}

	// moving is held over a whole Promote, Follow or Reseed: those that lay before a
	// frozen process all begin at once when it goes on. Taken before turn.
	moving sync.Mutex
	saving sync.Mutex // held while state.json is replaced; taken before mu

	written atomic.Uint64 // writes committed since it was opened

	mu     sync.Mutex // never held while a server or a disk is waited for
	closed bool
	state
	mode      drill.Mode // "" until configured
	promises  []drill.Durability
	regions   []string      // that hold the dataset
	serve     *generation   // what writes go through; nil unless it leads and is configured
	changed   chan struct{} // closed, and replaced, when serve changes or writes are refused
	lease     time.Duration
	following *following // nil unless it follows
	risk      riskMeter
	noted     time.Duration // when the reading was begun that risk took in last
	tally     tally
	last      store.Status // what was known when the server last answered
	lastCut   *store.Cut
	trouble   error // what kept the server from starting when that was last tried
}

// Open opens the replica in c.Dir, or makes a new one. Whatever it was before,
// it starts fenced. A replica that has never held anything starts no server until
// it is promoted or follows. Close it.
func Open(c Config) (_ *Replica, err error) {
	c, err = c.withDefaults()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("open the PostgreSQL replica of %s in %s: %w", c.Dataset, c.Region, err)
		}
	}()
	if c.Dir, err = filepath.Abs(c.Dir); err != nil {
		return nil, err
	}
	r := &Replica{cfg: c, at: folders{c.Dir}, turn: make(chan struct{}, 1), changed: make(chan struct{})}
	if r.own, err = findAccount(); err != nil {
		return nil, err
	}
	if r.bin, err = findPrograms(context.Background(), c.Bin); err != nil {
		return nil, err
	}
	if err = os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	if err = os.MkdirAll(r.at.root(), 0o700); err != nil {
		return nil, err
	}
	if err = r.own.give(r.at.root()); err != nil {
		return nil, err
	}
	if r.state, err = loadState(c.Dir); err != nil {
		return nil, err
	}
	r.risk.start = math.MaxUint64 // nothing is known until it is promoted
	if err = errors.Join(diverged.Sweep(filepath.Join(c.Dir, diverged.Folder)), r.writeConf(nobodyYet)); err != nil {
		return nil, err
	}
	r.ctx, r.end = context.WithCancel(context.Background())
	r.server = &server{Replica: r}
	if r.asking, err = r.pool(8, true); err != nil {
		return nil, err
	}
	if r.door, err = r.openDoor(); err != nil {
		return nil, err
	}
	if err = r.resume(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	r.tasks.Go(r.supervise)
	return r, nil
}

// resume starts the server on what is there, fenced. Data that was being made when
// the process ended is dropped; data that was being replaced waits to be cloned.
func (r *Replica) resume() error {
	if r.Phase == phaseMaking {
		if err := os.RemoveAll(r.at.data()); err != nil {
			return err
		}
		r.Phase = phaseNone
	}
	if socket := r.at.socket("server"); socket[0] != '@' {
		if err := errors.Join(os.MkdirAll(socket, 0o700), r.own.give(socket)); err != nil {
			return err
		}
	}
	if r.whole() {
		// Data that no server starts on can still be cloned, so the replica is there.
		if r.trouble = r.server.start(r.ctx); r.trouble != nil {
			r.cfg.Logger.Error("server does not start", "error", r.trouble)
		}
	}
	return nil
}

// blank says whether there is no data at all, or only what is being made.
func (r *Replica) blank() bool {
	r.mu.Lock()
	making := r.Phase == phaseMaking
	r.mu.Unlock()
	_, err := os.Stat(filepath.Join(r.at.data(), "PG_VERSION"))
	return making || err != nil
}

// supervise starts the server whenever there should be one and is none: it ended
// without being told to, did not start, or whoever stopped it was broken off.
func (r *Replica) supervise() {
	for pause(r.ctx, 50*time.Millisecond) {
		if !r.lacksServer() || r.take(r.ctx) != nil {
			continue
		}
		var err error
		if r.lacksServer() {
			err = r.revive()
		}
		r.give()
		if err != nil {
			r.cfg.Logger.Error("server does not start", "error", err)
			pause(r.ctx, time.Second)
		}
	}
}

// lacksServer says whether a server should run on the data that is there, and none
// does. That is a fault unless somebody has the turn.
func (r *Replica) lacksServer() bool {
	return !r.standing() && r.whole()
}

// whole says whether there is data that was not left half way.
func (r *Replica) whole() bool {
	r.mu.Lock()
	half := r.Phase == phaseCloning || r.Phase == phaseRewinding
	r.mu.Unlock()
	return !half && !r.blank()
}

// revive starts the server anew. Call it with the turn.
func (r *Replica) revive() error {
	if p := r.server.running(); p != nil {
		r.cfg.Logger.Error("server ended", "error", p.err)
	}
	r.retire()
	if err := r.server.start(r.ctx); err != nil {
		r.mu.Lock()
		r.trouble = err
		r.mu.Unlock()
		return err
	}
	return r.arrange(r.ctx)
}

// take waits for the turn.
func (r *Replica) take(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-r.ctx.Done():
		return ErrClosed
	}
	if r.ctx.Err() != nil {
		r.give()
		return ErrClosed
	}
	return nil
}

func (r *Replica) give() { <-r.turn }

// Close stops all work and the server. Appends that wait end with ErrClosed.
func (r *Replica) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	r.tell()
	f := r.following
	r.unfollow()
	r.mu.Unlock()
	r.end()
	if f != nil {
		<-f.over
	}
	r.tasks.Wait()
	r.retire()
	r.asking.Close()
	err := r.server.stop()
	if r.door != nil {
		err = errors.Join(err, r.door.end())
	}
	if socket := r.at.socket("server"); socket[0] != '@' {
		err = errors.Join(err, os.RemoveAll(socket))
	}
	return err
}

// note changes the state that outlives the process, on disk first.
func (r *Replica) note(change func(*state)) error {
	r.saving.Lock()
	defer r.saving.Unlock()
	r.mu.Lock()
	next := r.state
	r.mu.Unlock()
	change(&next)
	// Fence raises the epoch before it comes here itself.
	if err := next.save(r.cfg.Dir); err != nil {
		return fmt.Errorf("state of the replica of %s: %w", r.cfg.Dataset, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	next.Told = max(next.Told, r.Told)
	r.state = next
	return nil
}

// tell wakes the writes that wait for the server to be ready. Call it with mu held.
func (r *Replica) tell() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// Epoch is the highest epoch that it has been told.
func (r *Replica) Epoch() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Told
}

// leads says whether it is the authority of an epoch, fenced or not. A fenced
// one still serves its followers: that is how a planned move loses nothing.
func (r *Replica) leads() bool { return r.Led != 0 && r.following == nil }
