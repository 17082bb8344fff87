package discovery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var errDead = errors.New("connection refused")

// fleet is two regions, each of which leads, does not, or is dead.
type fleet struct {
	mu     sync.Mutex
	states map[string]string
}

func (f *fleet) set(region, state string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.states[region] = state
}

func (f *fleet) ask(ctx context.Context, region string) (wire.RegionStatus, error) {
	f.mu.Lock()
	state := f.states[region]
	f.mu.Unlock()
	switch state {
	case "hangs":
		<-ctx.Done()
		return wire.RegionStatus{}, ctx.Err()
	case "dead":
		return wire.RegionStatus{}, errDead
	case "leads":
		return wire.RegionStatus{Stores: []store.Status{{Dataset: "orders", Role: role.Authority, LeaseLeft: time.Second}}}, nil
	case "has no lease":
		return wire.RegionStatus{Stores: []store.Status{{Dataset: "orders", Role: role.Authority}}}, nil
	}
	return wire.RegionStatus{Stores: []store.Status{{Dataset: "orders", Role: role.Follower}}}, nil
}

func told(kind string) wire.Topology {
	return wire.Topology{
		Version: 1, Region: "c", Discovery: &wire.Discovery{Kind: kind, Probe: topology.DefaultProbe},
		Datasets: []wire.Placement{{Dataset: topology.Dataset{Name: "orders", Regions: []string{"a", "b"}}, Authority: "a"}},
	}
}

// One death, two curves: the share of calls that go to the dead region, second by second, until it is back.
func TestOneDeathTwoCurves(t *testing.T) {
	for kind, want := range map[string]string{
		// a dies at 1 s, b leads from 4 s on, a is back at 8 s and follows.
		topology.DiscoveryMirror: "0 100 100 100 50 50 50 50 0 0",
		// Three silent checks take it out within the second after; until b leads there is no endpoint.
		topology.DiscoveryFleet: "0 100 none none 0 0 0 0 0 0",
	} {
		for _, death := range []string{"dead", "hangs"} {
			synctest.Test(t, func(t *testing.T) {
				f := &fleet{states: map[string]string{"a": "leads", "b": "follows"}}
				began := time.Now()
				d := New(Config{Ask: f.ask, Now: func() time.Duration { return time.Since(began) }})
				defer d.Close()
				d.Told(told(kind))
				got := ""
				for second := range 10 {
					switch second {
					case 1:
						f.set("a", death)
					case 4:
						f.set("b", "leads")
					case 8:
						f.set("a", "follows")
					}
					// What the checks of a second find shows in its last tenth, but for the death: that shows at once.
					if second != 1 {
						time.Sleep(900 * time.Millisecond)
					}
					synctest.Wait()
					got += " " + share(t, d, f)
					if second == 1 {
						time.Sleep(900 * time.Millisecond)
					}
					time.Sleep(100 * time.Millisecond)
				}
				// A check that hangs takes its whole timeout, so that taking an endpoint out takes longer.
				if death == "hangs" && kind == topology.DiscoveryFleet {
					want = "0 100 100 none 0 0 0 0 0 0"
				}
				if got != " "+want {
					t.Errorf("%s, a %s: %s, want %s", kind, death, got, want)
				}
			})
		}
	}
}

// share is which part of ten calls goes to a region that does not lead, in percent.
func share(t *testing.T, d *Directory, f *fleet) string {
	t.Helper()
	stale := 0
	for range 10 {
		ep, err := d.Pick(t.Context(), "orders")
		if err != nil {
			if !errors.Is(err, wire.ErrNoAuthority) {
				t.Error(err)
			}
			return "none"
		}
		f.mu.Lock()
		if f.states[ep.Region] != "leads" {
			stale++
		}
		f.mu.Unlock()
	}
	return fmt.Sprint(stale * 10)
}

// An authority without a lease takes no writes, and is no endpoint. Nor is anything before a topology came.
func TestWhoIsAnEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{states: map[string]string{"a": "has no lease", "b": "follows"}}
		d := New(Config{Ask: f.ask, Now: func() time.Duration { return 0 }})
		defer d.Close()
		if d.Finds() || d.Status() != nil {
			t.Error("it finds something before it was told how")
		}
		d.Told(told(topology.DiscoveryFleet))
		synctest.Wait()
		if ep, err := d.Pick(t.Context(), "orders"); err == nil {
			t.Errorf("%+v", ep)
		}
		f.set("a", "leads")
		time.Sleep(topology.DefaultProbe.Every)
		synctest.Wait()
		if ep, err := d.Pick(t.Context(), "orders"); err != nil || ep.Region != "a" {
			t.Errorf("%+v, %v", ep, err)
		}
		if got := d.Status(); len(got) != 1 || got[0].None != 1 || got[0].Calls != 0 || len(got[0].Endpoints) != 1 {
			t.Errorf("%+v", got)
		}
		plain := told(topology.DiscoveryFleet)
		plain.Discovery = nil
		if d.Told(plain); d.Finds() {
			t.Error("it goes on finding by itself when it is told")
		}
	})
}

// A region that is told to find nothing by itself any more has no endpoint, also for a write that was on its way.
func TestToldToFindNothing(t *testing.T) {
	f := &fleet{states: map[string]string{"a": "leads"}}
	d := New(Config{Ask: f.ask, Now: func() time.Duration { return 0 }})
	defer d.Close()
	d.Told(told(topology.DiscoveryMirror))
	if !d.Finds() {
		t.Fatal("it finds nothing")
	}
	none := told(topology.DiscoveryMirror)
	none.Discovery = nil
	d.Told(none)
	if found, err := d.find(t.Context(), "orders"); !errors.Is(err, errNobodyLeads) || d.Finds() {
		t.Errorf("%+v, %v", found, err)
	}
}
