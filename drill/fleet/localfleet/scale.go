package localfleet

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/gateway"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Scale implements fleet.Platform: the region's process starts web replicas as processes of their own, spread over its zones,
// and stops them; those that it began with are in itself. It is proved by the list that the gateway gives, by an answer of each
// one, and by the processes that run.
func (p *Platform) Scale(ctx context.Context, name string, replicas int) (fleet.Proof, error) {
	proof, err := p.scale(ctx, name, replicas)
	if err != nil {
		return fleet.Proof{}, fmt.Errorf("scale region %s: %w", name, err)
	}
	return proof, nil
}

// governed is regions that can get what they run by their repository. It implements fleet.Governed.
type governed map[string]*region

// Govern implements fleet.Governed.
func (g governed) Govern(region string, replicas int) {
	if r := g[region]; r != nil && r.config != nil {
		r.scaled(replicas)
	}
}

func (p *Platform) scale(ctx context.Context, name string, replicas int) (fleet.Proof, error) {
	r, err := p.region(name)
	if err != nil {
		return fleet.Proof{}, err
	}
	s := p.current()
	if s == nil {
		return fleet.Proof{}, fmt.Errorf("%w: the fleet is not up", fleet.ErrDown)
	}
	ctx, cancel := s.bound(ctx)
	defer cancel()
	if err := r.await(ctx); err != nil {
		return fleet.Proof{}, s.reason(ctx)
	}
	defer r.release()
	c := r.current()
	if err := c.down(); err != nil {
		return fleet.Proof{}, r.whyDown(err)
	}
	ready, done := p.starter.ready(ctx)
	defer done()
	if _, err := c.awaitAddress(ready); err != nil {
		return fleet.Proof{}, err
	}
	p.out.commanded(name, `curl -X PUT -H Fleetdrill-Token:$%s -d '{"replicas":%d}' http://%s%s`, tokenVariable, replicas, c.address(), wire.PathReplicas)
	was := r.webWanted()
	r.scaled(replicas) // before a watch sees fewer than were wanted
	found, err := p.probe.scale(ready, r, replicas)
	if err != nil {
		r.scaled(was)
		return fleet.Proof{}, err
	}
	r.scaled(replicas) // a watch may have seen one that has gone since
	return p.out.prove("%s", found), nil
}

// match gives a region of a fleet that is joined the number of web replicas that it begins with: it may have been left
// with another.
func (p prober) match(ctx context.Context, r *region) error {
	listed, err := p.client(r.current().address(), r.name).Web(ctx)
	if err == nil && len(listed) != r.webWanted() {
		_, err = p.scale(ctx, r, r.webWanted())
	}
	return err
}

// scale has the region's agent run so many web replicas, and says what shows that it does.
func (p prober) scale(ctx context.Context, r *region, replicas int) (string, error) {
	client := p.client(r.current().address(), r.name)
	if _, err := wire.ScaleWeb(ctx, client, replicas); err != nil {
		return "", err
	}
	listed, err := client.Web(ctx)
	if err != nil {
		return "", fmt.Errorf("read back: %w", err)
	}
	lists := "gateway lists " + format.Plural(len(listed), "web replica", "web replicas")
	if len(listed) != replicas {
		return "", fmt.Errorf("its %s, wanted %d", lists, replicas)
	}
	answered := map[string]bool{}
	for range 3 * replicas { // they serve in turn, and others may ask at the same time
		probe, cancel := context.WithTimeout(ctx, gateway.ProbeWithin)
		health, err := client.Health(probe)
		cancel()
		if err != nil {
			return "", fmt.Errorf("its %s, and a probe says: %w", lists, err)
		}
		if answered[health.Replica] = true; len(answered) == replicas {
			break
		}
	}
	if replicas > 0 {
		started, err := wire.Zones(ctx, client)
		if err != nil {
			return "", fmt.Errorf("ask for its processes: %w", err)
		}
		started = slices.DeleteFunc(started, func(p wire.ZoneProcess) bool { return p.Store })
		own := ""
		if len(started) > 0 {
			own = ", " + processes(started, " is one of them", " are of them")
		}
		return fmt.Sprintf("%s, %d answered in turn%s", lists, len(answered), own), nil
	}
	if _, err := client.Health(ctx); !errors.Is(err, wire.ErrNoWeb) {
		return "", fmt.Errorf("it has no web replica, and a probe says %v", err)
	}
	return "gateway lists no web replica, a probe is refused", nil
}
