package reconciler

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Config is what a fleet's reconcilers are made of.
type Config struct {
	Rollout config.Rollout
	Mode    string        // one of topology's ConfigModes
	Every   time.Duration // from one reconciliation of a region to the next
	Within  time.Duration // of one reconciliation: a region that does not answer by then is away; 0 is 5 s
	Source  Source
	Targets map[string]Target // by the names of Rollout.Regions
	// Success is the share of requests that a region answered lately; nil where nobody asked it.
	Success func(region string) *float64
	// Ahead is what a region was given while it came up; nil where none was. Nothing is told of that but by its first reconciliation.
	Ahead func(region string) Delivered
	Emit  func(drill.Body) drill.Event
	Clock Clock
}

// Times of a reconciler.
const (
	// answerWithin bounds what is asked of a repository, and of a region where Config says nothing of it.
	answerWithin = 5 * time.Second
	// againAfter is how soon a region that was away is tried again: a reconciler that starts, starts with a reconciliation.
	againAfter = 250 * time.Millisecond
	// lookEvery is how often a gate is looked at while a wave waits.
	lookEvery = 250 * time.Millisecond
)

// Fleet is the reconcilers of a fleet. Its methods may be called from several goroutines.
type Fleet struct {
	cfg     Config
	regions map[string]*region

	mu      sync.Mutex // guards what follows
	memory  config.Memory
	seen    map[string]config.Seen
	failed  string        // why the repository can't be read or its newest revision can't be rendered, as was told
	checked string        // the newest revision that was looked at, whether it can be rendered or not
	hubless bool          // it was told that the hub does not answer
	again   chan struct{} // the hub answers again: look at the repository
}

// New makes them; nothing is asked yet.
func New(c Config) *Fleet {
	if c.Within == 0 {
		c.Within = answerWithin
	}
	f := &Fleet{cfg: c, regions: map[string]*region{}, seen: map[string]config.Seen{}, again: make(chan struct{}, 1)}
	for _, name := range c.Rollout.Regions {
		f.regions[name] = &region{name: name, target: c.Targets[name], released: make(chan struct{}, 1), turn: make(chan struct{}, 1)}
	}
	return f
}

