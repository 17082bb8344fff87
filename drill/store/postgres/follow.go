package postgres

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/proxy"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

// following keeps the server a standby of one authority in one epoch, from Follow until
// Fence, Promote, another Follow, or Close.
type following struct {
	cfg      Config
	term     *replica.Following
	dialer   server.Opener // to the authority's server
	server   *server.Server
	database *database
	state    *stateFile
	meter    *meter
	proxy    *proxy.Proxy
	gate     *replica.Gate
	over     chan struct{} // closed once it does nothing any more

	mu      sync.Mutex
	err     error // why it does not copy
	copying *store.Copying
	from    int64 // bytes that had come through the proxy when the copy began
	copies  int   // that were begun

	// Of run alone.
	target     uint64 // what the authority had when it was first heard; 0 before
	escalation escalation
	deaths     int           // how often in a row no server started on its data
	learned    proxy.Learned // what was put into the own log
	roundTrip  time.Duration // how long it took to log in at the authority and ask it something
}

// Follow copies from the authority of epoch. The same authority and epoch again
// changes nothing. ErrStaleEpoch if a higher epoch is known.
func (r *Replica) Follow(ctx context.Context, authority string, epoch uint64) error {
	return r.leadership.Follow(ctx, authority, epoch, func(to *replica.Change) error {
		if ctx.Err() != nil {
			return context.Cause(ctx) // whoever asked has gone, and may have asked for something else since
		}
		return r.begin(ctx, to)
	})
}

// begin keeps on disk whom it follows, and begins to copy.
func (r *Replica) begin(ctx context.Context, to *replica.Change) error {
	if err := r.left(ctx, to.Leave()); err != nil {
		return err
	}
	r.writes.stop()
	if err := r.state.set(func(s *state) { s.saveEpochs(to.Epochs()) }); err != nil {
		return err
	}
	term := to.Done()
	if term == nil {
		return nil
	}
	if stalled, _ := r.health.Stalled(); stalled < replica.ProbeEvery {
		r.health.Reset() // one that hangs does so until something shows that it works
	}
	f := &following{
		cfg: r.cfg, term: term, server: r.server, database: r.database, state: r.state, meter: r.meter, proxy: r.proxy, gate: r.gate, over: make(chan struct{}),
		dialer: func(ctx context.Context, first []byte) (net.Conn, error) {
			conn, err := r.dials.Dial(ctx, term.Authority, r.cfg.Dataset, term.Epoch, first)
			if err != nil {
				return nil, err
			}
			return proxy.Gated(conn, r.gate), nil
		},
	}
	r.mu.Lock()
	r.following = f
	r.mu.Unlock()
	r.proxy.Open(term, f.dialer)
	r.tasks.Go(f.run)
	r.cfg.Logger.Info("following", "authority", term.Authority, "epoch", term.Epoch)
	return nil
}

// left waits until a following that was ended does nothing any more.
func (r *Replica) left(ctx context.Context, term *replica.Following) error {
	r.mu.Lock()
	f := r.following
	r.mu.Unlock()
	if term == nil || f == nil || f.term != term {
		return nil
	}
	select {
	case <-f.over:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("it is still ending what it did as a follower of %s: %w", term.Authority, context.Cause(ctx))
	}
}

// run brings the replica's history in line with the authority's, sees to it that
// its server copies, and begins again when it does not.
func (f *following) run() {
	defer close(f.over)
	for {
		err := f.gate.Room(f.term.Context().Done()) // what is rejoined or copied anew needs it
		var turn turn
		if err == nil {
			turn, err = f.database.take(f.term.Context())
		}
		if err == nil {
			err = f.rejoin(f.term.Context(), turn)
			turn.give()
		}
		if err == nil {
			f.proxy.Pass(f.term, f.learned)
			err = f.watch(f.term.Context())
		}
		if f.term.Context().Err() != nil {
			return
		}
		f.fail(err)
		if !pause.For(f.term.Context(), f.cfg.Retry) {
			return
		}
	}
}

// fail sets what keeps it from copying; nil is nothing.
func (f *following) fail(err error) {
	f.mu.Lock()
	before := f.err
	f.err = err
	f.mu.Unlock()
	if err != nil && (before == nil || before.Error() != err.Error()) {
		f.cfg.Logger.Warn("does not copy", "authority", f.term.Authority, "epoch", f.term.Epoch, "error", err)
	}
}

// trouble is what keeps it from copying, nil nothing.
func (f *following) trouble() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// quiet is for how long an authority that has nothing to send may be silent: half of
// wal_receiver_timeout, when the standby asks for an answer, and a round trip.
const quiet = server.Silence/2 + time.Second

// watch returns once the server has had no stream for too long. One that is connected
// may still be refused, so a stream is one on which something was heard.
func (f *following) watch(ctx context.Context) error {
	last, copied := f.cfg.Clock(), f.proxy.Copied()
	stall := f.cfg.Stall + 3*f.roundTrip // the server has two round trips more to go where it asks for all itself
	for {
		asking, cancel := context.WithTimeout(ctx, f.cfg.Ask)
		seeding := f.state.get().Seeding
		now, err := f.meter.read(asking)
		cancel()
		switch {
		case err == nil && now.standby && now.streams:
			last, f.escalation.times, f.deaths = f.cfg.Clock(), 0, 0
			f.fail(nil)
			if err := f.seeded(now, seeding); err != nil {
				return err
			}
		case err != nil && f.cfg.Clock()-last > stall:
			f.escalation.times = 0 // it is the own server that does not answer
			return err
		case now.connected && f.proxy.Copied() != copied:
			// A message of the stream may be as large as a narrow link carries in seconds.
			last, copied = f.cfg.Clock(), f.proxy.Copied()
		case now.connected && f.cfg.Clock()-last <= stall+quiet:
		case f.cfg.Clock()-last > stall:
			return fmt.Errorf("no stream from %s for %s", f.term.Authority, (f.cfg.Clock() - last).Round(time.Millisecond))
		}
		if !pause.For(ctx, 100*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
}

// seeded keeps on disk that everything is here that the authority had when it was first heard.
func (f *following) seeded(now reading, seeding bool) error {
	if !seeding || now.heard == nil {
		return nil
	}
	if f.target == 0 {
		f.target = *now.heard
	}
	if now.position < f.target || now.replayed < f.target {
		return nil
	}
	return f.state.set(func(s *state) { s.Seeding = false })
}
