package governor

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/reconciler"
	"github.com/fleetdrill/fleetdrill/drill/config/render"
	"github.com/fleetdrill/fleetdrill/drill/config/repository"
	"github.com/fleetdrill/fleetdrill/drill/config/seed"
	"github.com/fleetdrill/fleetdrill/drill/config/source"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Opening is a fleet's repository on its way to be read: it needs no region, so it is opened, and its newest revision rendered, while
// the fleet's processes or clusters start.
type Opening struct {
	fleet  topology.Fleet
	cancel context.CancelFunc
	done   chan struct{} // closed once the rest is there

	repo   *repository.Repository
	source *source.Git
	err    error

	now   func() time.Time
	mu    sync.Mutex // guards what follows
	ahead map[string]reconciler.Delivered
}

// Prepare begins what is the same for every repository, as soon as it is known that one governs the fleet.
func Prepare(f topology.Fleet) {
	if f.Config != nil {
		go render.Prepare()
	}
}

// Open begins to open a fleet's repository, or to make it in a folder with a first commit of the fleet file; its Config is not nil. now is
// for that commit. A platform that can gives its regions the first revision in its Up, which is called after this, unless reconcilers stand in
// a hub, which is not up yet itself. End has to be called.
func Open(ctx context.Context, f topology.Fleet, folder string, now func() time.Time, p fleet.Governed) *Opening {
	ctx, cancel := context.WithCancel(ctx)
	o := &Opening{fleet: f, cancel: cancel, done: make(chan struct{}), now: now, ahead: map[string]reconciler.Delivered{}}
	if early, can := p.(fleet.Clusters); can && f.Config.Mode != topology.ConfigHub {
		early.First(o.deliver)
	}
	go func() {
		defer close(o.done)
		if o.repo, o.err = open(ctx, f, folder, now); o.err != nil {
			return
		}
		o.source = source.New(o.repo, f.RegionNames())
		if head, err := o.source.Head(ctx); err == nil {
			_ = o.source.Check(ctx, head.Hash) // what it renders is kept; what it refuses, the first look refuses and tells
		}
	}()
	return o
}

// deliver gives a region the first revision. What it can't give is left to the first reconciliation, which tells of it.
func (o *Opening) deliver(ctx context.Context, region string, target reconciler.Target) {
	select {
	case <-o.done:
	case <-ctx.Done():
		return
	}
	if o.err != nil {
		return
	}
	if d, err := reconciler.Deliver(ctx, o.source, region, target, reconciler.Wall{Now: o.now, Sleep: pause.For}); err == nil {
		o.mu.Lock()
		o.ahead[region] = d
		o.mu.Unlock()
	}
}

// delivered is what a region was given so.
func (o *Opening) delivered(region string) reconciler.Delivered {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ahead[region]
}

// End gives up what is not done, and returns once nothing of it runs. What a Governor was made of stays.
func (o *Opening) End() {
	if o == nil {
		return
	}
	o.cancel()
	<-o.done
}

// wait returns once it can be read.
func (o *Opening) wait() error {
	<-o.done
	return o.err
}

func open(ctx context.Context, f topology.Fleet, folder string, now func() time.Time) (*repository.Repository, error) {
	switch at := f.Config.Repository; {
	case at == "":
	case repository.IsURL(at):
		return repository.Mirror(ctx, at, folder)
	default:
		return repository.Open(at)
	}
	if err := os.RemoveAll(folder); err != nil {
		return nil, fmt.Errorf("make the repository: %w", err)
	}
	repo, err := repository.Create(folder)
	if err != nil {
		return nil, err
	}
	_, err = repo.Commit(ctx, repository.Change{
		Subject: "Begin with what the fleet file of " + f.Name + " says", Author: config.Author, At: now(), Files: seed.Files(f),
	})
	return repo, err
}
