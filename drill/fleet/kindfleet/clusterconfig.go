package kindfleet

import (
	"fmt"
	"maps"

	"sigs.k8s.io/kind/pkg/apis/config/defaults"
	"sigs.k8s.io/yaml"

	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/kindconfigs"
)

// cgroupV1Patch makes the kubelet accept cgroup v1, which it refuses by itself from
// Kubernetes 1.35 on.
const cgroupV1Patch = "kind: KubeletConfiguration\nfailCgroupV1: false\n"

// clusterConfig is the kind config of a cluster: kindconfigs/kind/region.yaml with a port
// for each region's gateway.
func clusterConfig(c *cluster, image string, cgroupV1 bool) ([]byte, error) {
	raw, err := kindconfigs.Clusters.ReadFile("kind/region.yaml")
	if err != nil {
		return nil, fmt.Errorf("make the config of cluster %s: %w", c.name, err)
	}
	var config map[string]any
	if err := yaml.Unmarshal(raw, &config); err != nil {
		return nil, fmt.Errorf("make the config of cluster %s: %w", c.name, err)
	}
	config["name"] = c.name
	if cgroupV1 {
		patches, _ := config["kubeadmConfigPatches"].([]any)
		config["kubeadmConfigPatches"] = append(patches, cgroupV1Patch)
	}
	nodes, _ := config["nodes"].([]any)
	for _, n := range nodes {
		if node, ok := n.(map[string]any); ok {
			node["image"] = image
			mapPorts(node, c.regions)
		}
	}
	return yaml.Marshal(config)
}

// mapPorts gives each region's gateway a mapping like that of the first.
func mapPorts(node map[string]any, regions []kube.Region) {
	mappings, _ := node["extraPortMappings"].([]any)
	if len(mappings) == 0 {
		return
	}
	like, _ := mappings[0].(map[string]any)
	mappings = mappings[:0]
	for _, r := range regions {
		m := maps.Clone(like)
		m["containerPort"] = r.GatewayPort()
		mappings = append(mappings, m)
	}
	node["extraPortMappings"] = mappings
}

// nodeImage is the image of a region's node: the one asked for, else kind's default.
func nodeImage(asked string) string {
	if asked != "" {
		return asked
	}
	return defaults.Image
}
