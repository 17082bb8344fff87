// Package ahead gives regions what they are to run first while their platform brings them up.
package ahead

import (
	"context"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/reconciler"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

// Delivery is by whom a platform's regions are given that. Its methods may be called from several goroutines.
type Delivery struct {
	mu   sync.Mutex
	give fleet.Give
}

// First implements fleet.Clusters.
func (d *Delivery) First(give fleet.Give) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.give = give
}

// Begin begins to give a region its objects, where anybody does; the error of objects is that no repository governs it. wait returns
// once that has ended.
func (d *Delivery) Begin(ctx context.Context, region string, objects func(string, fleet.Station) (reconciler.Objects, error)) (wait func()) {
	d.mu.Lock()
	give := d.give
	d.mu.Unlock()
	if give == nil {
		return func() {}
	}
	target, err := objects(region, nobody{})
	if err != nil {
		return func() {}
	}
	var one sync.WaitGroup
	one.Go(func() { give(ctx, region, target) })
	return one.Wait
}

// nobody stands where no gateway is asked, since none is up yet. It implements fleet.Station.
type nobody struct{}

// Given implements fleet.Station: nobody was told.
func (nobody) Given(context.Context) (config.Given, error) { return config.Given{}, nil }

// Confirm implements fleet.Station: the first reconciliation tells the region.
func (nobody) Confirm(context.Context) error { return nil }
