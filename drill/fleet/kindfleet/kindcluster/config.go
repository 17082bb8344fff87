// Package kindcluster makes one kind cluster through kind's library: its config, its
// creation, which a context can end, and images loaded into its node.
package kindcluster

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/fleetdrill/fleetdrill/kindconfigs"
)

// cgroupV1Patch makes the kubelet accept cgroup v1, which it refuses by itself from
// Kubernetes 1.35 on.
const cgroupV1Patch = "kind: KubeletConfiguration\nfailCgroupV1: false\n"

// Cluster is a cluster of one node, and of a worker node for each zone.
type Cluster struct {
	Name       string
	Kubeconfig string // path, where kind writes it
	Image      string // of the node
	Region     string // what the zones are of
	Zones      []string
	// Ports is the NodePorts that the engine publishes on this host's loopback.
	Ports []int
}

// config is the kind config of the cluster: kindconfigs/kind/region.yaml with its ports.
func (c Cluster) config(cgroupV1 bool) ([]byte, error) {
	raw, err := kindconfigs.Clusters.ReadFile("kind/region.yaml")
	if err != nil {
		return nil, fmt.Errorf("make the config of cluster %s: %w", c.Name, err)
	}
	var config map[string]any
	if err := yaml.Unmarshal(raw, &config); err != nil {
		return nil, fmt.Errorf("make the config of cluster %s: %w", c.Name, err)
	}
	config["name"] = c.Name
	patches, _ := config["kubeadmConfigPatches"].([]any)
	if len(c.Zones) > 0 {
		if err := letJoin(patches); err != nil {
			return nil, fmt.Errorf("make the config of cluster %s: %w", c.Name, err)
		}
	}
	patches = append(patches, fmt.Sprintf(patchesPatch, patchesDir))
	if cgroupV1 {
		patches = append(patches, cgroupV1Patch)
	}
	config["kubeadmConfigPatches"] = patches
	nodes, _ := config["nodes"].([]any)
	for _, n := range nodes {
		if node, ok := n.(map[string]any); ok {
			node["image"] = c.Image
			mapPorts(node, c.Ports)
		}
	}
	for _, zone := range c.Zones {
		nodes = append(nodes, map[string]any{
			"role": "worker", "image": c.Image,
			"labels": map[string]any{"topology.kubernetes.io/zone": zone, "topology.kubernetes.io/region": c.Region},
		})
	}
	config["nodes"] = nodes
	return yaml.Marshal(config)
}

// joinControllers are those of the controller manager that a node which joins needs: one signs what tells it whose cluster this
// is, the others give its kubelet a certificate. region.yaml leaves them out, for a region of one node.
var joinControllers = []string{"bootstrap-signer-controller", "certificatesigningrequest-approving-controller", "certificatesigningrequest-signing-controller"}

// letJoin puts joinControllers on the list of those that run. By name: * does not stand for the first of them.
func letJoin(patches []any) error {
	for i, p := range patches {
		text, _ := p.(string)
		var patch map[string]any
		if err := yaml.Unmarshal([]byte(text), &patch); err != nil {
			return fmt.Errorf("read a patch: %w", err)
		}
		manager, _ := patch["controllerManager"].(map[string]any)
		args, _ := manager["extraArgs"].(map[string]any)
		list, found := args["controllers"].(string)
		if !found {
			continue
		}
		others := slices.DeleteFunc(strings.Split(list, ","), func(name string) bool {
			return slices.Contains(joinControllers, strings.TrimPrefix(name, "-"))
		})
		args["controllers"] = strings.Join(append(others, joinControllers...), ",")
		raw, err := yaml.Marshal(patch)
		if err != nil {
			return err
		}
		patches[i] = string(raw)
	}
	return nil
}

// Workers is the names of the nodes of the zones, in the zones' order, as kind gives them.
func (c Cluster) Workers() []string {
	names := make([]string, len(c.Zones))
	for i := range names {
		if names[i] = c.Name + "-worker"; i > 0 {
			names[i] += strconv.Itoa(i + 1)
		}
	}
	return names
}

// mapPorts gives each port a mapping like that of the one in the file.
func mapPorts(node map[string]any, ports []int) {
	mappings, _ := node["extraPortMappings"].([]any)
	if len(mappings) == 0 {
		return
	}
	like, _ := mappings[0].(map[string]any)
	mappings = mappings[:0]
	for _, port := range ports {
		m := maps.Clone(like)
		m["containerPort"] = port
		mappings = append(mappings, m)
	}
	node["extraPortMappings"] = mappings
}
