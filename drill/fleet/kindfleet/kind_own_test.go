package kindfleet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
)

// ownConfig is a kind config as a person may have one, with something of each sort that clusters are adjusted by. A region
// of TestKindFleet has it, so that all that is done to that one shows that it works there too.
func ownConfig(t *testing.T) string {
	t.Helper()
	mounted := t.TempDir()
	if err := os.WriteFile(filepath.Join(mounted, "hello"), []byte("from the host"), 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
featureGates: {ContainerCheckpoint: false}
networking: {podSubnet: 10.201.0.0/16}
kubeadmConfigPatches:
  - |
    kind: KubeletConfiguration
    maxPods: 61
  - |
    kind: ClusterConfiguration
    apiServer: {extraArgs: {event-ttl: 17m}}
nodes:
  - role: control-plane
    labels: {fleetdrill.example/rack: r7}
    extraMounts: [{hostPath: %q, containerPath: /mounted, readOnly: true}]
    extraPortMappings: [{containerPort: 30500, hostPort: 0, listenAddress: 127.0.0.1}]
`, mounted)
}

// ownConfigIsThere asks the node, its API server and the engine for each thing that ownConfig has, and for what is needed beside it.
func ownConfigIsThere(t *testing.T, f *Platform, e *host.Runtime) {
	ctx := t.Context()
	c, err := f.clusterOf("two")
	if err != nil {
		t.Fatal(err)
	}
	api, err := c.connect()
	if err != nil {
		t.Fatal(err)
	}
	node, err := api.Node(ctx, c.node)
	if err != nil {
		t.Fatal(err)
	}
	if got := node.Labels["fleetdrill.example/rack"]; got != "r7" {
		t.Errorf("the label is %q", got)
	}
	if got := node.Status.Capacity.Pods().Value(); got != 61 {
		t.Errorf("the kubelet takes %d pods", got)
	}
	if !strings.HasPrefix(node.Spec.PodCIDR, "10.201.") {
		t.Errorf("pods have addresses in %s", node.Spec.PodCIDR)
	}
	args := inNode(ctx, t, e, c, "pgrep", "-a", "-x", "kube-apiserver")
	for _, want := range []string{"--feature-gates=ContainerCheckpoint=false", "--event-ttl=17m", "--enable-priority-and-fairness=false"} { // the last is ours
		if !strings.Contains(args, want) {
			t.Errorf("the API server runs without %s: %s", want, args)
		}
	}
	if got := inNode(ctx, t, e, c, "cat", "/mounted/hello"); got != "from the host" {
		t.Errorf("the mount has %q", got)
	}
	container, err := e.Inspect(ctx, c.container())
	if err != nil {
		t.Fatal(err)
	}
	for _, port := range []int{30500, c.region("two").GatewayPort()} {
		if address, err := container.Published(port); err != nil || !strings.HasPrefix(address, "127.0.0.1:") {
			t.Errorf("port %d is published at %q, %v", port, address, err)
		}
	}
}

// inNode is what a command in a cluster's node prints.
func inNode(ctx context.Context, t *testing.T, e *host.Runtime, c *cluster, command ...string) string {
	t.Helper()
	out, err := e.Run(ctx, host.LookWithin, append([]string{"exec", c.container()}, command...)...)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
