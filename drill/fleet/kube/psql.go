package kube

import (
	"fmt"
	"path"

	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
)

const (
	// storeData is where the store's pod has its volume (kindconfigs/manifests/30-store.yaml).
	storeData = "/data"
	// storePod is the pod that keeps a region's replicas.
	storePod = "store-0"
)

// psql is the program with its connection string, as it runs in the store's pod.
func psql(dataset string) []string {
	return []string{"psql", server.Folders{Dir: path.Join(storeData, dataset)}.Psql("linux")}
}

// PsqlByKubectl runs psql in the store's pod of a region.
func PsqlByKubectl(kubectl, kubeconfig string, at Region, dataset string) []string {
	begin := []string{kubectl, "--kubeconfig", kubeconfig, "--namespace", at.Namespace, "exec", "-it", storePod, "--"}
	return append(begin, psql(dataset)...)
}

// PsqlByNode does so by way of the node's container, which has crictl. It finds the pod's container
// there: its id is another one after each restart.
func PsqlByNode(engine, node string, at Region, dataset string) []string {
	find := fmt.Sprintf("crictl ps --quiet --label io.kubernetes.pod.namespace=%s --label io.kubernetes.pod.name=%s", at.Namespace, storePod)
	run := psql(dataset)
	return []string{engine, "exec", "-it", node, "sh", "-c", fmt.Sprintf(`exec crictl exec -it "$(%s | head -n 1)" "$0" "$1"`, find), run[0], run[1]}
}
