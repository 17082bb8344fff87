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

	"github.com/fleetdrill/fleetdrill/drill/clusterconfig"
)

// cgroupV1Patch makes the kubelet accept cgroup v1, which it refuses by itself from
// Kubernetes 1.35 on.
const cgroupV1Patch = "kind: KubeletConfiguration\nfailCgroupV1: false\n"

// Cluster is a cluster of one node and of a worker node for each zone, or of the nodes of a person's own kind config.
type Cluster struct {
	Name       string
	Kubeconfig string // path, where kind writes it
	Image      string // of the node
	Region     string // what the zones are of
	Zones      []string
	Own        string // a person's own kind config, as clusterconfig has found it right; "" is none
	// Ports is the NodePorts that the engine publishes on this host's loopback.
	Ports []int
}

// config is the kind config of the cluster: kindconfigs/kind/region.yaml with its ports, and the region's own laid over it.
func (c Cluster) config(cgroupV1 bool) ([]byte, error) {
	config, err := clusterconfig.Merge(c.Own)
	if err != nil {
		return nil, fmt.Errorf("make the config of cluster %s: %w", c.Name, err)
	}
	config["name"] = c.Name
	patches, _ := config["kubeadmConfigPatches"].([]any)
	if _, joining := c.Others(); joining > 0 {
		if err := letJoin(patches); err != nil {
			return nil, fmt.Errorf("make the config of cluster %s: %w", c.Name, err)
		}
	}
	if cgroupV1 {
		patches = append(patches, cgroupV1Patch)
	}
	config["kubeadmConfigPatches"] = patches
	nodes, _ := config["nodes"].([]any)
	if _, workers := clusterconfig.Nodes(c.Own); workers == 0 {
		for range c.Zones {
			nodes = append(nodes, map[string]any{"role": "worker"})
		}
	}
	config["nodes"] = nodes
	zones := c.Zones
	published := false
	for _, n := range nodes {
		node, _ := n.(map[string]any)
		if node["image"] == nil {
			node["image"] = c.Image
		}
		switch {
		case node["role"] == "worker" && len(zones) > 0:
			labels, _ := node["labels"].(map[string]any)
			if labels == nil {
				labels = map[string]any{}
			}
			labels["topology.kubernetes.io/zone"], labels["topology.kubernetes.io/region"] = zones[0], c.Region
			node["labels"], zones = labels, zones[1:]
		case node["role"] != "worker" && !published:
			published = true
			mapPorts(node, c.Ports)
		}
	}
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

// Others is the names of the containers beside the first control plane's, as kind gives them: the workers, of which those
// of the zones come first in their order, then further control planes, then the load balancer that these need. The first
// so many are nodes of Kubernetes; a load balancer is none.
func (c Cluster) Others() (names []string, nodes int) {
	controlPlanes, workers := clusterconfig.Nodes(c.Own)
	workers = max(workers, len(c.Zones))
	for i := range workers {
		names = append(names, numbered(c.Name+"-worker", i))
	}
	for i := 1; i < controlPlanes; i++ {
		names = append(names, numbered(c.Name+"-control-plane", i))
	}
	nodes = len(names)
	if controlPlanes > 1 {
		names = append(names, c.Name+"-external-load-balancer")
	}
	return names, nodes
}

// numbered is kind's name of the container of a role's node, counted from 0.
func numbered(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + strconv.Itoa(i+1)
}

// mapPorts gives each port a mapping like that of the one in the file, which comes before a person's own.
func mapPorts(node map[string]any, ports []int) {
	mappings, _ := node["extraPortMappings"].([]any)
	if len(mappings) == 0 {
		return
	}
	like, _ := mappings[0].(map[string]any)
	own := mappings[1:]
	mappings = nil
	for _, port := range ports {
		m := maps.Clone(like)
		m["containerPort"] = port
		mappings = append(mappings, m)
	}
	node["extraPortMappings"] = append(mappings, own...)
}
