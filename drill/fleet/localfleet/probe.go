package localfleet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fleet/gateway"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/below"
	"github.com/fleetdrill/fleetdrill/drill/pause"
)

const (
	// probeEvery is how often a region that is awaited is asked.
	probeEvery = 10 * time.Millisecond
	// frozenAfter is how long a probe must stay without an answer before a stopped
	// process counts as frozen: a hundred times what an answer takes on the loopback.
	frozenAfter = 100 * time.Millisecond
	// mendEvery is how long its replicas' disks are waited for until it is looked whether the process was stopped meanwhile.
	mendEvery = time.Second
)

// errStopped says that a region that is awaited will not answer until it is continued.
var errStopped = errors.New("it is stopped (state T): restore continues it")

// prober asks regions' gateways.
type prober struct {
	token string
	http  *http.Client
}

func newProber(token string) prober {
	transport := wire.NewTransport()
	// A kept connection would say nothing of whether new ones get through.
	transport.DisableKeepAlives = true
	return prober{token: token, http: &http.Client{Transport: transport}}
}

func (p prober) client(address, region string) *wire.Client {
	return wire.NewClient(wire.ClientConfig{Base: "http://" + address, Region: region, Token: wire.Inside(p.token, region), HTTP: p.http})
}

// awaitAnswer probes the region's gateway until it answers with the region's name: by way of a web replica,
// or for itself where the region is to have none. Where
// the process turns out to be stopped, the error is errStopped.
func (p prober) awaitAnswer(ctx context.Context, c *child, r *region) (wire.Health, error) {
	client := p.client(c.addr, r.name)
	ask := client.Health
	if r.webWanted() == 0 {
		ask = func(ctx context.Context) (wire.Health, error) { return wire.Live(ctx, client) }
	}
	var last error
	for {
		probe, cancel := context.WithTimeout(ctx, gateway.ProbeWithin)
		health, err := ask(probe)
		cancel()
		if err == nil {
			return health, nil
		}
		if ctx.Err() == nil || last == nil {
			last = err
		}
		select {
		case <-c.exited:
			return wire.Health{}, fmt.Errorf("%w%s", c.down(), c.lastWords())
		default:
		}
		if stopped, err := below.Stopped(ctx, c.pid); err == nil && stopped {
			return wire.Health{}, fmt.Errorf("process %d: %w", c.pid, errStopped)
		}
		if !pause.For(ctx, probeEvery) {
			return wire.Health{}, fmt.Errorf("process %d listens on %s, but its gateway does not answer as %s: %w (last probe: %w)%s",
				c.pid, c.addr, r.name, context.Cause(ctx), last, c.lastWords())
		}
	}
}

// awaitWhole probes until the region answers, and has the disks under its replicas work. Errors are as awaitAnswer's.
func (p prober) awaitWhole(ctx context.Context, c *child, r *region) (wire.Health, error) {
	health, err := p.awaitAnswer(ctx, c, r)
	for err == nil {
		mending, cancel := context.WithTimeout(ctx, mendEvery)
		err = p.storesOf(r).Mend(mending)
		again := mending.Err() != nil && ctx.Err() == nil // it did not answer in time, or its disks take longer
		cancel()
		if err == nil {
			return health, nil
		}
		if stopped, unknown := below.Stopped(ctx, c.pid); unknown == nil && stopped {
			return wire.Health{}, fmt.Errorf("process %d: %w", c.pid, errStopped)
		}
		if again {
			health, err = p.awaitAnswer(ctx, c, r)
		}
	}
	return wire.Health{}, err
}

// silent makes one probe that must get no answer for frozenAfter.
func (p prober) silent(ctx context.Context, address, region string) error {
	probe, cancel := context.WithTimeout(ctx, frozenAfter)
	defer cancel()
	health, err := p.client(address, region).Health(probe)
	switch {
	case err == nil:
		return fmt.Errorf("%s of it still answers", health.Replica)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, context.DeadlineExceeded):
		return nil
	}
	return fmt.Errorf("a probe of %s is not without an answer: %w", address, err)
}

// awaitStopped returns once the kernel says of the process that it is stopped, or that it is not.
func awaitStopped(ctx context.Context, c *child, want bool) error {
	ctx, cancel := context.WithTimeout(ctx, below.StateWithin)
	defer cancel()
	for {
		stopped, err := below.Stopped(ctx, c.pid)
		if down := c.down(); down != nil {
			return down
		}
		if err != nil {
			return err
		}
		if stopped == want {
			return nil
		}
		if !pause.For(ctx, time.Millisecond) {
			return fmt.Errorf("process %d: stopped is %t, wanted %t: %w", c.pid, stopped, want, context.Cause(ctx))
		}
	}
}
