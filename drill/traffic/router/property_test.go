package router

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// switched is regions that a test switches off and on, and since when each is as it is.
type switched struct {
	now func() time.Duration

	mu    sync.Mutex
	off   map[string]bool
	since map[string]time.Duration
}

func (s *switched) turn(region string, off bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.off[region] != off {
		s.off[region], s.since[region] = off, s.now()
	}
}

func (s *switched) offFor(region string) (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now() - s.since[region], s.off[region]
}

func (s *switched) probe(_ context.Context, region string) error {
	if _, off := s.offFor(region); off {
		return syscall.ECONNREFUSED
	}
	return nil
}

// sometimes runs a router over regions that come and go by chance, and looks at it every 50 ms.
func sometimes(t *testing.T, seed uint64, fleet topology.Fleet, look func(r *Router, s *switched, at time.Duration)) (reports []drill.Body) {
	t.Helper()
	s := &switched{now: since(), off: map[string]bool{}, since: map[string]time.Duration{}}
	r := New(Config{Fleet: fleet, Seed: seed, Probe: s.probe, Now: s.now, Report: func(b drill.Body) { reports = append(reports, b) }})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	time.Sleep(time.Second)
	draw := rand.New(rand.NewPCG(seed, 7))
	for s.now() < 60*time.Second {
		for _, region := range fleet.RegionNames() {
			if draw.Float64() < 0.01 {
				_, off := s.offFor(region)
				s.turn(region, !off)
			}
		}
		time.Sleep(50 * ms)
		synctest.Wait()
		look(r, s, s.now())
	}
	cancel()
	<-done
	return reports
}

// Whatever regions do, by every policy: an answer's shares add up to the whole; no region has one that was off for as long
// as it takes to find out; and who is refused by law is never sent elsewhere.
func TestAnswersWhateverRegionsDo(t *testing.T) {
	probe := topology.Probe{Every: 250 * ms, Timeout: 500 * ms, DownAfter: 3, UpAfter: 4, HoldDown: time.Second}
	detected := time.Duration(probe.DownAfter) * probe.Every // it refuses, so that no timeout passes
	for _, p := range policy.All {
		t.Run(p.Name, func(t *testing.T) {
			for seed := range uint64(4) {
				synctest.Test(t, func(t *testing.T) {
					fleet := routedFleet()
					fleet.Routing = topology.Routing{Policy: p.Name, Probe: probe, Ramp: 3 * time.Second, Weights: map[string]float64{"us": 0.6, "eu": 0.4}}
					fleet.Regions[1].Jurisdiction, fleet.Users[1].Jurisdiction = "EU", "EU"
					none := 0
					sometimes(t, seed, fleet, func(r *Router, s *switched, at time.Duration) {
						for _, u := range fleet.Users {
							a, sum := r.Answer(u.Name), 0.0
							region, err := r.Route(u.Name)
							if (err == nil) != (len(a.Shares) > 0) || err == nil && !a.Has(region) {
								t.Fatalf("%s: %s is routed to %q, %v by %+v", at, u.Name, region, err, a)
							}
							if err != nil {
								none++
							}
							for _, share := range a.Shares {
								sum += share.Part
								if took, off := s.offFor(share.Region); off && took > detected {
									t.Fatalf("%s: %s has %s, which is off for %s", at, u.Name, share.Region, took)
								}
								if p.Name == "geo" && u.Jurisdiction != "" && share.Region != "eu" {
									t.Fatalf("%s: %s is served by %s", at, u.Name, share.Region)
								}
							}
							if len(a.Shares) > 0 && math.Abs(sum-1) > 1e-9 {
								t.Fatalf("%s: the shares of %s are %v", at, u.Name, a.Shares)
							}
							if len(a.Shares) == 0 && p.Name == "geo" && u.Jurisdiction != "" && !errors.Is(err, policy.ErrJurisdiction) {
								t.Fatalf("%s: %s is told %v", at, u.Name, err)
							}
						}
					})
					if p.Name == "geo" && none == 0 {
						t.Error("nobody was ever refused: nothing was tried")
					}
				})
			}
		})
	}
}

// While nothing else changes, a region that came back takes more from one look to the next, from a tenth to all.
func TestTheRampOnlyRises(t *testing.T) {
	for _, p := range []string{"nearest", "failover", "weighted"} {
		synctest.Test(t, func(t *testing.T) {
			fleet := routedFleet()
			fleet.Routing.Policy, fleet.Routing.Ramp, fleet.Routing.Weights = p, 4*time.Second, map[string]float64{"us": 0.5, "eu": 0.5}
			whole := map[string]float64{"nearest": 1, "failover": 1, "weighted": 0.5}[p]
			s := &switched{now: since(), off: map[string]bool{}, since: map[string]time.Duration{}}
			r := New(Config{Fleet: fleet, Probe: s.probe, Now: s.now})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { r.Run(ctx); close(done) }()
			defer func() { cancel(); <-done }()
			time.Sleep(ms)
			synctest.Wait()
			if part := r.Answer("americas").Part("us"); part != whole {
				t.Errorf("%s: a fleet that comes up has no ramp, and us has %v", p, part)
			}
			time.Sleep(time.Second)
			s.turn("us", true)
			time.Sleep(2 * time.Second)
			s.turn("us", false)
			last, first := 0.0, 0.0
			for range 400 {
				time.Sleep(20 * ms)
				synctest.Wait()
				part := r.Answer("americas").Part("us")
				if part < last {
					t.Fatalf("%s: from %v to %v", p, last, part)
				}
				if first == 0 {
					first = part
				}
				last = part
			}
			if math.Abs(first-0.1*whole) > 0.01 || last != whole {
				t.Errorf("%s: from %v to %v", p, first, last)
			}
			if got := draws(r, "americas", 1000); math.Abs(got["us"]-whole) > 0.05 {
				t.Errorf("%s: drawn %v", p, got)
			}
		})
	}
}

