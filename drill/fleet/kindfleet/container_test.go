package kindfleet

import (
	"errors"
	"testing"
	"time"
)

const inspected = `[{
  "Id": "412a427d12df",
  "Name": "/fleetdrill-demo-us-east-control-plane",
  "Created": "2026-11-22T22:37:10.5Z",
  "State": {"Status": "exited", "Running": false, "Paused": false, "ExitCode": 137, "StartedAt": "2026-11-22T22:37:11Z"},
  "Config": {"Labels": {"io.x-k8s.kind.cluster": "fleetdrill-demo-us-east"}},
  "HostConfig": {"PortBindings": {
    "30080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "40123"}],
    "6443/tcp": [{"HostIp": "", "HostPort": "40124"}],
    "9/tcp": [{"HostIp": "127.0.0.1", "HostPort": "0"}]}},
  "NetworkSettings": {"Networks": {"mine": {"Gateway": ""}}}
}]`

func TestParseContainer(t *testing.T) {
	c, err := parseContainer([]byte(inspected), "x")
	if err != nil {
		t.Fatal(err)
	}
	if c.ID != "412a427d12df" || c.State.ExitCode != 137 || c.State.Running || c.network() != "mine" {
		t.Errorf("%+v", c)
	}
	tests := []struct {
		port int
		want string
	}{{gatewayPort, "127.0.0.1:40123"}, {6443, "127.0.0.1:40124"}, {9, ""}, {80, ""}}
	for _, tt := range tests {
		got, err := c.address(tt.port)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("port %d: %q, %v; want %q", tt.port, got, err, tt.want)
		}
	}
	if _, err := parseContainer([]byte("[]"), "x"); !errors.Is(err, errNoContainer) {
		t.Errorf("none: %v", err)
	}
	if _, err := parseContainer([]byte("{"), "x"); err == nil || errors.Is(err, errNoContainer) {
		t.Errorf("broken answer: %v", err)
	}
}

func TestOurs(t *testing.T) {
	c, err := parseContainer([]byte(inspected), "x")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, cluster, id string
		recorded          time.Time
		want              bool
	}{
		{"the recorded container", "fleetdrill-demo-us-east", "412a427d12df", c.Created.Add(-time.Minute), true},
		{"another one of the same name", "fleetdrill-demo-us-east", "ffffffffffff", c.Created.Add(-time.Minute), false},
		{"the recorded id under another cluster's label", "fleetdrill-demo-us-west", "412a427d12df", c.Created, false},
		{"no id recorded, younger than the record", "fleetdrill-demo-us-east", "", c.Created.Add(-5 * time.Second), true},
		{"no id recorded, the engine's clock a little behind", "fleetdrill-demo-us-east", "", c.Created.Add(5 * time.Second), true},
		{"no id recorded, older than the record", "fleetdrill-demo-us-east", "", c.Created.Add(time.Hour), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := c.ours(tt.cluster, tt.id, tt.recorded); got != tt.want {
				t.Errorf("ours: %t", got)
			}
		})
	}
}

func TestParseGateway(t *testing.T) {
	tests := []struct{ name, out, want string }{
		{"docker, IPv6 first", `[{"Name":"kind","IPAM":{"Config":[{"Subnet":"fc00:f853::/64","Gateway":"fc00:f853::1"},{"Subnet":"172.18.0.0/16","Gateway":"172.18.0.1"}]}}]`, "172.18.0.1"},
		{"podman", `[{"name":"kind","subnets":[{"subnet":"10.89.0.0/24","gateway":"10.89.0.1"}]}]`, "10.89.0.1"},
		{"none", `[{"Name":"kind","IPAM":{"Config":[{"Gateway":"fc00::1"}]}}]`, ""},
		{"no network", `[]`, ""},
		{"broken", `{`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseGateway([]byte(tt.out))
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("%q, %v; want %q", got, err, tt.want)
			}
		})
	}
}
