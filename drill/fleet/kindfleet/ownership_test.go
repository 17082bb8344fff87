package kindfleet

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A fleet that somebody left is there after an Up that failed on it, and free for
// others; one that the Up made, or that a killed program could not take down, is not.
func TestFailedUpLeavesWhatWasThere(t *testing.T) {
	agent := staticProgram(t)
	t.Run("joined", func(t *testing.T) {
		e := newFakeEngine(t)
		f := demo(t, e)
		f.cfg.AgentBinary = agent
		onRecord(t, f, record.Record{Stays: true, Clusters: []record.Cluster{{Region: "us-east", Name: demoCluster, NodeContainerID: "ours"}}})
		e.add(t, "ours", demoNode, demoCluster, time.Now())
		broken := f.clusters[0].kubeconfig
		if err := errors.Join(os.MkdirAll(filepath.Dir(broken), 0o700), os.WriteFile(broken, []byte("{"), 0o600)); err != nil {
			t.Fatal(err)
		}
		for range 2 { // again by the same hand, as the screen does it
			if err := f.Up(context.Background()); !errors.Is(err, fleet.ErrLeft) || !strings.Contains(err.Error(), "fleetdrill down demo") {
				t.Errorf("error %v; want ErrLeft, and what to do", err)
			}
			if err := f.Down(context.Background()); err != nil || !e.has("ours") {
				t.Errorf("Down after a failed Up: %v; the node is there: %t", err, e.has("ours"))
			}
		}
		if strings.Contains(e.calls(t), "image") {
			t.Errorf("asked for the node image, though every node is there:\n%s", e.calls(t))
		}
		other := demo(t, e)
		other.cfg.StateDir, other.own.state = f.cfg.StateDir, f.cfg.StateDir
		if err := other.Down(context.Background()); err != nil || e.has("ours") {
			t.Errorf("Down that was asked for: %v; the node is there: %t", err, e.has("ours"))
		}
	})
	t.Run("left by a killed program", func(t *testing.T) {
		e := newFakeEngine(t)
		f := demo(t, e)
		f.cfg.AgentBinary = agent
		recorded(t, f, record.Cluster{Region: "us-east", Name: demoCluster, NodeContainerID: "ours"})
		e.add(t, "ours", demoNode, demoCluster, time.Now())
		if err := f.Up(context.Background()); err == nil || errors.Is(err, fleet.ErrLeft) {
			t.Errorf("error %v, want one that leaves nothing", err)
		}
		if err := f.Down(context.Background()); err != nil || e.has("ours") {
			t.Errorf("Down: %v; the node is there: %t", err, e.has("ours"))
		}
	})
	t.Run("made", func(t *testing.T) {
		e := newFakeEngine(t)
		f := demo(t, e)
		f.cfg.AgentBinary = agent
		if err := f.Up(context.Background()); err == nil || errors.Is(err, fleet.ErrLeft) || !strings.Contains(e.calls(t), "image inspect") {
			t.Errorf("error %v, want that of the node image:\n%s", err, e.calls(t))
		}
		if err := f.Down(context.Background()); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(f.cfg.StateDir); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	})
}

// Whether a fleet stays is its record's to say: who makes it to be left, or leaves it, notes it, and who
// joins it without a word of that keeps what was noted.
func TestStaysIsOnRecord(t *testing.T) {
	for _, tt := range []struct {
		name              string
		found, was        bool // a record, and that it stays
		stay, leave, want bool
	}{
		{name: "made by a run"},
		{name: "made by up", stay: true, want: true},
		{name: "left", leave: true, want: true},
		{name: "joined", found: true, was: true, want: true},
		{name: "of a killed program", found: true},
		{name: "of a killed program, found by up", found: true, stay: true, want: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := newFakeEngine(t)
			p := demo(t, e)
			p.own.stays = tt.stay
			if tt.found {
				onRecord(t, p, record.Record{Stays: tt.was})
			}
			for range 2 { // an Up again keeps what it has
				if _, err := p.own.open(t.Context(), e.Runtime, p.clusters); err != nil {
					t.Fatal(err)
				}
			}
			if joined := p.own.Failed(); joined != tt.was {
				t.Errorf("joined: %t", joined)
			}
			if p.own.Release(); tt.leave {
				if _, err := p.own.open(t.Context(), e.Runtime, p.clusters); err != nil {
					t.Fatal(err)
				}
				p.Leave()
			}
			file, err := record.Open(p.cfg.StateDir, "demo")
			if err != nil {
				t.Fatal(err)
			}
			if got := file.Get().Stays; got != tt.want {
				t.Errorf("the record says that it stays: %t", got)
			}
			if err := file.Lock(); err != nil {
				t.Errorf("not given up: %v", err)
			}
			file.Unlock()
		})
	}
}

