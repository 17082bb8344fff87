package kindcluster

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
	"sigs.k8s.io/yaml"

	"github.com/fleetdrill/fleetdrill/kindconfigs"
)

func TestClusterConfig(t *testing.T) {
	tests := []struct {
		name     string
		cgroupV1 bool
		patches  int
		file     string
	}{
		{"cgroup v1 gets the kubelet patch", true, 3, "cluster-cgroup-v1.golden.yaml"},
		{"cgroup v2 does not", false, 2, "cluster-cgroup-v2.golden.yaml"},
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

// A person's own config is merged with ours: kind takes what comes of it, and names the nodes as we expect.
func TestClusterConfigOfAPersonsOwn(t *testing.T) {
	const mine = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: {podSubnet: 10.200.0.0/16}
featureGates: {SidecarContainers: true}
kubeadmConfigPatches: ["{kind: ClusterConfiguration, apiServer: {extraArgs: {v: '4'}}}"]
nodes:
  - role: worker
    image: kindest/node:v1.36.1
  - role: control-plane
    extraMounts: [{hostPath: /tmp, containerPath: /data}]
    extraPortMappings: [{containerPort: 30500, hostPort: 8500}]
`
	read := func(name string) string {
		raw, err := fs.ReadFile(kindconfigs.Clusters, "kind/"+name+".yaml")
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	for _, tt := range []struct {
		name, own string
		zones     []string
		others    []string
		nodes     int // of others
	}{
		{"small", read("small"), nil, nil, 0},
		{"zones", read("zones"), []string{"r-a", "r-b", "r-c"}, []string{"c-worker", "c-worker2", "c-worker3"}, 3},
		{"ha-control-plane", read("ha-control-plane"), nil, []string{"c-worker", "c-control-plane2", "c-control-plane3", "c-external-load-balancer"}, 3},
		{"mine", mine, nil, []string{"c-worker"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Cluster{Name: "c", Image: "kindest/node:v1.37.2", Region: "r", Zones: tt.zones, Own: tt.own, Ports: []int{30080}}
			if others, nodes := c.Others(); !slices.Equal(others, tt.others) || nodes != tt.nodes {
				t.Errorf("%d of %v are nodes", nodes, others)
			}
			raw, err := c.config(false)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "own-"+tt.name+".golden.yaml", raw)
			var kind v1alpha4.Cluster
			if err := yaml.UnmarshalStrict(raw, &kind); err != nil {
				t.Fatalf("kind would not take it: %v", err)
			}
			published := 0
			for _, n := range kind.Nodes {
				for _, m := range n.ExtraPortMappings {
					if m.ContainerPort == 30080 {
						published++
					}
				}
			}
			if published != 1 {
				t.Errorf("%d nodes publish the gateway", published)
			}
		})
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
