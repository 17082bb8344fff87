package kindfleet

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"runtime"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// Address implements fleet.Platform. It is read from the node's container once and
// again after each start: kind gives the gateway's port a number of its own, and
// an engine can't change the number without making another container. So it is
// known, and cheap, for every connection, also while the region is down.
func (f *Fleet) Address(ctx context.Context, name string) (string, error) {
	r, err := f.region(name)
	if err != nil {
		return "", err
	}
	r.mu.Lock()
	id, address := r.id, r.address
	r.mu.Unlock()
	if address != "" {
		return address, nil
	}
	if id == "" {
		if id = f.recordedNode(name); id == "" {
			return "", fmt.Errorf("address of region %s: %w: it is not up yet", name, fleet.ErrDown)
		}
	}
	e, err := f.detected(ctx)
	if err != nil {
		return "", fmt.Errorf("address of region %s: %w", name, err)
	}
	c, err := e.inspect(ctx, id)
	if err != nil {
		return "", fmt.Errorf("address of region %s: %w", name, err)
	}
	if address, err = c.address(gatewayPort); err != nil {
		return "", fmt.Errorf("address of region %s: %w", name, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.address = address
	return address, nil
}

func (r *region) forgetAddress() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.address = ""
}

// Relays implements fleet.Platform. It is known once Up has returned; before that it is
// this host's loopback, which no region reaches.
func (f *Fleet) Relays() fleet.RelayHost {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.relays.Listen == "" {
		return fleet.RelayHost{Listen: "127.0.0.1", Advertise: "127.0.0.1"}
	}
	return f.relays
}

// findRelays finds where regions reach this process. Where the engine shares this
// host's kernel that is the gateway of the nodes' network, an address of this host
// to which the nodes masquerade their pods. Where it runs in a virtual machine
// (Docker Desktop, also on Linux), it is the name by which that machine forwards
// to the host's loopback.
func (f *Fleet) findRelays(ctx context.Context, e *Engine) error {
	relays := fleet.RelayHost{Listen: "127.0.0.1", Advertise: "host.docker.internal"}
	if runtime.GOOS == "linux" && !strings.Contains(e.OS, "Docker Desktop") {
		c, err := e.inspect(ctx, f.regions[0].container())
		if err != nil {
			return fmt.Errorf("find where relays can listen: %w", err)
		}
		out, err := e.run(ctx, lookWithin, "network", "inspect", c.network())
		if err != nil {
			return fmt.Errorf("find where relays can listen: %w", err)
		}
		gateway, err := parseGateway(out)
		if err != nil {
			return fmt.Errorf("find where relays can listen: network %s: %w", c.network(), err)
		}
		relays = fleet.RelayHost{Listen: gateway, Advertise: gateway}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.relays = relays
	return nil
}

// parseGateway reads a network's IPv4 gateway from "network inspect": docker and
// nerdctl have it below IPAM, podman below subnets.
func parseGateway(out []byte) (string, error) {
	var networks []struct {
		IPAM    struct{ Config []struct{ Gateway string } }
		Subnets []struct{ Gateway string } `json:"subnets"`
	}
	if err := json.Unmarshal(out, &networks); err != nil {
		return "", fmt.Errorf("not understood: %w", err)
	}
	for _, n := range networks {
		for _, c := range append(n.IPAM.Config, n.Subnets...) {
			if a, err := netip.ParseAddr(c.Gateway); err == nil && a.Is4() {
				return a.String(), nil
			}
		}
	}
	return "", fmt.Errorf("has no IPv4 gateway")
}

// recordedNode is the node container of a region that another process brought up,
// "" when none is recorded: `status` asks regions that it does not drive.
func (f *Fleet) recordedNode(region string) string {
	file, err := record.Open(f.cfg.StateDir, f.cfg.Fleet.Name)
	if err != nil {
		return ""
	}
	r := file.Get()
	if c := r.Cluster(region); c != nil {
		return c.NodeContainerID
	}
	return ""
}
