package kindfleet

import (
	"context"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
)

// Address implements fleet.Platform. It is read from the node's container once and
// again after each start: kind gives the gateway's port a number of its own, and
// an engine can't change the number without making another container. So it is
// known, and cheap, for every connection, also while the region is down.
func (p *Platform) Address(ctx context.Context, region string) (string, error) {
	c, err := p.clusterOf(region)
	if err != nil {
		return "", err
	}
	if known := c.knownAddress(region); known != "" {
		return known, nil
	}
	address, err := func() (string, error) {
		id := c.container()
		if id == "" {
			if id = p.own.recordedNode(region); id == "" {
				return "", fmt.Errorf("%w: it is not up yet", fleet.ErrDown)
			}
		}
		e, err := p.detected(ctx)
		if err != nil {
			return "", err
		}
		return c.address(ctx, e, region, id)
	}()
	if err != nil {
		return "", fmt.Errorf("address of region %s: %w", region, err)
	}
	return address, nil
}

// Relays implements fleet.Platform. It is known once Up has returned; before that it is
// this host's loopback, which no region reaches.
func (p *Platform) Relays() fleet.RelayHost {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.relays.Listen == "" {
		return fleet.RelayHost{Listen: "127.0.0.1", Advertise: "127.0.0.1"}
	}
	return p.relays
}

// kindNetwork is the network that kind puts its nodes into.
const kindNetwork = "kind"

// findRelays finds where regions reach this process (host.Reached).
func (p *Platform) findRelays(ctx context.Context, e *host.Runtime) error {
	listen, advertise, err := host.Reached(ctx, e, p.clusters[0].container(), kindNetwork)
	if err != nil {
		return fmt.Errorf("find where relays can listen: %w", err)
	}
	relays := fleet.RelayHost{Listen: listen, Advertise: advertise}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.relays = relays
	return nil
}
