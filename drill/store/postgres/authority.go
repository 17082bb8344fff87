package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Promote makes this replica's server the primary, and writes down that epoch
// begins. The same epoch again changes nothing. ErrStaleEpoch if epoch is below one it was
// told, or another region may lead it; ErrSeeding while it is copied whole.
func (r *Replica) Promote(ctx context.Context, epoch uint64) error {
	if err := r.promote(ctx, epoch); err != nil {
		return fmt.Errorf("promote %s in %s to epoch %d: %w", r.cfg.Dataset, r.cfg.Region, epoch, err)
	}
	return nil
}

func (r *Replica) promote(ctx context.Context, epoch uint64) error {
	r.moving.Lock()
	defer r.moving.Unlock()
	// What is being copied would hold the turn for long.
	r.mu.Lock()
	again, err := r.mayLead(epoch)
	f := r.following
	if err == nil && !again {
		r.unfollow()
	}
	r.mu.Unlock()
	if err != nil || again {
		return err
	}
	if err := r.left(ctx, f); err != nil {
		return err
	}
	if err := r.take(ctx); err != nil {
		return err
	}
	defer r.give()
	r.mu.Lock()
	again, err = r.mayLead(epoch)
	r.mu.Unlock()
	if err != nil || again {
		return err
	}
	r.retire()
	if err := r.primary(ctx); err != nil {
		return err
	}
	if err := r.begin(ctx, epoch); err != nil {
		return fmt.Errorf("write the beginning of the epoch: %w", err)
	}
	at, err := r.flushed(ctx)
	if err != nil {
		return err
	}
	if err := r.note(func(s *state) {
		s.Told, s.Reign, s.Led, s.Phase, s.Cut = max(s.Told, epoch), epoch, epoch, phaseNone, nil
	}); err != nil {
		return err
	}
	r.mu.Lock()
	r.lease = 0
	r.risk.begin(r.written.Load(), at)
	r.tally = tally{}
	told := r.Told
	r.mu.Unlock()
	if told > epoch {
		return fmt.Errorf("%w: it was fenced below epoch %d meanwhile", store.ErrStaleEpoch, told)
	}
	r.cfg.Logger.Info("promoted", "epoch", epoch, "position", at)
	return r.arrange(ctx)
}

// mayLead says whether an epoch may be led, or is already. Call it with mu held.
func (r *Replica) mayLead(epoch uint64) (again bool, err error) {
	again = r.leads() && epoch == r.Led
	switch {
	case r.closed:
		return false, ErrClosed
	case r.Seeding || r.Phase == phaseCloning || r.Phase == phaseRewinding:
		return false, store.ErrSeeding
	case epoch == 0 || epoch < r.Told || (epoch <= r.Reign && !again):
		return false, fmt.Errorf("%w: it knows of epoch %d, and of an authority in epoch %d", store.ErrStaleEpoch, r.Told, r.Reign)
	}
	return again, nil
}

// primary makes the server one that takes writes, whatever it was. Call it with the turn.
func (r *Replica) primary(ctx context.Context) error {
	if r.blank() {
		return r.create(ctx)
	}
	if !r.standing() {
		if err := r.server.start(ctx); err != nil {
			return err
		}
	}
	var standby bool
	if err := r.asking.QueryRow(ctx, "SELECT pg_is_in_recovery()").Scan(&standby); err != nil || !standby {
		return err
	}
	if err := r.note(func(s *state) { s.Phase = phasePromoting }); err != nil {
		return err
	}
	// It first replays all that it has received.
	var done bool
	if err := r.asking.QueryRow(ctx, "SELECT pg_promote(true, $1)", int(r.cfg.Start/time.Second)).Scan(&done); err != nil {
		return fmt.Errorf("promote the server: %w", err)
	}
	if !done {
		return fmt.Errorf("the server is not promoted within %s", r.cfg.Start)
	}
	return nil
}

// flushed is the last position on the own primary's disk.
func (r *Replica) flushed(ctx context.Context) (uint64, error) {
	var at int64
	if err := r.asking.QueryRow(ctx, "SELECT (pg_current_wal_flush_lsn() - '0/0')::bigint").Scan(&at); err != nil {
		return 0, fmt.Errorf("ask for the position: %w", err)
	}
	return uint64(at), nil
}

// Grant lets the authority of epoch serve writes until lease after the reading.
// A reading so old that the lease is over already changes nothing and is no error.
func (r *Replica) Grant(_ context.Context, epoch uint64, echo store.Clock, lease time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	now := r.cfg.Clock()
	reading := time.Duration(echo.Reading)
	switch {
	case r.closed:
		err = ErrClosed
	case epoch < r.Told:
		err = fmt.Errorf("%w: it has been told epoch %d", store.ErrStaleEpoch, r.Told)
	case !r.leads() || epoch != r.Led:
		err = fmt.Errorf("%w of epoch %d: promote it first", store.ErrNotAuthority, epoch)
	case echo.Run != r.cfg.Run:
		err = fmt.Errorf("%w: run %q, this is %q: ask for its status first", store.ErrStaleClock, echo.Run, r.cfg.Run)
	case reading > now:
		err = fmt.Errorf("%w: it echoes a reading that this run has not given yet", store.ErrStaleClock)
	}
	if err != nil {
		return fmt.Errorf("grant %s in %s a lease for epoch %d: %w", r.cfg.Dataset, r.cfg.Region, epoch, err)
	}
	until := reading + lease
	if lease > 0 && until < reading {
		until = math.MaxInt64
	}
	r.lease = max(r.lease, until) // grants can overtake one another
	return nil
}

