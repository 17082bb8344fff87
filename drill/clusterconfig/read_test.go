package clusterconfig

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/kindconfigs"
)

const head = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n"

var usEast = Region{Name: "us-east", Cluster: "us-east", Line: "fleet.yaml:4"}

func zoned(n int) Region {
	r := usEast
	for i := range n {
		r.Zones = append(r.Zones, fmt.Sprintf("us-east-%c", 'a'+i))
	}
	return r
}

// oursLine is the line of our config that has a text.
func oursLine(t *testing.T, text string) int {
	t.Helper()
	raw, err := fs.ReadFile(kindconfigs.Clusters, "kind/region.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(raw), "\n") {
		if strings.Contains(line, text) {
			return i + 1
		}
	}
	t.Fatalf("our config has no %q", text)
	return 0
}

// Whoever needs what we turn off, or takes what we need, is told so with both lines.
func TestConflicts(t *testing.T) {
	patch := func(lines ...string) string {
		return "kubeadmConfigPatches:\n  - |\n    " + strings.Join(lines, "\n    ") + "\n"
	}
	for _, tt := range []struct {
		name, text string
		of         Region
		line       int
		want       string // %d is our line
		ours       string // what is in that, or in one near it
		off        int    // how much further down it is then
	}{
		{"a name", "name: mine\n", usEast, 3, `name is "mine"; fleetdrill names the cluster itself, after the fleet and the region (fleet.yaml:4); leave it out`, "", 0},
		{"another address", "networking:\n  apiServerAddress: 0.0.0.0\n", usEast, 4, `networking.apiServerAddress is "0.0.0.0"; fleetdrill needs "127.0.0.1" (kindconfigs/kind/region.yaml:%d)`, "apiServerAddress:", 0},
		{"another subnet", "networking: {serviceSubnet: 10.0.0.0/16}\n", usEast, 3, `networking.serviceSubnet is "10.0.0.0/16"; fleetdrill needs "10.96.0.0/16" (kindconfigs/kind/region.yaml:%d)`, "serviceSubnet:", 0},
		{"no network", "networking: {disableDefaultCNI: true}\n", usEast, 3, `disableDefaultCNI is true; fleetdrill needs kind's own network for its pods (kindconfigs/kind/region.yaml:%d); leave it out`, "networking:", 0},
		{"no proxy", "networking: {kubeProxyMode: none}\n", usEast, 3, `kubeProxyMode is none; fleetdrill reaches its pods by services (kindconfigs/kind/region.yaml:%d); leave it out`, "networking:", 0},
		{"the gateway's port", "nodes:\n  - role: control-plane\n    extraPortMappings:\n      - {containerPort: 30080, hostPort: 80}\n", usEast, 6, `containerPort is 30080; fleetdrill needs 30080 to 30129 for the regions' gateways (kindconfigs/kind/region.yaml:%d)`, "containerPort: 30080", 0},
		{"an argument", patch("kind: ClusterConfiguration", "scheduler:", "  extraArgs:", `    leader-elect: "true"`), usEast, 8, `ClusterConfiguration.scheduler.extraArgs.leader-elect is "true"; fleetdrill needs "false" (kindconfigs/kind/region.yaml:%d)`, "    scheduler:", 2},
		{"an argument in a list", patch("kind: ClusterConfiguration", "apiServer:", "  extraArgs:", `    - {name: enable-priority-and-fairness, value: "true"}`), usEast, 8, `ClusterConfiguration.apiServer.extraArgs.enable-priority-and-fairness is "true"; fleetdrill needs "false" (kindconfigs/kind/region.yaml:%d)`, "enable-priority-and-fairness", 0},
		{"a setting", patch("kind: ClusterConfiguration", "dns: {disabled: false}"), usEast, 6, `ClusterConfiguration.dns.disabled is "false"; fleetdrill needs "true" (kindconfigs/kind/region.yaml:%d)`, "disabled: true", 0},
		{"a mapping that is taken away", patch("kind: ClusterConfiguration", "etcd: null"), usEast, 6, `ClusterConfiguration.etcd is "null"; fleetdrill needs a mapping (kindconfigs/kind/region.yaml:%d)`, "unsafe-no-fsync", -2},
		{"the patches' folder", patch("kind: InitConfiguration", "patches: {directory: /mine}"), usEast, 6, `InitConfiguration.patches.directory is "/mine"; fleetdrill needs "/kind/fleetdrill-patches" (kindconfigs/kind/region.yaml:%d)`, "directory:", 0},
		{"a node's patch", "nodes:\n  - kubeadmConfigPatches:\n      - \"{kind: ClusterConfiguration, encryptionAlgorithm: RSA-2048}\"\n", usEast, 5, `ClusterConfiguration.encryptionAlgorithm is "RSA-2048"; fleetdrill needs "ECDSA-P256" (kindconfigs/kind/region.yaml:%d)`, "encryptionAlgorithm", 0},
		{"a JSON patch", "kubeadmConfigPatchesJSON6902:\n  - group: kubeadm.k8s.io\n    version: v1beta4\n    kind: ClusterConfiguration\n    patch: |\n      - {op: remove, path: /dns/disabled}\n", usEast, 8, `remove of ClusterConfiguration.dns.disabled undoes what fleetdrill needs there (kindconfigs/kind/region.yaml:%d)`, "disabled: true", 0},
		{"a JSON patch of an argument", "kubeadmConfigPatchesJSON6902:\n  - group: kubeadm.k8s.io\n    version: v1beta4\n    kind: ClusterConfiguration\n    patch: |\n      - {op: add, path: /apiServer/extraArgs/-, value: {name: enable-priority-and-fairness, value: \"true\"}}\n", usEast, 8, `ClusterConfiguration.apiServer.extraArgs.-.enable-priority-and-fairness is "true"; fleetdrill needs "false" (kindconfigs/kind/region.yaml:%d)`, "enable-priority-and-fairness", 0},
		{"containerd", "containerdConfigPatches:\n  - |\n    [plugins.\"io.containerd.cri.v1.runtime\"]\n      stats_collect_period = \"1s\"\n", usEast, 6, `plugins."io.containerd.cri.v1.runtime" stats_collect_period is "1s"; fleetdrill needs "1h" (kindconfigs/kind/region.yaml:%d)`, "stats_collect_period", 0},
		{"no TOML", "containerdConfigPatches: [\"[[[\"]\n", usEast, 3, "a patch of containerd is no TOML: (1, 3): unexpected token table array key cannot contain ']', was expecting a table array key", "", 0},
		{"a mount over the node's root", "nodes:\n  - extraMounts: [{hostPath: /tmp, containerPath: /../}]\n", usEast, 4, `containerPath is "/../"; write the whole path of a folder in the node, like /data`, "", 0},
		{"a mount without its whole path", "nodes:\n  - extraMounts: [{hostPath: /tmp, containerPath: data}]\n", usEast, 4, `containerPath is "data"; write the whole path of a folder in the node, like /data`, "", 0},
		{"too few workers", "nodes:\n  - role: control-plane\n  - role: worker\n", zoned(2), 4, "nodes has 1 of role worker; us-east has 2 zones (fleet.yaml:4), and each is one worker: write 2, or leave zones out", "", 0},
		{"another zone's label", "nodes:\n  - role: control-plane\n  - role: worker\n  - role: worker\n    labels: {topology.kubernetes.io/zone: us-east-a}\n", zoned(2), 7, `label topology.kubernetes.io/zone is "us-east-a"; fleetdrill needs "us-east-b", as it is a zone of us-east (fleet.yaml:4)`, "", 0},
		{"no control plane", "nodes:\n  - role: worker\n", usEast, 4, "no node is a control plane; add {role: control-plane}", "", 0},
		{"nearly a field", "nodes:\n  - extraMount: []\n", usEast, 4, `unknown key "extraMount" in a node; did you mean extraMounts?`, "", 0},
		{"nearly a role", "nodes:\n  - role: wroker\n  - role: control-plane\n", usEast, 4, `there is no role "wroker"; did you mean worker?`, "", 0},
		{"a gate that is none", "featureGates:\n  A: maybe\n", usEast, 4, `a feature gate "maybe" is neither; write true or false`, "", 0},
		{"no patch", "kubeadmConfigPatches: [\"a: 1\"]\n", usEast, 3, "a patch has no kind; begin it with kind: ClusterConfiguration, InitConfiguration, JoinConfiguration or KubeletConfiguration", "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if strings.Contains(want, "%d") {
				want = fmt.Sprintf(want, oursLine(t, tt.ours)+tt.off)
			}
			err := new(Reader).Check("mine.yaml", []byte(head+tt.text), tt.of)
			if got, want := fmt.Sprint(err), fmt.Sprintf("mine.yaml:%d: %s", tt.line, want); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			var problems strict.Problems
			if !errors.As(err, &problems) {
				t.Errorf("%T", err)
			}
		})
	}
}

