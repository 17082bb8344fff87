package router

import (
	"context"
	"reflect"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// TestPolicyOfTheFile: the router does what routing.policy says. By "failover" everybody uses the first region, however
// far, moves to the second while it is down, and comes back.
func TestPolicyOfTheFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := since()
		down := func() bool { return now() > time.Second && now() < 3*time.Second }
		p := &probes{now: now, sent: map[string][]time.Duration{}, do: map[string]func(context.Context, int) error{
			"us": func(context.Context, int) error {
				if down() {
					return syscall.ECONNREFUSED
				}
				return nil
			},
		}}
		fleet := routedFleet()
		fleet.Routing.Policy = "failover"
		var got []drill.Rerouted
		r := New(Config{Fleet: fleet, Probe: p.probe, Now: now, Report: func(b drill.Body) {
			if b, is := b.(drill.Rerouted); is {
				got = append(got, b)
			}
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
		defer cancel()
		r.Run(ctx)
		var want []drill.Rerouted
		for _, move := range []drill.Rerouted{
			{To: "us", Why: "us is the first that is up"},
			{From: "us", To: "eu", Why: "us is down: refused"},
			{From: "eu", To: "us", Why: "us comes first and serves again"},
		} {
			for _, population := range []string{"americas", "europe"} {
				move.Population = population
				want = append(want, move)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
}

// Other weights move users to where they say, with why; a region without one serves only where none with one is up.
func TestOtherWeights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := since()
		fleet := routedFleet()
		fleet.Users = fleet.Users[:1]
		fleet.Routing.Policy, fleet.Routing.Weights = "weighted", map[string]float64{"us": 0.75, "eu": 0.25}
		var got []drill.Rerouted
		r := New(Config{Fleet: fleet, Probe: func(context.Context, string) error { return nil }, Now: now, Report: func(b drill.Body) {
			if b, is := b.(drill.Rerouted); is {
				got = append(got, b)
			}
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
		defer cancel()
		go r.Run(ctx)
		time.Sleep(2 * time.Second)
		r.SetWeights(map[string]float64{"eu": 1}, "67b6790")
		r.SetWeights(map[string]float64{"eu": 1}, "again")
		for range 100 {
			if region, err := r.Route("americas"); region != "eu" || err != nil {
				t.Fatalf("a user is sent to %q, %v", region, err)
			}
		}
		r.SetWeights(map[string]float64{"eu": 0.5, "ap": 0.5}, "5c1f00d")
		r.SetDraining("ap", true)
		want := []drill.Rerouted{
			{Population: "americas", To: "us", Shares: map[string]float64{"us": 0.75, "eu": 0.25}, Why: "us is up"},
			{Population: "americas", From: "us", To: "eu", Shares: map[string]float64{"eu": 1}, Why: "eu has another weight by 67b6790"},
			{Population: "americas", From: "eu", To: "eu", Shares: map[string]float64{"eu": 0.5, "ap": 0.5}, Why: "ap has another weight by 5c1f00d"},
			{Population: "americas", From: "eu", To: "eu", Shares: map[string]float64{"eu": 1}, Why: "ap is being drained"},
		}
		for i := range got {
			if len(want[i].Shares) == 1 {
				want[i].Shares = got[i].Shares
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		cancel()
		synctest.Wait()
	})
}