// Data that one user wrote another can't read, so engines do not change across a join.
func TestJoinNeedsTheSameEngines(t *testing.T) {
	const old, other = "docker.io/library/postgres:15", "docker.io/library/postgres:17"
	logs, postgres := topology.Dataset{Name: "orders", Engine: "log"}, topology.Dataset{Name: "orders", Engine: "postgres"}
	tests := []struct {
		name     string
		was      topology.Dataset
		wasImage string
		is       topology.Dataset
		image    string
		says     string // "" is joined
	}{
		{"log as before", logs, "", logs, old, ""},
		{"an image that is not used", logs, "", logs, other, ""},
		{"postgres as before", postgres, old, postgres, old, ""},
		{"a record that does not say which image", postgres, "", postgres, other, ""},
		{"postgres now", logs, "", postgres, old, "this one has"},
		{"no postgres any more", postgres, old, logs, old, "this one has none"},
		{"another PostgreSQL", postgres, old, postgres, other, old},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newFakeEngine(t)
			f := demo(t, e)
			f.own.postgresImage, f.own.spec.Datasets = tt.image, []topology.Dataset{tt.is}
			known := record.Record{Fleet: f.own.spec, On: On, PostgresImage: tt.wasImage}
			known.Fleet.Datasets = []topology.Dataset{tt.was}
			if _, err := record.Create(f.cfg.StateDir, known); err != nil {
				t.Fatal(err)
			}
			_, err := f.own.open(t.Context(), e.Runtime, f.clusters)
			if tt.says != "" {
				if !errors.Is(err, fleet.ErrExists) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "take it down first") {
					t.Errorf("error %v, want ErrExists with %q and what to do", err, tt.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer f.Leave()
			if got := f.own.File().Get().PostgresImage; tt.is.Engine == "postgres" && got != tt.image {
				t.Errorf("the record has image %q, want %q", got, tt.image)
			}
		})
	}
}

// Clusters can't be divided or joined while they run.
func TestJoinNeedsTheSameDomains(t *testing.T) {
	e := newFakeEngine(t)
	own := topology.Fleet{Name: "demo", Regions: []topology.Region{{Name: "a"}, {Name: "b"}}}
	shared := topology.Fleet{Name: "demo", Regions: []topology.Region{{Name: "a", Cluster: "one"}, {Name: "b", Cluster: "one"}}}
	for _, tt := range []struct {
		name    string
		was, is topology.Fleet
		joins   bool
	}{{"as before", shared, shared, true}, {"shared now", own, shared, false}, {"shared no more", shared, own, false}} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := New(Config{Fleet: tt.is, StateDir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := record.Create(p.cfg.StateDir, record.Record{Fleet: tt.was, On: On}); err != nil {
				t.Fatal(err)
			}
			_, err = p.own.open(t.Context(), e.Runtime, p.clusters)
			if tt.joins != (err == nil) || err != nil && (!errors.Is(err, fleet.ErrExists) || !strings.Contains(err.Error(), "in one cluster and not")) {
				t.Errorf("error %v, want it to join: %t", err, tt.joins)
			}
			p.Leave()
		})
	}
}

// Regions that share a cluster have one node, and a namespace and a port each.
func TestClustersOfDomains(t *testing.T) {
	spec := topology.Fleet{Name: "demo", Regions: []topology.Region{{Name: "a", Cluster: "east"}, {Name: "west"}, {Name: "b", Cluster: "east"}}}
	p, err := New(Config{Fleet: spec, StateDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.clusters) != 2 || p.byRegion["a"] != p.byRegion["b"] || p.byRegion["a"] == p.byRegion["west"] {
		t.Fatalf("%+v", p.byRegion)
	}
	east, west := p.byRegion["b"], p.byRegion["west"]
	if east.node != "fleetdrill-demo-east-control-plane" || west.node != "fleetdrill-demo-west-control-plane" {
		t.Errorf("nodes %s and %s", east.node, west.node)
	}
	a, b, w := east.region("a"), east.region("b"), west.region("west")
	if a.Namespace != "fleetdrill-a" || b.Namespace != "fleetdrill-b" || w.Namespace != "fleetdrill" {
		t.Errorf("namespaces %s, %s, %s", a.Namespace, b.Namespace, w.Namespace)
	}
	if got := east.spec("image").Ports; len(got) != 2 || got[0] == got[1] || a.GatewayPort() != got[0] || b.GatewayPort() != got[1] {
		t.Errorf("ports %v", got)
	}
	if on := east.onRecord(); on.Region != "a" || len(on.Regions) != 2 || len(west.onRecord().Regions) != 0 {
		t.Errorf("on record %+v and %+v", on, west.onRecord())
	}
	clash := topology.Fleet{Name: "demo", Regions: []topology.Region{{Name: "a", Cluster: "west"}, {Name: "b", Cluster: "west"}, {Name: "west"}}}
	if _, err := New(Config{Fleet: clash, StateDir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "that of region a") {
		t.Errorf("two clusters of a name: %v", err)
	}
}