// draws is the share of each region in n requests.
func draws(r *Router, population string, n int) map[string]float64 {
	got := map[string]float64{}
	for range n {
		region, _ := r.Route(population)
		got[region] += 1 / float64(n)
	}
	return got
}

// Whom users draw depends on them alone, whatever people beside them ask.
func TestOthersDrawForThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fleet := routedFleet()
		fleet.Routing.Policy, fleet.Routing.Weights = "weighted", map[string]float64{"us": 0.5, "eu": 0.3, "ap": 0.2}
		drawn := func(beside bool) (all []string) {
			r := New(Config{Fleet: fleet, Seed: 5, Probe: func(context.Context, string) error { return nil }, Now: since()})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { r.Run(ctx); close(done) }()
			defer func() { cancel(); <-done }()
			time.Sleep(time.Second)
			others := map[string]bool{}
			for range 50 {
				region, err := r.Route("americas")
				if err != nil {
					t.Fatal(err)
				}
				if all = append(all, region); beside {
					other, _ := r.RouteOther("americas")
					others[other] = true
				}
			}
			if beside && len(others) < 2 {
				t.Errorf("others drew %v of three", others)
			}
			return all
		}
		if alone, beside := drawn(false), drawn(true); !slices.Equal(alone, beside) {
			t.Errorf("alone %v, beside others %v", alone, beside)
		}
	})
}

// Requests are drawn by weight, the same ones by the same seed; and an uncordoned region ramps up, too.
func TestDrawnByWeight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fleet := routedFleet()
		fleet.Routing.Policy, fleet.Routing.Weights = "weighted", map[string]float64{"us": 0.7, "eu": 0.2, "ap": 0.1}
		fleet.Routing.Ramp = 10 * time.Second
		var reports []drill.Body
		now := since()
		r := New(Config{Fleet: fleet, Seed: 5, Probe: func(context.Context, string) error { return nil }, Now: now, Report: func(b drill.Body) { reports = append(reports, b) }})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { r.Run(ctx); close(done) }()
		defer func() { cancel(); <-done }()
		time.Sleep(time.Second)
		if got := draws(r, "americas", 2000); math.Abs(got["us"]-0.7) > 0.03 || math.Abs(got["ap"]-0.1) > 0.03 {
			t.Errorf("%v", got)
		}
		r.SetDraining("us", true)
		if got := r.Answer("europe"); math.Abs(got.Part("eu")-2.0/3) > 1e-9 || got.Has("us") {
			t.Errorf("while us is drained: %+v", got)
		}
		r.SetDraining("us", false)
		time.Sleep(5 * time.Second)
		if got := r.Answer("europe").Part("us"); math.Abs(got-0.35) > 0.01 {
			t.Errorf("us has %v half-way up", got)
		}
		ramps, moves := 0, 0
		for _, b := range reports {
			switch b := b.(type) {
			case drill.RegionRamped:
				ramps++
			case drill.Rerouted:
				if b.From != "" {
					moves++
				}
			}
		}
		if ramps != 1 || moves != 2*len(fleet.Users) {
			t.Errorf("%d ramps, %d moves", ramps, moves)
		}
	})
}

// A region that goes on and off is seen to flap; held down, it moves users away once, and not to and fro.
func TestAFlappingRegion(t *testing.T) {
	for hold, most := range map[time.Duration]int{0: 12, 4 * time.Second: 1} {
		synctest.Test(t, func(t *testing.T) {
			fleet := routedFleet()
			fleet.Routing.Probe.HoldDown = hold
			s := &switched{now: since(), off: map[string]bool{}, since: map[string]time.Duration{}}
			flaps, moves := 0, 0
			r := New(Config{Fleet: fleet, Probe: s.probe, Now: s.now, Report: func(b drill.Body) {
				switch b := b.(type) {
				case drill.RegionFlapping:
					if flaps++; !b.On || b.Region != "us" || b.Downs != topology.FlapDowns {
						t.Errorf("%+v", b)
					}
				case drill.Rerouted:
					if b.From != "" && b.Population == "americas" {
						moves++
					}
				}
			}})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { r.Run(ctx); close(done) }()
			time.Sleep(time.Second)
			for range 6 {
				s.turn("us", true)
				time.Sleep(1500 * ms)
				s.turn("us", false)
				time.Sleep(2 * time.Second)
			}
			cancel()
			<-done
			if flaps != 1 || moves > most || hold == 0 && moves < most {
				t.Errorf("held down for %s: %d times flapping, users moved %d times", hold, flaps, moves)
			}
		})
	}
}
