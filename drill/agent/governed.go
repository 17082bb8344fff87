package agent

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/apiserver"
	"github.com/fleetdrill/fleetdrill/drill/agent/objects"
	"github.com/fleetdrill/fleetdrill/drill/agent/web"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/agent/zone"
)

// startWeb starts the web tier: as many replicas as the flags say, or what the region's objects say. In a region with zones each is
// a process of its zone; in one without, the first are inside this process, and those that scaling adds in processes of their own.
func startWeb(a *Agent, g *gateway, zones *zone.Zones) error {
	process := a.replicasOf(zones)
	if !a.cfg.Governed {
		first, more := []web.Running{}, func(n int) web.Running { return process(replicaSpec(a.cfg, n)) }
		for n := range a.cfg.Replicas {
			if len(a.cfg.Zones) > 0 {
				first = append(first, more(n))
				continue
			}
			first = append(first, web.Inside(a.webReplica(zone.Replica(nil, n).Name, g)))
		}
		g.web = web.NewTier(a.cfg.Region, web.NewOwn(a.cfg.Region, first, more))
		return nil
	}
	kept, err := objects.Open(a.cfg.Region, filepath.Join(a.cfg.Data, "objects.json"), a.cfg.Fenced, a.cfg.Clock)
	if err != nil {
		return err
	}
	g.objects, g.rules = kept, &kept.Rules
	tier := &governedWeb{kept: kept}
	more := func(n int) web.Running { return process(tier.spec(a.cfg.Zones, n)) }
	tier.anew = more
	if len(a.cfg.Zones) == 0 {
		tier.anew = func(n int) web.Running {
			spec, c := tier.spec(nil, n), webConfig(a, zone.Replica(nil, n).Name, g)
			c.Capacity, c.Version = spec.Capacity, spec.Version
			return web.Inside(web.New(c))
		}
	}
	tier.Own = web.NewOwn(a.cfg.Region, nil, more)
	g.web = web.NewTier(a.cfg.Region, ruled{tier.Own, a.cfg.Region, &kept.Rules})
	return kept.Begin(tier)
}

// followCluster has a gateway go by the objects that the region's own cluster has, where the region is governed.
func followCluster(a *Agent, g *gateway) error {
	if !a.cfg.Governed {
		return nil
	}
	connect := a.cfg.Cluster
	if connect == nil {
		connect = apiserver.InCluster
	}
	server, err := connect()
	if err != nil {
		return fmt.Errorf("follow the region's objects: %w", err)
	}
	g.rules = objects.Follow(a.leaving, server, a.cfg.Region, a.cfg.Fenced, a.cfg.Clock, a.cfg.Logger)
	return nil
}

// governedWeb is a region's web replicas, as its objects govern them.
type governedWeb struct {
	*web.Own
	kept   *objects.Store
	anew   func(n int) web.Running // the nth replica of a new version, from 0
	starts int                     // how often all were started anew
}

// spec is what the nth replica is to be, from 0. Two versions run side by side while one takes the place of the other, so that
// their processes have other names.
func (w *governedWeb) spec(zones []string, n int) zone.Spec {
	spec := zone.Replica(zones, n)
	spec.Version, spec.Capacity = w.kept.Version(), w.kept.Capacity()
	if w.starts > 1 {
		spec.Name = fmt.Sprintf("%s-r%d", spec.Name, w.starts)
	}
	return spec
}

// ruled is web replicas whose region goes by objects. What a version does, its replicas do by themselves; what is governed while they
// run (flags, and whether anybody is served yet), the gateway asks before it passes a request on.
type ruled struct {
	web.Servers
	region string
	rules  *objects.Rules
}

// ServeHTTP implements http.Handler.
func (w ruled) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	err := w.rules.Serves()
	if r.URL.Path != wire.PathHealth {
		w.rules.Count(err == nil)
		if err == nil {
			err = w.rules.Admits(r.Method == http.MethodPost)
		}
	}
	if err != nil {
		answer.Error(to, w.region, err)
		return
	}
	w.Servers.ServeHTTP(to, r)
}

// Run implements objects.Workload, which does it for one at a time.
func (w *governedWeb) Run(replicas int, anew bool) error {
	if !anew {
		_, err := w.Scale(context.Background(), replicas)
		return err
	}
	w.starts++
	_, err := w.Renew(context.Background(), replicas, w.anew)
	return err
}

// Running implements objects.Workload.
func (w *governedWeb) Running() int {
	running, err := w.Health(context.Background())
	if err != nil {
		return 0
	}
	return len(running)
}
