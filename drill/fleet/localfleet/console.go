package localfleet

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/below"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var _ fleet.Console = (*Platform)(nil)

// Kubectl implements fleet.Console: there is no cluster.
func (p *Platform) Kubectl(region string) (fleet.Kubectl, error) {
	if _, err := p.region(region); err != nil {
		return fleet.Kubectl{}, err
	}
	return fleet.Kubectl{}, &fleet.Cannot{
		Why:  fmt.Sprintf("%s runs on %s: its regions are processes of this machine and have no cluster", p.cfg.Fleet.Name, On),
		Next: "look at a region's process with `fleetdrill status`, or run the fleet with --on kind",
	}
}

// Psql implements fleet.Console: the server listens on a socket of this machine.
func (p *Platform) Psql(_ context.Context, d topology.Dataset, region string) (fleet.Command, error) {
	if _, err := p.region(region); err != nil {
		return nil, err
	}
	if err := fleet.HasServer(d, region); err != nil {
		return nil, err
	}
	program, install := below.Psql()
	if install != "" {
		return nil, &fleet.Cannot{Why: "psql is not installed here", Next: "install it: " + install}
	}
	at := server.Folders{Dir: filepath.Join(record.Folder(p.cfg.StateDir, p.cfg.Fleet.Name), "regions", region, d.Name)}
	return fleet.Command{program, at.Psql(runtime.GOOS)}, nil
}
