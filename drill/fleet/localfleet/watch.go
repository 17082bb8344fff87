package localfleet

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/below"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

const (
	// watchEvery is how often a region is looked at where nothing says that it changed.
	watchEvery = 500 * time.Millisecond
	// lookWithin bounds the question for the web replicas. The agent itself gives each
	// of them half a second.
	lookWithin = time.Second
)

// watcher follows regions by asking their gateways.
type watcher struct {
	probe  prober
	report fleet.Report
}

// follow reports the region whenever what is seen of it changes, until the context ends.
func (w watcher) follow(ctx context.Context, r *region) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var last drill.RegionSeen
	for {
		seen, ok := w.look(ctx, r)
		if ok && !reflect.DeepEqual(seen, last) {
			last = seen
			w.report(seen)
		}
		select {
		case <-r.wake:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// look is the region as it is now; false where there is nothing to see yet, or
// something changed meanwhile.
func (w watcher) look(ctx context.Context, r *region) (drill.RegionSeen, bool) {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	r.mu.Lock()
	r.stopLook = cancel // before the state is read: whoever changes it from now on ends this look
	c, frozen, cordoned, names, web, scalings := r.child, r.frozen, r.cordoned, r.replicas, r.web, r.scalings
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.stopLook = nil
		r.mu.Unlock()
	}()
	if c == nil {
		return drill.RegionSeen{}, false
	}
	seen := drill.RegionSeen{
		Region: r.name, Node: fmt.Sprintf("process %d", c.pid), Unschedulable: cordoned,
		Pods: []telemetry.Pod{}, WebWanted: web,
	}
	if c.down() != nil || c.address() == "" {
		return seen, true
	}
	answered := map[string]bool{}
	if !frozen {
		answers, err := w.probe.client(c.address(), r.name).Web(ctx)
		if err != nil && context.Cause(ctx) == context.Canceled { // by changed, or by the fleet's end
			return seen, false
		}
		stopped := false
		if c.down() != nil {
			return seen, false // it has just died, and its end wakes the watch
		}
		if err != nil {
			stopped, _ = below.Stopped(context.WithoutCancel(ctx), c.pid) // by somebody else
		}
		for _, h := range answers {
			answered[h.Replica] = true
		}
		seen.NodeReady = !stopped
		if r.spec.Zones > 0 {
			seen.Zones = w.zones(ctx, c, r)
		}
		// One that has fallen silent stays on the list.
		names = slices.Compact(slices.Sorted(slices.Values(slices.AppendSeq(slices.Clone(names), maps.Keys(answered)))))
	}
	r.mu.Lock()
	stale := r.scalings != scalings
	if !stale {
		r.replicas = names
	}
	r.mu.Unlock()
	if stale {
		return seen, false
	}
	for _, name := range names {
		pod := telemetry.Pod{Name: name, Role: "web", Phase: "Running", Ready: answered[name], Zone: zoneOf(r, name)}
		if !seen.NodeReady {
			pod.Phase = "Stopped"
		}
		if pod.Ready {
			seen.WebReady++
		}
		seen.Pods = append(seen.Pods, pod)
	}
	return seen, true
}
