package router

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Users of an environment stay in it, however near another's region is, and are sent nowhere once it is gone.
func TestUsersStayInTheirEnvironment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := routedFleet()
		f.Regions[0].Environment, f.Regions[1].Environment, f.Regions[2].Environment = "staging", "prod", "prod"
		f.Users[0].Environment = "prod" // us, of staging, is nearest to americas
		var broken sync.Map
		r := New(Config{Fleet: f, Now: since(), Probe: func(_ context.Context, region string) error {
			if _, is := broken.Load(region); is {
				return errors.New("gone")
			}
			return nil
		}})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { r.Run(ctx); close(done) }()
		want := func(region string) {
			t.Helper()
			time.Sleep(3 * time.Second)
			synctest.Wait()
			if got, _ := r.Route("americas"); got != region {
				t.Errorf("americas goes to %q, want %q", got, region)
			}
		}
		want("eu")
		broken.Store("eu", true)
		want("ap")
		broken.Store("ap", true)
		want("")
		cancel()
		<-done
	})
}

// What fails while nobody carries the probes is no region's failure, and what fails afterwards is.
func TestAProbeThatNobodyCarriesDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := since()
		lost := [2]time.Duration{2 * time.Second, 6 * time.Second}
		r := New(Config{
			Fleet: topology.Fleet{Regions: []topology.Region{{Name: "us"}}, Users: []topology.Population{{Name: "all"}}, Routing: routedFleet().Routing},
			Now:   now, Blind: func(from, to time.Duration) bool { return from < lost[1] && to > lost[0] },
			Probe: func(ctx context.Context, _ string) error {
				if at := now(); at >= lost[0] && at < lost[1] || at > 8*time.Second {
					return hang(ctx)
				}
				return nil
			},
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { r.Run(ctx); close(done) }()
		var served []time.Duration
		for range 12 {
			time.Sleep(time.Second)
			synctest.Wait()
			if _, err := r.Route("all"); err == nil {
				served = append(served, now())
			}
		}
		if got := len(served); got != 9 || slices.Max(served) != 9*time.Second {
			t.Errorf("served at %v: want until the probes after 8 s have failed, and not before", served)
		}
		cancel()
		<-done
	})
}
