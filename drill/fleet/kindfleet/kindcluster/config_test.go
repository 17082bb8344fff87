package kindcluster

import (
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
	"sigs.k8s.io/yaml"
)

func TestClusterConfig(t *testing.T) {
	tests := []struct {
		name     string
		cgroupV1 bool
		patches  int
		file     string
	}{
		{"cgroup v1 gets the kubelet patch", true, 4, "cluster-cgroup-v1.golden.yaml"},
		{"cgroup v2 does not", false, 3, "cluster-cgroup-v2.golden.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw, err := Cluster{Name: "fleetdrill-demo-us-east", Image: "kindest/node:v1.37.2", Ports: []int{30080}}.config(tt.cgroupV1)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, tt.file, raw)
			var c v1alpha4.Cluster
			if err := yaml.UnmarshalStrict(raw, &c); err != nil {
				t.Fatalf("kind would not take it: %v", err)
			}
			if c.Name != "fleetdrill-demo-us-east" || len(c.Nodes) != 1 || c.Nodes[0].Image != "kindest/node:v1.37.2" {
				t.Errorf("name or node: %+v", c)
			}
			if len(c.KubeadmConfigPatches) != tt.patches {
				t.Errorf("%d patches, want %d", len(c.KubeadmConfigPatches), tt.patches)
			}
			for _, p := range c.KubeadmConfigPatches {
				var any map[string]any
				if err := yaml.UnmarshalStrict([]byte(p), &any); err != nil || any["kind"] == nil {
					t.Errorf("patch is no document with a kind (%v):\n%s", err, p)
				}
			}
			m := c.Nodes[0].ExtraPortMappings
			if len(m) != 1 || m[0].ContainerPort != 30080 || m[0].HostPort != 0 || m[0].ListenAddress != "127.0.0.1" {
				t.Errorf("port mappings: %+v", m)
			}
		})
	}
}

// A cluster that regions share publishes the gateway of each.
func TestClusterConfigOfASharedCluster(t *testing.T) {
	raw, err := Cluster{Name: "shared", Image: "kindest/node:v1.37.2", Ports: []int{30080, 30081}}.config(false)
	if err != nil {
		t.Fatal(err)
	}
	var c v1alpha4.Cluster
	if err := yaml.UnmarshalStrict(raw, &c); err != nil {
		t.Fatalf("kind would not take it: %v", err)
	}
	m := c.Nodes[0].ExtraPortMappings
	if len(m) != 2 || m[0].ContainerPort != 30080 || m[1].ContainerPort != 30081 || m[1].HostPort != 0 || m[1].ListenAddress != "127.0.0.1" {
		t.Errorf("port mappings: %+v", m)
	}
}

// The nodes of zones join the control plane's, for which the controller manager has to run what a region of one node lacks.
func TestWorkersCanJoin(t *testing.T) {
	for _, tt := range []struct {
		name  string
		zones []string
		nodes int
		joins bool
	}{{"one node", nil, 1, false}, {"two zones", []string{"us-east-a", "us-east-b"}, 3, true}} {
		t.Run(tt.name, func(t *testing.T) {
			raw, err := Cluster{Name: "c", Image: "kindest/node:v1.37.2", Region: "us-east", Zones: tt.zones, Ports: []int{30080}}.config(true)
			if err != nil {
				t.Fatal(err)
			}
			var c v1alpha4.Cluster
			if err := yaml.UnmarshalStrict(raw, &c); err != nil {
				t.Fatalf("kind would not take it: %v", err)
			}
			if len(c.Nodes) != tt.nodes {
				t.Errorf("%d nodes, want %d", len(c.Nodes), tt.nodes)
			}
			var patch struct {
				ControllerManager struct {
					ExtraArgs map[string]string `json:"extraArgs"`
				} `json:"controllerManager"`
			}
			for _, p := range c.KubeadmConfigPatches {
				if strings.Contains(p, "kind: ClusterConfiguration") {
					if err := yaml.Unmarshal([]byte(p), &patch); err != nil {
						t.Fatal(err)
					}
				}
			}
			left := strings.Split(patch.ControllerManager.ExtraArgs["controllers"], ",")
			if left[0] != "*" || !slices.Contains(left, "-job-controller") || patch.ControllerManager.ExtraArgs["leader-elect"] != "false" {
				t.Errorf("arguments: %v", patch.ControllerManager.ExtraArgs)
			}
			for _, name := range joinControllers {
				if slices.Contains(left, "-"+name) == tt.joins || slices.Contains(left, name) != tt.joins {
					t.Errorf("%s is to run: %t; the list is %v", name, tt.joins, left)
				}
			}
		})
	}
}
