package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/build"
	"github.com/fleetdrill/fleetdrill/drill/fleet/gateway"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/wanted"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/drill/pause"
)

const (
	// probeEvery is how often a region that is awaited is asked.
	probeEvery = 50 * time.Millisecond
	// terminalEvery is how often it is looked whether waiting has become pointless.
	terminalEvery = 2 * time.Second
	// replacedWithin is how long pods of another build may answer until those of a new
	// image have taken their place: ten times what a roll-out took on two busy cores.
	replacedWithin = time.Minute
)

// cordonedError is a region that can't serve because its node takes no pods of it.
type cordonedError struct{ node, region string }

func (e *cordonedError) Error() string {
	return "node " + e.node + " is cordoned for " + e.region + "; uncordon the region"
}

// readiness waits until regions serve.
type readiness struct {
	engine *host.Runtime
	within time.Duration    // for each wait
	build  string           // that replicas must be of; "" takes any
	web    *wanted.Replicas // how many web replicas regions are to have; nil is some
}

// answer waits until the region's gateway answers, for itself where the region is to have no web replica, else from one that started at
// or after the given moment by the engine's clock, which is the pods' too.
func (w readiness) answer(ctx context.Context, c *cluster, at kube.Region, started time.Time) (wire.Health, error) {
	ctx, cancel := context.WithTimeout(ctx, w.within)
	defer cancel()
	address, err := c.address(ctx, w.engine, at.Name, c.container())
	if err != nil {
		return wire.Health{}, err
	}
	probe := gateway.Probe
	if w.web != nil && w.web.Of(at.Name) == 0 {
		probe = gateway.ProbeLive
	}
	began, looked, terminal := time.Now(), time.Now(), kube.Terminal{}
	var last error // what the last probe found that had its time
	for {
		bounded, stop := context.WithTimeout(ctx, gateway.ProbeWithin)
		health, err := probe(bounded, address, at.Name)
		stop()
		if err == nil {
			// A fleet that is joined answers by its old pods for a while.
			err = build.Same(w.build, health.Build)
			if err != nil && time.Since(began) > replacedWithin {
				return wire.Health{}, err
			}
		}
		if err == nil && !health.Started.Before(started) {
			return health, nil
		}
		if err == nil {
			err = fmt.Errorf("replica %s answers and is from before (%s)", health.Replica, health.Started.Format(time.TimeOnly))
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		if time.Since(looked) > terminalEvery {
			looked = time.Now()
			if err := w.terminal(ctx, c, at, terminal); err != nil {
				return wire.Health{}, err
			}
		}
		if !pause.For(ctx, probeEvery) {
			return wire.Health{}, w.notReady(ctx, c, at, last)
		}
	}
}

// terminal is why a region that is awaited will not come: its node takes no pods,
// or they do not start. An API server that does not answer yet is no reason, and is
// not waited for, since the region is being probed meanwhile.
func (w readiness) terminal(ctx context.Context, c *cluster, at kube.Region, terminal kube.Terminal) error {
	api, err := c.connect()
	if err != nil {
		return err
	}
	brief, cancel := context.WithTimeout(ctx, gateway.ProbeWithin)
	defer cancel()
	node, err := api.Node(brief, c.node)
	if err != nil {
		return nil
	}
	if kube.Cordoned(node, at) {
		return &cordonedError{c.node, at.Name}
	}
	pods, err := api.Pods(brief, at)
	if err != nil {
		return nil
	}
	if why := terminal.Failure(pods, time.Now()); why != "" {
		return w.notReady(ctx, c, at, errors.New(why))
	}
	return nil
}

// pods waits until every pod that is wanted is ready, in a container that started at or
// after the given moment. seen gets how far it is.
func (w readiness) pods(ctx context.Context, c *cluster, at kube.Region, wanted []kube.Wanted, started time.Time, seen func(string)) error {
	api, err := c.connect()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, w.within)
	defer cancel()
	return w.withNext(c, at, api.AwaitPods(ctx, at, wanted, started, seen))
}

func (w readiness) notReady(ctx context.Context, c *cluster, at kube.Region, cause error) error {
	api, err := c.connect()
	if err != nil {
		return errors.Join(cause, err)
	}
	return w.withNext(c, at, api.NotReady(ctx, at, cause))
}

// withNext adds to an error where a person looks next.
func (w readiness) withNext(c *cluster, at kube.Region, err error) error {
	var noAPI *kube.NoAPIError
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &noAPI):
		return fmt.Errorf("%w; look with \"%s logs %s\"", err, w.engine.Name, c.node)
	}
	return fmt.Errorf("%w; look with \"%s -n %s describe pods\"", err, c.kubectl(), at.Namespace)
}