// First gives every region its first revision, and returns once all have it. It is how a fleet's workload gets there. What can't be
// rendered ends it at once; a region that does not answer, or does not run it yet, is asked again until ctx ends.
func (f *Fleet) First(ctx context.Context) error {
	if err := f.look(ctx); err != nil {
		return err
	}
	var all sync.WaitGroup
	errs := make([]error, len(f.cfg.Rollout.Regions))
	for i, name := range f.cfg.Rollout.Regions {
		all.Go(func() { errs[i] = f.first(ctx, name) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func (f *Fleet) first(ctx context.Context, name string) error {
	for {
		err := f.Reconcile(ctx, name)
		if err == nil || !errors.Is(err, ErrAway) && !errors.Is(err, ErrHub) && !errors.Is(err, ErrProgressing) {
			return err
		}
		if !f.wait(ctx, againAfter/10, nil) {
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

// wait returns after a time, or when it is woken, and false where ctx ends first.
func (f *Fleet) wait(ctx context.Context, d time.Duration, woken <-chan struct{}) bool {
	c, stop := f.cfg.Clock.After(d)
	defer stop()
	select {
	case <-c:
		return ctx.Err() == nil
	case <-woken:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// Run reconciles until ctx ends. In manual mode nothing is done but what Reconcile is asked for.
func (f *Fleet) Run(ctx context.Context) {
	if f.cfg.Mode == topology.ConfigManual {
		<-ctx.Done()
		return
	}
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { f.gates(ctx) })
	all.Go(func() { f.watch(ctx) })
	for _, name := range f.cfg.Rollout.Regions {
		all.Go(func() { f.follow(ctx, name) })
	}
}

// watch looks at the repository at the interval. It does so beside the regions: a repository that hangs is no reason to leave a region
// as it is.
func (f *Fleet) watch(ctx context.Context) {
	for f.wait(ctx, f.cfg.Every, f.again) {
		_ = f.look(ctx) // its failure is news
	}
}

// follow reconciles one region at its interval, and as soon as it is to have another revision.
func (f *Fleet) follow(ctx context.Context, name string) {
	next := f.cfg.Every
	for f.wait(ctx, next, f.regions[name].released) {
		err := f.Reconcile(ctx, name)
		if next = f.cfg.Every; errors.Is(err, ErrAway) || errors.Is(err, ErrHub) {
			next = min(againAfter, f.cfg.Every)
		}
	}
}

// gates looks whether the next wave may follow, while one waits.
func (f *Fleet) gates(ctx context.Context) {
	for f.wait(ctx, min(lookEvery, f.cfg.Every), nil) {
		f.decide("")
	}
}

// look reads which revision is the newest, and lets it through where the rollout does. The error is what keeps it from that.
func (f *Fleet) look(ctx context.Context) error {
	f.mu.Lock()
	gone := f.hubless
	f.mu.Unlock()
	if gone { // who stands in a hub that is gone does not look
		return ErrHub
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	head, err := f.cfg.Source.Head(ctx)
	if err != nil {
		if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
			f.fail("", err)
		}
		return err
	}
	f.mu.Lock()
	known, good := f.checked == head.Hash, f.memory.Head == head.Hash
	f.mu.Unlock()
	if known {
		if good && f.cfg.Source.Locked() == nil { // the repository was away, and is there again
			f.mended()
		}
		f.decide("")
		return nil
	}
	bad := f.cfg.Source.Check(ctx, head.Hash)
	if bad != nil && ctx.Err() != nil { // nothing is known of it yet
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			f.fail("", fmt.Errorf("%s is not read yet: %w", config.Short(head.Hash), bad))
		}
		return ctx.Err()
	}
	f.mu.Lock()
	if f.checked == head.Hash {
		f.mu.Unlock()
		return nil
	}
	f.checked = head.Hash
	news := config.Committed{Revision: head}
	if bad != nil {
		news.Bad = bad.Error()
	}
	f.cfg.Emit(drill.Configured{News: news})
	f.mu.Unlock()
	if bad != nil { // the last good revision stays
		f.fail(head.Hash, bad)
		return bad
	}
	f.mended()
	f.decide(head.Hash)
	return nil
}

// fail tells once why nothing new can be given to any region.
func (f *Fleet) fail(revision string, why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed == why.Error() {
		return
	}
	f.failed = why.Error()
	f.cfg.Emit(drill.Configured{News: config.Failed{Revision: revision, Kept: f.memory.Head, Why: why.Error()}})
}

// mended tells once that something new can be given again.
func (f *Fleet) mended() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed != "" {
		f.failed = ""
		f.cfg.Emit(drill.Configured{News: config.Recovered{}})
	}
}

// decide lets a new revision, or where head is "" the next wave of the newest, through to those that it is for.
func (f *Fleet) decide(head string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := maps.Clone(f.seen)
	for name, s := range seen {
		if f.cfg.Success != nil {
			s.Success = f.cfg.Success(name)
			seen[name] = s
		}
	}
	m, steps := config.Decide(f.cfg.Clock.Now(), f.cfg.Rollout, f.memory, head, seen)
	f.memory = m
	for _, s := range steps {
		if s.Held != "" {
			f.cfg.Emit(drill.Configured{News: config.Held{Revision: s.Revision, Wave: s.Wave, Why: s.Held}})
			continue
		}
		for _, name := range s.Release {
			wake(f.regions[name].released)
		}
		f.cfg.Emit(drill.Configured{News: config.Released{Revision: s.Revision, Wave: s.Wave, Of: len(f.cfg.Rollout.InWaves()), Regions: s.Release}})
	}
}

// wake has who waits for a channel go on; one who does not wait now does so next.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Look looks at the repository now. No region is reconciled for that in manual mode.
func (f *Fleet) Look(ctx context.Context) error { return f.look(ctx) }

// Refused tells once why the repository took no commit; that is over once the next look finds it so.
func (f *Fleet) Refused(why error) { f.fail("", why) }

// target is the revision that a region is to have; "" none yet.
func (f *Fleet) target(name string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.memory.Targets[name]
}

// Sync looks for a new revision and gives it to the regions that are to have it, now: what a person asks for who does not wait
// for the interval, and in manual mode the only way.
func (f *Fleet) Sync(ctx context.Context, names ...string) error {
	err := f.look(ctx)
	var all sync.WaitGroup
	errs := make([]error, len(names))
	for i, name := range names {
		all.Go(func() { errs[i] = f.Reconcile(ctx, name) })
	}
	all.Wait()
	return errors.Join(append(errs, err)...)
}
