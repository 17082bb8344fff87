package discovery

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// run asks the regions whether they lead, at the interval of the fleet's probes and whenever a topology came, until the
// directory is closed.
func (d *Directory) run() {
	every := topology.DefaultProbe.Every
	for {
		wait := time.NewTimer(every)
		select {
		case <-d.ctx.Done():
		case <-wait.C:
		case <-d.look:
		}
		wait.Stop()
		if d.ctx.Err() != nil {
			return
		}
		every = d.round()
	}
}

// round asks every region once, all at the same time, and returns after which time to ask again.
func (d *Directory) round() time.Duration {
	d.mu.Lock()
	told, own, regions, datasets := d.told, d.region, slices.Clone(d.regions), slices.Clone(d.datasets)
	d.mu.Unlock()
	if told == nil || told.Kind == topology.DiscoveryBareDNS {
		return topology.DefaultProbe.Every
	}
	var all sync.WaitGroup
	if told.Slices {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(d.ctx, told.Probe.Timeout)
			defer cancel()
			d.imported(ctx, told, datasets)
		})
		regions = slices.DeleteFunc(regions, func(region string) bool { return region != own })
	}
	for _, region := range regions {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(d.ctx, told.Probe.Timeout)
			defer cancel()
			st, err := d.cfg.Ask(ctx, region)
			d.heard(told, region, datasets, st, err)
		})
	}
	all.Wait()
	return told.Probe.Every
}

// heard takes one region's answer in for every dataset, unless the region was told of another kind of discovery meanwhile.
func (d *Directory) heard(told *wire.Discovery, region string, datasets []string, st wire.RegionStatus, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.told != told {
		return
	}
	for _, dataset := range datasets {
		said := no
		switch {
		case err != nil:
			said = silent
		case leads(st, dataset):
			said = yes
		}
		d.endpoints(dataset).heard(region, said)
	}
}

// noted logs that the cluster's API server does not answer, or does again, each once.
func (d *Directory) noted(err error) {
	now := ""
	if err != nil {
		now = err.Error()
	}
	d.mu.Lock()
	was := d.failure
	d.failure = now
	d.mu.Unlock()
	switch {
	case now == was:
	case err != nil:
		d.cfg.Logger.Warn("the cluster's EndpointSlices are not known", "error", err)
	default:
		d.cfg.Logger.Info("the cluster's EndpointSlices are known again")
	}
}
