package kindfleet

import (
	"fmt"

	"sigs.k8s.io/kind/pkg/apis/config/defaults"
	"sigs.k8s.io/yaml"

	"github.com/fleetdrill/fleetdrill/kindconfigs"
)

// gatewayPort is the NodePort of a region's gateway inside its node, as
// kindconfigs/manifests/20-services.yaml and kind/region.yaml have it.
const gatewayPort = 30080

// cgroupV1Patch makes the kubelet accept cgroup v1, which it refuses by itself from
// Kubernetes 1.35 on.
const cgroupV1Patch = "kind: KubeletConfiguration\nfailCgroupV1: false\n"

// clusterConfig is the kind config of one region's cluster.
func clusterConfig(cluster, image string, cgroupV1 bool) ([]byte, error) {
	raw, err := kindconfigs.Clusters.ReadFile("kind/region.yaml")
	if err != nil {
		return nil, fmt.Errorf("make the config of cluster %s: %w", cluster, err)
	}
	var config map[string]any
	if err := yaml.Unmarshal(raw, &config); err != nil {
		return nil, fmt.Errorf("make the config of cluster %s: %w", cluster, err)
	}
	config["name"] = cluster
	if cgroupV1 {
		patches, _ := config["kubeadmConfigPatches"].([]any)
		config["kubeadmConfigPatches"] = append(patches, cgroupV1Patch)
	}
	nodes, _ := config["nodes"].([]any)
	for _, n := range nodes {
		if node, ok := n.(map[string]any); ok {
			node["image"] = image
		}
	}
	return yaml.Marshal(config)
}

// nodeImage is the image of a region's node: the one asked for, else kind's default.
func nodeImage(asked string) string {
	if asked != "" {
		return asked
	}
	return defaults.Image
}
