package discovery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// clusters notes what each is told to import.
type clusters struct {
	mu   sync.Mutex
	told []string
	fail map[string]error
}

func (c *clusters) Import(_ context.Context, region, dataset string, exports bool, endpoints []fleet.Endpoint) error {
	if err := c.fail[region]; err != nil {
		return err
	}
	line := fmt.Sprintf("%s of %s, exports %t:", region, dataset, exports)
	for _, e := range endpoints {
		line += fmt.Sprintf(" %s at %s %t", e.Region, e.Address, e.Ready)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told = append(c.told, line)
	return nil
}

// Every cluster is told once what changed: who leads and answers is ready, and a cluster that is down is told when it is back.
func TestClustersImportWhoLeads(t *testing.T) {
	leader, emitted := "a", 0
	to := &clusters{fail: map[string]error{}}
	m := NewImports(ImportsConfig{
		Fleet: topology.Fleet{
			Regions:  []topology.Region{{Name: "a", Discovery: topology.DiscoveryFleet}, {Name: "b"}, {Name: "c", Discovery: topology.DiscoveryFleet}, {Name: "d", Discovery: topology.DiscoveryMirror}},
			Datasets: []topology.Dataset{{Name: "orders", Regions: []string{"a", "b"}}},
		},
		Platform: to, Leads: func(region, _ string) bool { return region == leader },
		Peers: func(region, _ string) map[string]string {
			all := map[string]string{"a": "http://h:1", "b": "http://h:2", "c": "http://h:3", "d": "http://h:4"}
			delete(all, region)
			return all
		},
		Emit: func(drill.Body) drill.Event { emitted++; return drill.Event{} },
	})
	step := func(want ...string) {
		t.Helper()
		to.told = nil
		m.step(t.Context())
		slices.Sort(to.told) // they are told side by side
		if !slices.Equal(to.told, want) {
			t.Errorf("told\n%s\nwant\n%s", strings.Join(to.told, "\n"), strings.Join(want, "\n"))
		}
	}
	step("a of orders, exports true: b at h:2 false", "b of orders, exports true:", "c of orders, exports false: a at h:1 true b at h:2 false")
	step()
	leader = ""
	to.fail["c"] = fmt.Errorf("x: %w", fleet.ErrDown)
	step()
	if emitted != 0 {
		t.Errorf("%d failures are told of a cluster that is down", emitted)
	}
	leader = "b"
	to.fail["c"] = errors.New("forbidden")
	step("a of orders, exports true: b at h:2 true")
	step()
	if emitted != 1 {
		t.Errorf("a failure is told %d times, want once", emitted)
	}
	delete(to.fail, "c")
	step("c of orders, exports false: a at h:1 false b at h:2 true")
}

// hanging is clusters of which one answers only once another was told.
type hanging struct{ told chan struct{} }

func (h hanging) Import(_ context.Context, region, _ string, _ bool, _ []fleet.Endpoint) error {
	if region == "a" {
		<-h.told
	} else {
		close(h.told)
	}
	return nil
}

// A cluster that is slow to answer does not keep what is news from the others.
func TestASlowClusterKeepsNobodyWaiting(t *testing.T) {
	m := NewImports(ImportsConfig{
		Fleet: topology.Fleet{
			Regions:  []topology.Region{{Name: "a", Discovery: topology.DiscoveryFleet}, {Name: "b", Discovery: topology.DiscoveryFleet}},
			Datasets: []topology.Dataset{{Name: "orders", Regions: []string{"a", "b"}}},
		},
		Platform: hanging{make(chan struct{})}, Leads: func(string, string) bool { return true },
		Peers: func(string, string) map[string]string { return nil },
	})
	m.step(t.Context()) // it would wait for ever
}
