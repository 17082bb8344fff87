package kindfleet

import (
	"sync"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/wanted"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// watches is the watch of each region that is followed.
type watches struct {
	out reporter
	web *wanted.Replicas

	mu      sync.Mutex // guards what follows
	running map[string]*kube.Watch
	closed  bool // none is started any more
}

func newWatches(out reporter, web *wanted.Replicas) *watches {
	return &watches{out: out, web: web, running: map[string]*kube.Watch{}}
}

// open lets watches be started again.
func (w *watches) open() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = false
}

// start follows a cluster's regions, anew where they were followed.
func (w *watches) start(c *cluster) {
	w.stop(c)
	for _, at := range c.regions {
		w.startRegion(c, at)
	}
}

func (w *watches) startRegion(c *cluster, at kube.Region) {
	api, err := c.connect()
	if err != nil {
		w.out.to(drill.TaskFailed{Task: "watch region " + at.Name, Error: err.Error(), Next: "the region is judged by probes alone"})
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.running[at.Name] != nil {
		return
	}
	w.running[at.Name] = api.Watch(kube.WatchConfig{
		Region: at, WebWanted: func() int { return w.web.Of(at.Name) },
		Seen:   func(seen drill.RegionSeen) { w.out.to(seen) },
		Ignore: func() bool { return c.faulted() == fleet.OpKill },
		Gone:   c.isBroken,
		Broke:  func(err error) { w.broke(c, at, err) },
	})
}

// broke reports a watch that lost its server, unless a fault of ours explains it.
func (w *watches) broke(c *cluster, at kube.Region, err error) {
	if c.faulted() != "" {
		return
	}
	w.out.to(drill.TaskFailed{
		Task: "watch region " + at.Name, Error: err.Error(),
		Next: "tried again by itself; look with \"" + c.kubectl() + " get nodes\"",
	})
}

// again has the watches of a cluster's regions look again.
func (w *watches) again(c *cluster) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, at := range c.regions {
		w.running[at.Name].Again()
	}
}

// stop ends the watches of a cluster's regions and waits for them.
func (w *watches) stop(c *cluster) {
	w.mu.Lock()
	var ending []*kube.Watch
	for _, at := range c.regions {
		ending = append(ending, w.running[at.Name])
		delete(w.running, at.Name)
	}
	w.mu.Unlock()
	for _, watch := range ending {
		watch.Stop()
	}
}

// stopAll ends all watches and waits for them; none is started until open.
func (w *watches) stopAll() {
	w.mu.Lock()
	w.closed = true
	ending := w.running
	w.running = map[string]*kube.Watch{}
	w.mu.Unlock()
	for _, watch := range ending {
		watch.Stop()
	}
}

// dead reports regions whose container was seen to have ended: whatever their API
// server said last, no process of it is left.
func (w *watches) dead(c *cluster) {
	for _, at := range c.regions {
		w.out.to(drill.RegionSeen{Region: at.Name, Node: c.node, Pods: []telemetry.Pod{}, WebWanted: w.web.Of(at.Name)})
	}
}
