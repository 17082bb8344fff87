package kindfleet

import (
	"context"
	"fmt"
	"os/exec"
	"path"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
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

// storeData is where the store's pod has its volume (kindconfigs/manifests/30-store.yaml).
const storeData = "/data"

// storePod is the pod that keeps a region's replicas.
const storePod = "store-0"

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
		return byKubectl(kubectl, c.kubeconfig, at, d.Name), nil
	}
	e, err := p.detected(ctx)
	if err != nil {
		return nil, err
	}
	return byNode(e.Name, c.node, at, d.Name), nil
}

// psql is the program with its connection string, as it runs in the store's pod.
func psql(dataset string) fleet.Command {
	return fleet.Command{"psql", server.Folders{Dir: path.Join(storeData, dataset)}.Psql("linux")}
}

func byKubectl(kubectl, kubeconfig string, at kube.Region, dataset string) fleet.Command {
	begin := fleet.Command{kubectl, "--kubeconfig", kubeconfig, "--namespace", at.Namespace, "exec", "-it", storePod, "--"}
	return append(begin, psql(dataset)...)
}

// byNode finds the pod's container on the node: its id is another one after each restart.
func byNode(engine, node string, at kube.Region, dataset string) fleet.Command {
	find := fmt.Sprintf("crictl ps --quiet --label io.kubernetes.pod.namespace=%s --label io.kubernetes.pod.name=%s", at.Namespace, storePod)
	return fleet.Command{engine, "exec", "-it", node, "sh", "-c", fmt.Sprintf(`exec crictl exec -it "$(%s | head -n 1)" %s`, find, psql(dataset))}
}
