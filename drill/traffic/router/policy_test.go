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
