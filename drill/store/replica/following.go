package replica

import (
	"context"
	"errors"
	"fmt"
)

// ErrLeft: the authority that something was done for is followed no longer.
var ErrLeft = errors.New("it follows no longer")

// Following is one authority followed in one epoch, from Follow until Fence, Promote,
// another Follow, or Close.
type Following struct {
	Authority string
	Epoch     uint64

	ctx context.Context
	end context.CancelFunc
}

func newFollowing(ctx context.Context, authority string, epoch uint64) *Following {
	f := &Following{Authority: authority, Epoch: epoch}
	f.ctx, f.end = context.WithCancel(ctx)
	return f
}

// Context ends when the authority is followed no longer.
func (f *Following) Context() context.Context { return f.ctx }

// Follow has the replica follow the authority of epoch. begin does what the engine has
// to do, and calls Done once its Epochs are on disk; it is not called for what is
// followed already. No other change runs meanwhile. ErrStaleEpoch, ErrClosed, begin's
// error, or why it can't follow that one at all.
func (l *Leadership) Follow(ctx context.Context, authority string, epoch uint64, begin func(*Change) error) error {
	give, err := l.turn(ctx)
	if err != nil {
		return fmt.Errorf("follow %s in epoch %d with %s in %s: %w", authority, epoch, l.c.Dataset, l.c.Region, err)
	}
	defer give()
	return l.follow(authority, epoch, begin)
}

func (l *Leadership) follow(authority string, epoch uint64, begin func(*Change) error) error {
	var err error
	if authority == "" || authority == l.c.Region {
		err = errors.New("name another region: a replica can't follow itself")
	} else {
		err = l.change(&Change{l: l, epoch: epoch, authority: authority}, begin)
	}
	if err != nil {
		return fmt.Errorf("follow %s in epoch %d with %s in %s: %w", authority, epoch, l.c.Dataset, l.c.Region, err)
	}
	return nil
}

// Follows says whether a following is what the replica does still: ErrLeft.
func (l *Leadership) Follows(f *Following) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.follows != f {
		return ErrLeft
	}
	return nil
}

// Reseed ends the following, has drop remove what the replica holds, and follows the
// same authority in the same epoch again, whether drop succeeded or not. No other
// change runs meanwhile. One that follows nobody refuses. The errors are drop's and
// those of Follow.
func (l *Leadership) Reseed(ctx context.Context, drop func(*Following) error, begin func(*Change) error) error {
	give, err := l.turn(ctx)
	if err != nil {
		return fmt.Errorf("reseed %s in %s: %w", l.c.Dataset, l.c.Region, err)
	}
	defer give()
	l.mu.Lock()
	f := l.follows
	l.leave()
	l.mu.Unlock()
	if f == nil {
		err = errors.New("it follows nobody that it could be copied from")
	} else {
		err = drop(f)
	}
	if err != nil {
		err = fmt.Errorf("reseed %s in %s: %w", l.c.Dataset, l.c.Region, err)
	}
	if f == nil {
		return err
	}
	return errors.Join(err, l.follow(f.Authority, f.Epoch, begin))
}
