package agent

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/fleetdrill/fleetdrill/drill/agent/apiserver"
	"github.com/fleetdrill/fleetdrill/drill/agent/objects"
	"github.com/fleetdrill/fleetdrill/drill/agent/web"
	"github.com/fleetdrill/fleetdrill/drill/agent/zone"
)

// startWeb starts the web tier: as many replicas as the flags say, and those that scaling adds in processes of their own; or, all
// inside this process, what the region's objects say.
func startWeb(a *Agent, g *gateway, zones *zone.Zones) error {
	if !a.cfg.Governed {
		more := a.replicasOf(zones)
		var first []web.Running
		for n := range a.cfg.Replicas {
			first = append(first, web.Inside(a.webReplica(zone.Replica(nil, n).Name, g)))
		}
		g.web = web.NewTier(a.cfg.Region, web.NewOwn(a.cfg.Region, first, more))
		return nil
	}
	kept, err := objects.Open(a.cfg.Region, filepath.Join(a.cfg.Data, "objects.json"), a.cfg.Fenced)
	if err != nil {
		return err
	}
	g.objects, g.rules = kept, &kept.Rules
	webs := web.NewOwn(a.cfg.Region, nil, func(n int) web.Running {
		c := webConfig(a, zone.Replica(nil, n).Name, g)
		c.Capacity, c.Admits = kept.Capacity(), kept.Admits
		return web.Inside(web.New(c))
	})
	g.web = web.NewTier(a.cfg.Region, webs)
	return kept.Begin(governedWeb{webs})
}

// followCluster has a gateway go by the objects that the region's own cluster has, where the region is governed.
func followCluster(a *Agent, g *gateway) error {
	if !a.cfg.Governed {
		return nil
	}
	if a.cfg.Cluster == nil {
		a.cfg.Cluster = apiserver.InCluster
	}
	server, err := a.cfg.Cluster()
	if err != nil {
		return fmt.Errorf("follow the region's objects: %w", err)
	}
	g.rules = objects.Follow(a.leaving, server, a.cfg.Region, a.cfg.Fenced, a.cfg.Logger)
	return nil
}

// governedWeb is web replicas inside this process, as objects govern them.
type governedWeb struct{ web.Servers }

// Run implements objects.Workload.
func (w governedWeb) Run(replicas int, anew bool) error {
	do := w.Scale
	if again, can := w.Servers.(web.Renewer); anew && can {
		do = again.Renew
	}
	_, err := do(context.Background(), replicas)
	return err
}

// Running implements objects.Workload.
func (w governedWeb) Running() int {
	running, err := w.Health(context.Background())
	if err != nil {
		return 0
	}
	return len(running)
}
