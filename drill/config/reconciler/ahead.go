package reconciler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// Delivered is a revision that a region was given whole while it came up, before its reconciler ran.
type Delivered struct {
	Revision string
	Fields   []config.Field // that differed
	Took     time.Duration
}

// Wall is the time where no drill runs yet.
type Wall struct {
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) bool // false where ctx ends first
}

// Deliver gives a region that comes up the newest revision, as soon as something there takes it, and returns once it has that whole. A
// region that does not answer yet is asked again until ctx ends. Nothing is told: a reconciliation looks at it again, and tells of it.
func Deliver(ctx context.Context, s Source, region string, t Target, c Wall) (d Delivered, err error) {
	head, err := s.Head(ctx)
	if err != nil {
		return d, err
	}
	if err := s.Check(ctx, head.Hash); err != nil {
		return d, err
	}
	objects, err := s.Objects(ctx, head.Hash, region)
	if err != nil {
		return d, err
	}
	began := c.Now()
	for {
		fields, err := deliver(ctx, t, head.Hash, objects)
		switch {
		case err == nil:
			return Delivered{Revision: head.Hash, Fields: fields, Took: c.Now().Sub(began)}, nil
		case !errors.Is(err, ErrAway):
			return d, err
		}
		if !c.Sleep(ctx, againAfter) {
			return d, errors.Join(context.Cause(ctx), err)
		}
	}
}

func deliver(ctx context.Context, t Target, revision string, objects []config.Object) ([]config.Field, error) {
	fields, err := t.Diff(ctx, objects)
	if err != nil {
		return nil, err
	}
	if err := t.Apply(ctx, revision, objects); err != nil {
		return nil, err
	}
	return fields, whole(ctx, t, objects)
}

// whole is why a region does not have objects that it was given.
func whole(ctx context.Context, t Target, objects []config.Object) error {
	left, err := t.Diff(ctx, objects)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("%s is %s after it was applied, not %s", left[0], said(left[0].Actual), said(left[0].Wanted))
	}
	return err
}

// ahead is what a region was given before its reconciler ran; none where nothing was.
func (f *Fleet) ahead(region string) Delivered {
	if f.cfg.Ahead == nil {
		return Delivered{}
	}
	return f.cfg.Ahead(region)
}
