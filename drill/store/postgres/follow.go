package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// following is a replica following one authority in one epoch, from Follow until
// Fence, Promote, another Follow, or Close.
type following struct {
	*Replica
	authority string
	epoch     uint64
	ctx       context.Context
	leave     context.CancelFunc
	over      chan struct{} // closed once it does nothing any more

	err error // under Replica.mu: why it does not copy

	// Of run alone.
	target uint64 // what the authority had when it was first heard; 0 before
	tried  course // what was done last, and how often in a row without a stream since
	times  int
	deaths int           // how often in a row no server started on its data
	way    time.Duration // how long it took to log in at the authority and ask it something
}

// Follow copies from the authority of epoch. The same authority and epoch again
// changes nothing. ErrStaleEpoch if a higher epoch is known.
func (r *Replica) Follow(ctx context.Context, authority string, epoch uint64) error {
	r.moving.Lock()
	defer r.moving.Unlock()
	if ctx.Err() != nil {
		return context.Cause(ctx) // whoever asked has gone, and may have asked for something else since
	}
	if err := r.beginToFollow(ctx, authority, epoch); err != nil {
		return fmt.Errorf("follow %s in epoch %d with %s in %s: %w", authority, epoch, r.cfg.Dataset, r.cfg.Region, err)
	}
	return nil
}

// beginToFollow does it; call it with moving held.
func (r *Replica) beginToFollow(ctx context.Context, authority string, epoch uint64) error {
	r.mu.Lock()
	already, err := r.mayFollow(authority, epoch)
	before := r.following
	if err == nil && !already {
		r.unfollow()
	}
	r.mu.Unlock()
	if err != nil || already {
		return err
	}
	if err := r.left(ctx, before); err != nil {
		return err
	}
	r.retire()
	if err := r.note(func(s *state) { s.Told, s.Reign, s.Led = max(s.Told, epoch), max(s.Reign, epoch), 0 }); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return ErrClosed
	case r.Told > epoch:
		return fmt.Errorf("%w: it was fenced below epoch %d meanwhile", store.ErrStaleEpoch, r.Told)
	}
	r.lease = 0
	r.tell()
	f := &following{Replica: r, authority: authority, epoch: epoch, over: make(chan struct{})}
	f.ctx, f.leave = context.WithCancel(r.ctx)
	r.following = f
	r.door.open(f)
	r.tasks.Go(f.run)
	r.cfg.Logger.Info("following", "authority", authority, "epoch", epoch)
	return nil
}

// mayFollow says whether it may follow, or does already. Call it with mu held.
func (r *Replica) mayFollow(authority string, epoch uint64) (already bool, err error) {
	_, dials := r.cfg.Upstream.(store.Dialer)
	f := r.following
	switch {
	case r.closed:
		return false, ErrClosed
	case authority == "" || authority == r.cfg.Region:
		return false, errors.New("name another region: a replica can't follow itself")
	case !dials:
		return false, errors.New("it was opened without a way to other regions' servers")
	case epoch == 0 || epoch < r.Told:
		return false, fmt.Errorf("%w: it knows of epoch %d", store.ErrStaleEpoch, r.Told)
	case r.leads() && epoch == r.Led:
		return false, errors.New("it leads that epoch itself: promote the other one in a higher epoch first")
	}
	return f != nil && f.authority == authority && f.epoch == epoch, nil
}

// unfollow stops at once what following is still doing; call it with mu held, and
// left without it to wait until that has ended.
func (r *Replica) unfollow() {
	if f := r.following; f != nil {
		f.leave()
		r.door.close()
		r.following = nil
	}
}

// left waits until a following that was ended does nothing any more.
func (r *Replica) left(ctx context.Context, f *following) error {
	if f == nil {
		return nil
	}
	select {
	case <-f.over:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("it is still ending what it did as a follower of %s: %w", f.authority, context.Cause(ctx))
	}
}

// run brings the replica's history in line with the authority's, sees to it that
// its server copies, and begins again when it does not.
func (f *following) run() {
	defer close(f.over)
	for {
		err := f.take(f.ctx)
		if err == nil {
			err = f.align(f.ctx)
			f.give()
		}
		if err == nil {
			f.door.hold(f, false)
			err = f.watch(f.ctx)
		}
		if f.ctx.Err() != nil {
			return
		}
		f.fail(err)
		if !pause(f.ctx, f.cfg.Retry) {
			return
		}
	}
}

// fail notes what keeps it from copying; nil that nothing does.
func (f *following) fail(err error) {
	f.mu.Lock()
	before := f.err
	f.err = err
	f.mu.Unlock()
	if err != nil && (before == nil || before.Error() != err.Error()) {
		f.cfg.Logger.Warn("does not copy", "authority", f.authority, "epoch", f.epoch, "error", err)
	}
}

// quiet is for how long an authority that has nothing to send may say nothing: half of
// wal_sender_timeout, and the way.
const quiet = 2 * time.Second

// watch returns once the server has had no stream for too long. One that is connected
// may still be refused, so a stream is one on which something was heard.
func (f *following) watch(ctx context.Context) error {
	last := f.cfg.Clock()
	stall := f.cfg.Stall + 2*f.way // the server has as far to go
	for {
		asking, cancel := context.WithTimeout(ctx, f.cfg.Ask)
		f.mu.Lock()
		base, seeding := f.tally, f.Seeding
		f.mu.Unlock()
		now, err := f.read(asking, base)
		cancel()
		switch {
		case err == nil && now.standby && now.streams:
			last, f.times, f.deaths = f.cfg.Clock(), 0, 0
			f.fail(nil)
			if err := f.seeded(now, seeding); err != nil {
				return err
			}
		case err != nil && f.cfg.Clock()-last > stall:
			f.times = 0 // it is the own server that does not answer
			return err
		case now.connected && f.cfg.Clock()-last <= stall+quiet:
		case f.cfg.Clock()-last > stall:
			return fmt.Errorf("no stream from %s for %s", f.authority, stall.Round(time.Millisecond))
		}
		if !pause(ctx, 100*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
}

// seeded notes that everything is here that the authority had when it was first heard.
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
	return f.note(func(s *state) { s.Seeding = false })
}
