package replica

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Grant lets the authority of epoch serve writes until lease after the reading. A
// reading so old that the lease is over already changes nothing and is no error. See
// store.Replica for the errors.
func (l *Leadership) Grant(epoch uint64, echo store.Clock, lease time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	reading := time.Duration(echo.Reading)
	switch {
	case l.closed:
		err = store.ErrClosed
	case epoch < l.epochs.Seen:
		err = fmt.Errorf("%w: it has seen epoch %d", store.ErrStaleEpoch, l.epochs.Seen)
	case l.epochs.Led == 0 || epoch != l.epochs.Led:
		err = fmt.Errorf("%w of epoch %d: promote it first", store.ErrNotAuthority, epoch)
	case echo.Run != l.c.Run:
		err = fmt.Errorf("%w: run %q, this is %q: ask for its status first", store.ErrStaleClock, echo.Run, l.c.Run)
	case reading > l.c.Clock():
		err = fmt.Errorf("%w: it echoes a reading that this run has not given yet", store.ErrStaleClock)
	}
	if err != nil {
		return fmt.Errorf("grant %s in %s a lease for epoch %d: %w", l.c.Dataset, l.c.Region, epoch, err)
	}
	until := reading + lease
	if lease > 0 && until < reading {
		until = math.MaxInt64
	}
	// Grants can overtake one another; the one given last reaches furthest.
	l.lease = max(l.lease, until)
	return nil
}

// Serving says whether a write may be acknowledged now, and in which epoch.
// ErrFenced, ErrNotAuthority, ErrMode, ErrClosed.
func (l *Leadership) Serving() (epoch uint64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.epochs.Led, l.serving()
}

func (l *Leadership) serving() error {
	led, seen := l.epochs.Led, l.epochs.Seen
	switch left := l.lease - l.c.Clock(); {
	case l.closed:
		return store.ErrClosed
	case l.follows != nil:
		return fmt.Errorf("%w: it follows %s in epoch %d", store.ErrNotAuthority, l.follows.Authority, l.follows.Epoch)
	case l.rule.Mode == "":
		return fmt.Errorf("%w: it has not been given its mode yet", store.ErrMode)
	case led == 0:
		return fmt.Errorf("%w: it has not been promoted", store.ErrFenced)
	case led < seen:
		return fmt.Errorf("%w: it led epoch %d, and has seen epoch %d since", store.ErrFenced, led, seen)
	case l.lease == 0:
		return fmt.Errorf("%w was granted for epoch %d yet", store.ErrFenced, led)
	case left <= 0:
		return fmt.Errorf("%w: that of epoch %d ran out %s ago", store.ErrFenced, led, -left)
	}
	return nil
}

// Await returns once ready, while writes of epoch may be acknowledged; 0 is whichever
// epoch it leads. It returns the error of Serving as soon as they may not, or that of
// ctx. ready is asked before the lease is looked at, so a write that is ready was
// allowed after it was; the channel is closed when its answer may be another.
func (l *Leadership) Await(ctx context.Context, epoch uint64, ready func() (bool, <-chan struct{})) error {
	for {
		l.mu.Lock()
		changed := l.changed
		l.mu.Unlock()
		ok, news := ready()
		l.mu.Lock()
		err, led, left := l.serving(), l.epochs.Led, l.lease-l.c.Clock()
		l.mu.Unlock()
		if err == nil && epoch != 0 && led != epoch {
			err = fmt.Errorf("%w: stored in epoch %d, but it leads epoch %d since", store.ErrFenced, epoch, led)
		}
		if err != nil || ok {
			return err
		}
		var over <-chan time.Time
		if l.c.After != nil {
			over = l.c.After(left)
		}
		select {
		case <-changed:
		case <-news:
		case <-over:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
