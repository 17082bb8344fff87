package replica

import (
	"context"
	"errors"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Change is a promotion or a following that was allowed and does not hold yet.
type Change struct {
	l         *Leadership
	epoch     uint64
	authority string // whom it is to follow; "" for a promotion
	began     *Following
	done      bool
}

// Check says whether the change is allowed still: a fence may have come meanwhile.
func (c *Change) Check() error {
	_, err := c.l.allows(c)
	return err
}

// Epochs are what has to be on disk before Done.
func (c *Change) Epochs() Epochs {
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	return c.next()
}

func (c *Change) next() Epochs {
	next := Epochs{Seen: max(c.l.epochs.Seen, c.epoch), Authority: max(c.l.epochs.Authority, c.epoch)}
	if c.authority == "" {
		next.Led = c.epoch
	}
	return next
}

// Leave ends at once what the replica follows, where the change needs that.
// What it returns is over, nil if there was nothing.
func (c *Change) Leave() *Following {
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	before := c.l.follows
	c.l.leave()
	return before
}

// Done has the change hold: its epochs are on disk. What it then follows is nil after
// a promotion, after Close, and where a fence has come meanwhile.
func (c *Change) Done() *Following {
	l := c.l
	l.mu.Lock()
	defer l.mu.Unlock()
	c.done = true
	l.leave()
	l.epochs = c.next()
	l.lease = 0
	if c.authority != "" && !l.closed && l.epochs.Seen == c.epoch {
		l.follows = newFollowing(l.ctx, c.authority, c.epoch)
		c.began = l.follows
	}
	l.wake()
	return c.began
}

// settled is the error of a change that holds, and was overtaken.
func (c *Change) settled() error {
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	switch {
	case !c.done:
		return fmt.Errorf("epoch %d was not begun", c.epoch)
	case c.l.closed:
		return store.ErrClosed
	case c.l.epochs.Seen > c.epoch:
		return fmt.Errorf("%w: it was fenced below epoch %d meanwhile", store.ErrStaleEpoch, c.l.epochs.Seen)
	}
	return nil
}

// Promote makes the replica the authority of epoch. lead does what the engine has to
// do, and calls Done once the beginning of the epoch and its Epochs are on disk; it is
// not called for the epoch that the replica leads already, which is begun once. No
// other change runs meanwhile. ErrStaleEpoch, ErrSeeding, ErrClosed, or lead's error.
func (l *Leadership) Promote(ctx context.Context, epoch uint64, lead func(*Change) error) error {
	give, err := l.turn(ctx)
	if err == nil {
		defer give()
		err = l.change(&Change{l: l, epoch: epoch}, lead)
	}
	if err != nil {
		return fmt.Errorf("promote %s in %s to epoch %d: %w", l.c.Dataset, l.c.Region, epoch, err)
	}
	return nil
}

// change runs a change, unless what it asks for holds already. Changes are made one
// after the other.
func (l *Leadership) change(c *Change, do func(*Change) error) error {
	if again, err := l.allows(c); err != nil || again {
		return err
	}
	if err := do(c); err != nil {
		return err
	}
	return c.settled()
}

// allows says whether a change is allowed, or holds already.
func (l *Leadership) allows(c *Change) (again bool, err error) {
	seeding := c.authority == "" && l.c.Seeding != nil && l.c.Seeding()
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return false, store.ErrClosed
	case seeding:
		return false, store.ErrSeeding
	case c.authority == "":
		return l.epochs.mayLead(c.epoch)
	case l.c.Alone:
		return false, errors.New("it was opened without an upstream to other regions")
	}
	f := l.follows
	return f != nil && f.Authority == c.authority && f.Epoch == c.epoch, l.epochs.mayFollow(c.epoch)
}

// mayLead says whether an epoch may be led, or is already. An epoch that was only
// announced by a fence may be; one that another region leads may not.
func (e Epochs) mayLead(epoch uint64) (again bool, err error) {
	again = e.Led != 0 && epoch == e.Led
	if epoch == 0 || epoch < e.Seen || epoch <= e.Authority && !again {
		return false, fmt.Errorf("%w: it knows of epoch %d, and of an authority in epoch %d", store.ErrStaleEpoch, e.Seen, e.Authority)
	}
	return again, nil
}

// mayFollow says whether the authority of an epoch may be followed.
func (e Epochs) mayFollow(epoch uint64) error {
	switch {
	case epoch == 0 || epoch < e.Seen:
		return fmt.Errorf("%w: it knows of epoch %d", store.ErrStaleEpoch, e.Seen)
	case e.Led != 0 && epoch == e.Led:
		return errors.New("it leads that epoch itself: promote the other one in a higher epoch first")
	}
	return nil
}

// Fence stops writes in every epoch below epoch, and following an authority of such an
// epoch, at once and in memory; save then keeps epoch on disk. save gets what was
// ended, nil if nothing. An error of save is returned, and the fence holds all the
// same. ErrStaleEpoch if a higher epoch is known.
func (l *Leadership) Fence(epoch uint64, save func(ended *Following) error) error {
	l.mu.Lock()
	var ended *Following
	known, stale := l.epochs.Seen, epoch < l.epochs.Seen
	if !stale {
		l.epochs.Seen = epoch
		if l.follows != nil && l.follows.Epoch < epoch {
			ended = l.follows
			l.leave()
		}
		l.wake()
	}
	l.mu.Unlock()
	err := error(nil)
	if stale {
		err = fmt.Errorf("%w: it knows of epoch %d", store.ErrStaleEpoch, known)
	} else {
		err = save(ended)
	}
	if err != nil {
		return fmt.Errorf("fence %s in %s below epoch %d: %w", l.c.Dataset, l.c.Region, epoch, err)
	}
	return nil
}

// Leads says whether it is the authority of that very epoch, so that its followers may
// copy from it. A fenced one is: they may still take in the rest. ErrStaleEpoch,
// ErrNotAuthority, ErrClosed.
func (l *Leadership) Leads(epoch uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	led := l.epochs.Led
	switch {
	case l.closed:
		return store.ErrClosed
	case led == 0:
		return fmt.Errorf("%w: nothing is copied from here", store.ErrNotAuthority)
	case epoch < led:
		return fmt.Errorf("%w: %d, it leads epoch %d", store.ErrStaleEpoch, epoch, led)
	case epoch > led:
		return fmt.Errorf("%w of epoch %d, but of epoch %d", store.ErrNotAuthority, epoch, led)
	}
	return nil
}
