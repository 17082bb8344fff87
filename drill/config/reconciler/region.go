package reconciler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// region is what is known of one region.
type region struct {
	name   string
	target Target

	released chan struct{} // it is to have another revision from now on

	// turn is held by the one that reconciles the region, changes it by hand or looks at it; it guards what follows.
	turn chan struct{}
	// differs is the drift that was told and not mended yet, and since when.
	differs []config.Field
	since   time.Duration
	failed  string // why it can't take its revision, or does not work, as was told
	away    bool   // it was told to be away
	whole   string // the revision that it has whole, as far as is known
}

// Reconcile reads what a region is to have, holds it against what it has, and puts right what differs, whole or not at all: what
// was left half done before is finished. The error is why it is not as it is to be.
func (f *Fleet) Reconcile(ctx context.Context, name string) error {
	r := f.regions[name]
	r.turn <- struct{}{}
	defer func() { <-r.turn }()
	revision := f.target(name)
	if revision == "" {
		return nil
	}
	asked := f.cfg.Clock.Now()
	limited, cancel := context.WithTimeout(ctx, f.cfg.Within)
	defer cancel()
	revision, err := f.reconcile(limited, r, revision)
	switch {
	case ctx.Err() != nil: // the drill ended, or who asked is gone
		return err
	case errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrHub):
		err = fmt.Errorf("%w: %w", ErrAway, err)
	}
	f.note(r, revision, asked, err)
	return err
}

// Alone does something to a region, or looks at it, while no reconciliation of it goes on: so what is told of it is told in the order
// in which it was. The error is that ctx ended before it was one's turn.
func (f *Fleet) Alone(ctx context.Context, name string, do func()) error {
	r := f.regions[name]
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-r.turn }()
	do()
	return nil
}

// reconcile is one reconciliation, to a revision or a newer one. A region that has started again is given none that is old: its
// reconciler looks at the repository first.
func (f *Fleet) reconcile(ctx context.Context, r *region, revision string) (string, error) {
	began := f.cfg.Clock.Now()
	given, err := r.target.Given(ctx)
	if err != nil {
		return revision, err
	}
	if !given.Confirmed && given.Revision != "" && f.cfg.Mode != topology.ConfigManual {
		f.hub(false, nil) // it led there
		looking, cancel := context.WithTimeout(ctx, answerWithin/5)
		_ = f.look(looking) // its failure is news
		cancel()
		revision = f.target(r.name)
	}
	return revision, f.bring(ctx, r, revision, given, began)
}

// bring brings a region to a revision.
func (f *Fleet) bring(ctx context.Context, r *region, revision string, given config.Given, began time.Duration) error {
	objects, err := f.cfg.Source.Objects(ctx, revision, r.name)
	if err != nil {
		return err
	}
	fields, err := r.target.Diff(ctx, objects)
	if err != nil {
		return err
	}
	same, differs := given.Revision == revision && given.Whole(), len(fields) > 0
	if same && differs {
		f.drifted(r, revision, fields)
	}
	if !same || !given.Confirmed || differs {
		if err := r.target.Apply(ctx, revision, objects); err != nil {
			return err
		}
	}
	// What others have added with our label, or a revision before left, is no part of any.
	pruned, err := r.target.Prune(ctx, refs(objects))
	if err != nil {
		return err
	}
	if !same || differs {
		if err := whole(ctx, r.target, objects); err != nil {
			return err
		}
	}
	told := r.whole == revision // a region that had it before this process came has to be told of too
	r.whole = revision
	if len(pruned) == 0 { // as a journal reads it back
		pruned = nil
	}
	var before *config.Before
	if !same && !given.Confirmed && given.Revision != "" {
		now, err := r.target.Given(ctx)
		if err != nil {
			return err
		}
		before = now.Before
	}
	took, was := f.cfg.Clock.Now()-began, given.Revision
	if same {
		was = ""
	}
	if d := f.ahead(r.name); same && !told && !differs && d.Revision == revision { // what it took to give, not to find
		fields, took = d.Fields, d.Took
	}
	switch {
	case !same || !told && !differs:
		f.cfg.Emit(drill.Configured{News: config.Applied{Region: r.name, Revision: revision, Was: was, Fields: bounded(fields), Pruned: pruned, Took: took, Before: before}})
	case differs:
		f.cfg.Emit(drill.Configured{News: config.Mended{Region: r.name, Revision: revision, Fields: bounded(fields), Took: f.cfg.Clock.Now() - r.since}})
	}
	r.differs = nil
	health, err := r.target.Health(ctx)
	switch {
	case err != nil || health.Ready:
		return err
	case health.Progressing:
		return fmt.Errorf("%w: %s", ErrProgressing, health.Why)
	}
	return fmt.Errorf("%w: %s", errUnwell, health.Why)
}

// errUnwell is of a region that has its revision and does not work.
var errUnwell = errors.New("it does not work")

func said(value string) string {
	if value == "" {
		return "missing"
	}
	return value
}

// mostFields bounds how many fields an event names.
const mostFields = 20

// bounded is as a journal reads it back: of none, nil.
func bounded(fields []config.Field) []config.Field {
	if len(fields) == 0 {
		return nil
	}
	return config.Brief(fields[:min(len(fields), mostFields)])
}

func refs(objects []config.Object) []config.Ref {
	out := make([]config.Ref, len(objects))
	for i, o := range objects {
		out[i], _ = config.RefOf(o)
	}
	return out
}

// drifted tells once what differs.
func (f *Fleet) drifted(r *region, revision string, fields []config.Field) {
	if slices.Equal(r.differs, fields) {
		return
	}
	if len(r.differs) == 0 {
		r.since = f.cfg.Clock.Now()
	}
	r.differs = fields
	f.cfg.Emit(drill.Configured{News: config.Drifted{Region: r.name, Revision: revision, Fields: bounded(fields)}})
}

// note keeps what a reconciliation came to, for the gate, and tells what of it is new.
func (f *Fleet) note(r *region, revision string, asked time.Duration, err error) {
	hub, away := errors.Is(err, ErrHub), errors.Is(err, ErrAway)
	f.hub(hub, err)
	if hub {
		return
	}
	if away != r.away {
		r.away = away
		news := config.Unreached{Region: r.name, On: away}
		if away {
			news.Why, news.Asked = err.Error(), asked
		}
		f.cfg.Emit(drill.Configured{News: news})
	}
	why := ""
	if err != nil {
		why = err.Error()
	}
	f.mu.Lock()
	f.seen[r.name] = config.Seen{Applied: r.whole, Why: why}
	f.mu.Unlock()
	switch {
	case away || why == r.failed || errors.Is(err, ErrProgressing): // a roll-out is no failure: the gate alone waits for it
		return
	case why == "":
		f.cfg.Emit(drill.Configured{News: config.Recovered{Region: r.name}})
	default:
		f.cfg.Emit(drill.Configured{News: config.Failed{Region: r.name, Revision: revision, Kept: r.whole, Why: why}})
	}
	r.failed = why
}

// hub tells once that the hub is gone, or there again.
func (f *Fleet) hub(gone bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if gone == f.hubless {
		return
	}
	f.hubless = gone
	news := config.Unreached{On: gone}
	if gone {
		news.Why = err.Error()
	} else {
		wake(f.again)
	}
	f.cfg.Emit(drill.Configured{News: news})
}
