package host

import (
	"errors"
	"testing"
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
	if c.ID != "412a427d12df" || c.State.ExitCode != 137 || c.State.Running || c.Network("kind") != "mine" {
		t.Errorf("%+v", c)
	}
	tests := []struct {
		port int
		want string
	}{{30080, "127.0.0.1:40123"}, {6443, "127.0.0.1:40124"}, {9, ""}, {80, ""}}
	for _, tt := range tests {
		got, err := c.Published(tt.port)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("port %d: %q, %v; want %q", tt.port, got, err, tt.want)
		}
	}
	if _, err := parseContainer([]byte("[]"), "x"); !errors.Is(err, ErrNoContainer) {
		t.Errorf("none: %v", err)
	}
	if _, err := parseContainer([]byte("{"), "x"); err == nil || errors.Is(err, ErrNoContainer) {
		t.Errorf("broken answer: %v", err)
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
