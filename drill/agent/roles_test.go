package agent

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/discovery"
	"github.com/fleetdrill/fleetdrill/drill/agent/peers"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// pod starts an agent of one role at an address, as a pod would.
func pod(t *testing.T, c Config) *Agent {
	t.Helper()
	c.Region, c.Token = "us-east", testToken
	a, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func closePod(t *testing.T, a *Agent) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), ackWithin)
	defer cancel()
	if err := a.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

// address picks an address that is free, as Services have theirs before pods do.
func address(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestRolesInPodsOfTheirOwn(t *testing.T) {
	for name, services := range map[string]int{"a service in front of the web pods": 1, "web pods by their own addresses": 2} {
		t.Run(name, func(t *testing.T) {
			gatewayAddr, storeAddr := address(t), address(t)
			gatewayURL := "http://" + gatewayAddr
			var webs []string
			for _, replica := range []string{"web-a", "web-b"}[:services] {
				w := pod(t, Config{Role: RoleWeb, Listen: "127.0.0.1:0", Run: replica, Replica: replica, Gateway: gatewayURL})
				defer closePod(t, w)
				webs = append(webs, "http://"+w.Addr())
			}
			// The store outlives its client in the clean-up order of real pods as well.
			config := Config{Role: RoleStore, Listen: storeAddr, Run: "store-run", Data: t.TempDir(), Gateway: gatewayURL}
			storePod := pod(t, config)
			defer func() { closePod(t, storePod) }()
			gw := pod(t, Config{Role: RoleGateway, Listen: gatewayAddr, Run: "gateway-run", Web: webs, Store: "http://" + storeAddr})
			defer closePod(t, gw)

			l := &lab{t: t, regions: map[string]*region{}, data: topology.Dataset{Name: orders, Engine: "log", Mode: topology.ModeAsync, Regions: []string{"us-east"}}}
			l.regions["us-east"] = &region{agent: gw, client: wire.NewClient(wire.ClientConfig{Base: gatewayURL, Region: "us-east", Token: testToken})}
			c := l.regions["us-east"].client
			l.lead("us-east", 1)
			got, err := l.write("us-east", "w")
			if err != nil || got.Authority != "us-east" || !strings.HasPrefix(got.Replica, "web-") {
				t.Fatalf("%+v, %v", got, err)
			}
			if found, err := c.Read(t.Context(), orders, "w", ""); err != nil || !found.Found {
				t.Errorf("%+v, %v", found, err)
			}
			if n := l.count("us-east"); n != 1 {
				t.Errorf("%d entries", n)
			}
			if h, err := c.Health(t.Context()); err != nil || !strings.HasPrefix(h.Replica, "web-") {
				t.Errorf("health: %+v, %v: want that of a web pod", h, err)
			}
			if replicas, err := c.Web(t.Context()); services == 1 && !errors.Is(err, wire.ErrNotFound) || services == 2 && len(replicas) != 2 {
				t.Errorf("web replicas: %v, %v", replicas, err)
			}

			before, err := c.Status(t.Context())
			if err != nil || before.Topology != l.version {
				t.Fatalf("%+v, %v", before, err)
			}
			closePod(t, storePod)
			if _, err := c.Status(t.Context()); !errors.Is(err, wire.ErrUpstream) {
				t.Errorf("status while the store is away: %v, want ErrUpstream", err)
			}
			if _, err := l.write("us-east", "meanwhile"); !errors.Is(err, wire.ErrUpstream) {
				t.Errorf("write while the store is away: %v, want ErrUpstream", err)
			}
			config.Run = "store-run-2"
			storePod = pod(t, config)
			after, err := c.Status(t.Context())
			if err != nil || after.Run == before.Run || after.Topology != 0 {
				t.Errorf("after the store alone restarted: %+v, %v: want another run and no topology", after, err)
			}
			l.push("us-east", 1)
			if _, err := l.write("us-east", "fenced"); !errors.Is(err, store.ErrFenced) {
				t.Errorf("write before a grant: %v, want ErrFenced", err)
			}
			l.lead("us-east", 2)
			if _, err := l.write("us-east", "w2"); err != nil {
				t.Error(err)
			}
			if n := l.count("us-east"); n != 2 {
				t.Errorf("%d entries, want those of both runs", n)
			}
		})
	}
}

func TestStartRefuses(t *testing.T) {
	good := Config{Region: "us-east", Role: RoleAll, Token: "t", Listen: "127.0.0.1:0", Run: "r", Data: "d"}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	tests := []struct {
		name string
		with func(*Config)
		says string
	}{
		{"no token", func(c *Config) { c.Token = "" }, "FLEETDRILL_TOKEN"},
		{"a region that is no name", func(c *Config) { c.Region = "US East" }, "lower-case"},
		{"no data folder", func(c *Config) { c.Data = "" }, "data folder"},
		{"a role that is none", func(c *Config) { c.Role = "mesh" }, "mesh"},
		{"a gateway without a store", func(c *Config) { c.Role, c.Web = RoleGateway, []string{"http://w:1"} }, "store"},
		{"a gateway with a web URL that is none", func(c *Config) { c.Role, c.Web, c.Store = RoleGateway, []string{"w:1"}, "http://s:1" }, "w:1"},
		{"a web replica without a gateway", func(c *Config) { c.Role = RoleWeb }, "gateway"},
		{"a negative capacity", func(c *Config) { c.Capacity = -1 }, "capacity"},
		{"too many replicas", func(c *Config) { c.Replicas = 65 }, "65"},
		{"a negative time limit", func(c *Config) { c.WriteTimeout = -time.Second }, "-1s"},
		{"a port in use", func(c *Config) { c.Listen = taken.Addr().String() }, taken.Addr().String()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := good
			tt.with(&c)
			a, err := Start(c)
			if err == nil {
				closePod(t, a)
				t.Fatal("started")
			}
			if !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), c.Region) {
				t.Errorf("%v: want it to name the region and %q", err, tt.says)
			}
		})
	}
}

func TestTopologyCountsOnlyWhenBothHoldIt(t *testing.T) {
	tests := []struct {
		name          string
		gateway       *peers.Routes
		store, region uint64
	}{
		{"both", &peers.Routes{Topology: wire.Topology{Version: 5}}, 5, 5},
		{"the gateway restarted", nil, 5, 0},
		{"the store restarted", &peers.Routes{Topology: wire.Topology{Version: 5}}, 0, 0},
		{"the store is behind", &peers.Routes{Topology: wire.Topology{Version: 5}}, 4, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := &gateway{region: "us-east", run: "r", found: discovery.New(discovery.Config{})}
			defer g.found.Close()
			g.routes.Store(tt.gateway)
			if got := g.regionStatus(wire.RegionStatus{Run: "r", Topology: tt.store}); got.Topology != tt.region || got.Run != "r" {
				t.Errorf("%+v, want topology %d", got, tt.region)
			}
		})
	}
}
