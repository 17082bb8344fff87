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

// psql is the program with its connection string, as it runs in the store's pod: there is no pager
// there, and nowhere to keep what was typed.
func psql(dataset string) []string {
	return []string{"psql", "--pset=pager=off", "--set=HISTFILE=/dev/null", server.Folders{Dir: path.Join(storeData, dataset)}.Psql("linux")}
}

// PsqlByKubectl runs psql in the store's pod of a region.
func PsqlByKubectl(kubectl, kubeconfig string, at Region, dataset string) []string {
	begin := []string{kubectl, "--kubeconfig", kubeconfig, "--namespace", at.Namespace, "exec", "-it", storePod, "--"}
	return append(begin, psql(dataset)...)
}

// inPod runs a program in the one container of a pod that runs: after a restart there are others of its
// name. Every node of kind has ctr, and not every one has crictl.
const inPod = `for c in $(ctr -n k8s.io containers ls -q '%s' 2>/dev/null); do
  if ctr -n k8s.io tasks ls 2>/dev/null | grep -q "^$c .*RUNNING"; then
    exec ctr -n k8s.io tasks exec --tty --exec-id "psql-$$" "$c" "$0" "$@"
  fi
done; echo "no store runs here" >&2; exit 1`

// PsqlByNode does so by way of the node's container.
func PsqlByNode(engine, node string, at Region, dataset string) []string {
	which := fmt.Sprintf(`labels."io.kubernetes.pod.namespace"==%q,labels."io.kubernetes.pod.name"==%q,labels."io.kubernetes.container.name"=="agent"`, at.Namespace, storePod)
	return append([]string{engine, "exec", "-it", node, "sh", "-c", fmt.Sprintf(inPod, which)}, psql(dataset)...)
}
