package agent

import (
	"context"
	"path/filepath"

	"github.com/fleetdrill/fleetdrill/drill/agent/objects"
	"github.com/fleetdrill/fleetdrill/drill/agent/web"
)

// startWeb starts the web tier inside this process: as many replicas as the flags say, or as the region's objects do.
func (a *Agent) startWeb(g *gateway) error {
	if !a.cfg.Governed {
		webs, err := web.NewInside(a.cfg.Region, a.cfg.Replicas, func(name string) *web.Replica { return a.webReplica(name, g) })
		if err != nil {
			return err
		}
		g.web = web.NewTier(a.cfg.Region, webs)
		return nil
	}
	kept, err := objects.Open(a.cfg.Region, filepath.Join(a.cfg.Data, "objects.json"), a.cfg.Fenced)
	if err != nil {
		return err
	}
	g.objects = kept
	webs, err := web.NewInside(a.cfg.Region, 0, func(name string) *web.Replica {
		c := a.webConfig(name, g)
		c.Capacity, c.Admits, c.Serves = kept.Capacity(), kept.Admits, kept.Serves
		return web.New(c)
	})
	if err != nil {
		return err
	}
	g.web = web.NewTier(a.cfg.Region, webs)
	return kept.Begin(workload{webs})
}

// workload is web replicas inside this process, as objects govern them.
type workload struct{ web.Servers }

// Run implements objects.Workload.
func (w workload) Run(replicas int, anew bool) error {
	do := w.Scale
	if anew {
		do = w.Renew
	}
	_, err := do(replicas)
	return err
}

// Running implements objects.Workload.
func (w workload) Running() int {
	running, err := w.Health(context.Background())
	if err != nil {
		return 0
	}
	return len(running)
}