// Fence stops writes in every epoch below epoch at once, and copying from an
// authority of such an epoch. A follower has then replayed all that it received, so
// its position and its last epoch stay as they are until Promote or Follow.
// ErrStaleEpoch if a higher epoch is known.
func (r *Replica) Fence(ctx context.Context, epoch uint64) error {
	r.mu.Lock()
	stale := epoch < r.Told
	f := r.following
	if !stale {
		r.Told = epoch
		if f != nil && f.epoch < epoch {
			r.unfollow()
		} else {
			f = nil
		}
	}
	known, fenced, follows := r.Told, r.Led < epoch, r.following != nil
	r.mu.Unlock()
	if stale {
		return fmt.Errorf("fence %s in %s below epoch %d: %w: it knows of epoch %d", r.cfg.Dataset, r.cfg.Region, epoch, store.ErrStaleEpoch, known)
	}
	if fenced {
		r.retire()
	}
	err := r.note(func(s *state) { s.Told = max(s.Told, epoch) })
	if err != nil {
		err = fmt.Errorf("it takes no writes, but a restart may forget that: %w", err)
	}
	if f != nil {
		err = errors.Join(err, r.left(ctx, f))
	}
	if err == nil && !follows { // one that goes on copying is never at rest
		err = r.atRest(ctx)
	}
	if err != nil {
		return fmt.Errorf("fence %s in %s below epoch %d: %w", r.cfg.Dataset, r.cfg.Region, epoch, err)
	}
	r.cfg.Logger.Info("fenced", "below", epoch)
	return nil
}

// standing says whether there is a server that could be asked.
func (r *Replica) standing() bool {
	p := r.server.running()
	return p != nil && !p.ended()
}

// atRest waits until the server is settled; one that is just being started it waits
// for. Where the data is not whole there is nothing that could be promoted.
func (r *Replica) atRest(ctx context.Context) error {
	err := errors.New("its server is being started")
	for r.whole() {
		r.mu.Lock()
		trouble := r.trouble
		r.mu.Unlock()
		switch {
		case r.standing():
			if err = r.settled(ctx); err == nil {
				return nil
			}
		case trouble != nil:
			return fmt.Errorf("what it holds is not known: %w", trouble)
		}
		if !pause(ctx, 20*time.Millisecond) {
			return fmt.Errorf("what it holds is not known: %w", err)
		}
		if r.ctx.Err() != nil {
			return ErrClosed
		}
	}
	return nil
}

// stands is for how long a standby must have replayed nothing to count as waiting for
// more: one that was woken and is not scheduled yet looks as if it waited, and one whose
// stream failed sleeps for wal_retrieve_retry_interval before it reads on.
const stands = 150 * time.Millisecond

// settled waits until a standby that receives nothing more has replayed all that
// it has. What it received may end within a record, which it can't replay: then the
// process that replays is seen waiting for more.
func (r *Replica) settled(ctx context.Context) error {
	last, since := int64(-1), r.cfg.Clock()
	for {
		var standby, receives, waits bool
		var got, replayed int64
		err := r.asking.QueryRow(ctx, `SELECT pg_is_in_recovery(), EXISTS (SELECT FROM pg_stat_wal_receiver),
			coalesce(pg_last_wal_receive_lsn() - '0/0', 0)::bigint, coalesce(pg_last_wal_replay_lsn() - '0/0', 0)::bigint,
			EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'startup' AND wait_event IN ('RecoveryWalStream', 'RecoveryRetrieveRetryInterval'))`,
		).Scan(&standby, &receives, &got, &replayed, &waits)
		switch {
		case err != nil:
			return fmt.Errorf("ask how far it has replayed: %w", err)
		case !standby:
			return nil
		case !receives && got > 0 && replayed >= got:
			return nil
		case replayed != last || !waits:
			last, since = replayed, r.cfg.Clock()
		case !receives && r.cfg.Clock()-since >= stands:
			return nil
		}
		if !pause(ctx, 5*time.Millisecond) {
			return fmt.Errorf("it has replayed up to %d of %d: %w", replayed, got, context.Cause(ctx))
		}
	}
}

// serving says whether a write may be acknowledged now. Call it with mu held.
func (r *Replica) serving() error {
	switch left := r.lease - r.cfg.Clock(); {
	case r.closed:
		return ErrClosed
	case r.following != nil:
		return fmt.Errorf("%w: it follows %s in epoch %d", store.ErrNotAuthority, r.following.authority, r.following.epoch)
	case r.mode == "":
		return fmt.Errorf("%w: it has not been told its mode yet", store.ErrMode)
	case r.Led == 0:
		return fmt.Errorf("%w: it has not been promoted", store.ErrFenced)
	case r.Led < r.Told:
		return fmt.Errorf("%w: it led epoch %d, and epoch %d was told since", store.ErrFenced, r.Led, r.Told)
	case r.lease == 0:
		return fmt.Errorf("%w was granted for epoch %d yet", store.ErrFenced, r.Led)
	case left <= 0:
		return fmt.Errorf("%w: that of epoch %d ran out %s ago", store.ErrFenced, r.Led, -left)
	}
	return nil
}
