package kindfleet

import (
	"context"
	"os/exec"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var _ fleet.Console = (*Platform)(nil)

// Kubectl implements fleet.Console.
func (p *Platform) Kubectl(region string) (fleet.Kubectl, error) {
	c, err := p.clusterOf(region)
	if err != nil {
		return fleet.Kubectl{}, err
	}
	return fleet.Kubectl{Kubeconfig: c.kubeconfig, Cluster: c.name, Namespace: c.region(region).Namespace}, nil
}

// Psql implements fleet.Console: psql runs beside the server, in its pod, by kubectl where that is
// installed, else by way of the node's container.
func (p *Platform) Psql(ctx context.Context, d topology.Dataset, region string) (fleet.Command, error) {
	c, err := p.clusterOf(region)
	if err != nil {
		return nil, err
	}
	if err := fleet.HasServer(d, region); err != nil {
		return nil, err
	}
	at := c.region(region)
	if kubectl, err := exec.LookPath("kubectl"); err == nil {
		return kube.PsqlByKubectl(kubectl, c.kubeconfig, at, d.Name), nil
	}
	e, err := p.detected(ctx)
	if err != nil {
		return nil, err
	}
	return kube.PsqlByNode(e.Name, c.node, at, d.Name), nil
}