// One port of this host is one cluster's; regions of one cluster have one config.
func TestPortsOfTheHost(t *testing.T) {
	text := []byte(head + "nodes:\n  - extraPortMappings:\n      - {containerPort: 30500, hostPort: 8500}\n")
	var r Reader
	for _, of := range []Region{usEast, {Name: "us-west", Cluster: "us-east"}} {
		if err := r.Check("mine.yaml", text, of); err != nil {
			t.Errorf("%s: %v", of.Name, err)
		}
	}
	want := "mine.yaml:5: port 8500 of this host is taken by us-east (mine.yaml:5); write 0 for one that is free, or give eu-west a config of its own"
	if err := r.Check("mine.yaml", text, Region{Name: "eu-west", Cluster: "eu-west"}); fmt.Sprint(err) != want {
		t.Errorf("%v", err)
	}
}

func TestWhatShipsIsRight(t *testing.T) {
	for _, name := range files.Names() {
		if name == "region" {
			continue // ours
		}
		of := usEast
		if name == "zones" {
			of = zoned(3)
		}
		text, err := new(Reader).Load(name, ".", of)
		if err != nil || text == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := new(Reader).Load("samll", ".", usEast); err == nil || !strings.Contains(err.Error(), "did you mean small?") {
		t.Errorf("%v", err)
	}
}

// The fields that are read are kind's: each is taken with a value of its type, and none else is.
func TestTheFieldsAreKinds(t *testing.T) {
	for _, tt := range []struct {
		what string
		of   reflect.Type
		in   string // a file with a field that nobody knows in such a mapping
	}{
		{"a kind config", reflect.TypeFor[v1alpha4.Cluster](), "zzzzzzzzzzzzzzzzzzzzz: 1\n"},
		{"a node", reflect.TypeFor[v1alpha4.Node](), "nodes: [{role: control-plane, zzzzzzzzzzzzzzzzzzzzz: 1}]\n"},
		{"networking", reflect.TypeFor[v1alpha4.Networking](), "networking: {zzzzzzzzzzzzzzzzzzzzz: 1}\n"},
		{"a mount", reflect.TypeFor[v1alpha4.Mount](), "nodes: [{extraMounts: [{hostPath: a, containerPath: b, zzzzzzzzzzzzzzzzzzzzz: 1}]}]\n"},
		{"a port mapping", reflect.TypeFor[v1alpha4.PortMapping](), "nodes: [{extraPortMappings: [{containerPort: 1, zzzzzzzzzzzzzzzzzzzzz: 1}]}]\n"},
		{"a JSON patch", reflect.TypeFor[v1alpha4.PatchJSON6902](), "kubeadmConfigPatchesJSON6902: [{group: a, version: b, kind: c, patch: '[]', zzzzzzzzzzzzzzzzzzzzz: 1}]\n"},
	} {
		err := new(Reader).Check("f", []byte(head+tt.in), usEast)
		_, list, found := strings.Cut(fmt.Sprint(err), "in "+tt.what+"; it takes ")
		if !found {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		got, want := strings.Split(list, ", "), names(tt.of)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s takes\n%v, and kind's\n%v", tt.what, got, want)
		}
	}
}

// names is the fields of a type as a file has them.
func names(of reflect.Type) (all []string) {
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("yaml"), ",")
		if of.Field(i).Anonymous {
			all = append(all, names(of.Field(i).Type)...)
			continue
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// A shared cluster has as many gateways as it takes regions.
func TestGatewayPorts(t *testing.T) {
	var first int
	source, err := ours()
	if err != nil || gatewayPort(source.Root).Decode(&first) != nil {
		t.Fatal(err)
	}
	if first != (kube.Region{}).GatewayPort() || gatewayPorts != kube.SlotsMax {
		t.Errorf("%d ports from %d on", gatewayPorts, first)
	}
}

// Whatever is in a file, reading it ends, and what is right can be merged.
func FuzzCheck(f *testing.F) {
	for _, name := range files.Names() {
		raw, err := fs.ReadFile(kindconfigs.Clusters, "kind/"+name+".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw))
	}
	f.Add(head + "nodes: [{role: worker, labels: 3}, 4]\nkubeadmConfigPatches: ['- 1', '']\n")
	f.Fuzz(func(t *testing.T, text string) {
		if new(Reader).Check("f", []byte(text), zoned(2)) != nil {
			return
		}
		merged, err := Merge(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := yaml.Marshal(merged); err != nil {
			t.Error(err)
		}
	})
}
