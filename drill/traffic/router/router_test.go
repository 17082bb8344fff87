package router

import (
	"context"
	"fmt"
	"reflect"
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

const ms = time.Millisecond

// since is an engine's clock that starts now; in a synctest bubble it is fake.
func since() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

func routedFleet() topology.Fleet {
	return topology.Fleet{
		Regions: []topology.Region{{Name: "us"}, {Name: "eu"}, {Name: "ap"}},
		Users: []topology.Population{
			{Name: "americas", RTT: map[string]time.Duration{"us": 15 * ms, "eu": 95 * ms, "ap": 230 * ms}},
			{Name: "europe", RTT: map[string]time.Duration{"us": 90 * ms, "eu": 12 * ms, "ap": 140 * ms}},
		},
		Routing: topology.Routing{Policy: "nearest", Probe: topology.Probe{Every: 250 * ms, Timeout: 500 * ms, DownAfter: 3, UpAfter: 4}},
	}
}

// probes is what each region does with its n-th probe, and when each was sent.
type probes struct {
	now func() time.Duration
	do  map[string]func(ctx context.Context, n int) error

	mu   sync.Mutex
	sent map[string][]time.Duration
}

func (p *probes) probe(ctx context.Context, region string) error {
	p.mu.Lock()
	n := len(p.sent[region])
	p.sent[region] = append(p.sent[region], p.now())
	p.mu.Unlock()
	if do := p.do[region]; do != nil {
		return do(ctx, n)
	}
	return nil
}

func hang(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

// report is an event with its time.
type report struct {
	at   time.Duration
	body drill.Body
}

// route runs a router over scripted regions for some time and returns what it
// reported. Only regions that are named have anything to say beside being well.
func route(t *testing.T, lasting time.Duration, do map[string]func(context.Context, int) error, meanwhile func(*Router)) ([]report, *probes) {
	t.Helper()
	now := since()
	p := &probes{now: now, do: do, sent: map[string][]time.Duration{}}
	var reports []report
	r := New(Config{Fleet: routedFleet(), Probe: p.probe, Now: now, Report: func(b drill.Body) {
		reports = append(reports, report{now(), b})
	}})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	if meanwhile != nil {
		meanwhile(r)
	}
	time.Sleep(lasting - now())
	cancel()
	<-done // synctest fails the test for a goroutine that stays
	return reports, p
}

// judged is the verdicts on one region, as "1s up after 1" or "2s down after 3: why".
func judged(reports []report, region string) []string {
	var list []string
	for _, r := range reports {
		if j, ok := r.body.(drill.RegionJudged); ok && j.Region == region {
			word := fmt.Sprintf("%s down after %d: %s", r.at, j.After, j.Why)
			if j.Up {
				word = fmt.Sprintf("%s up after %d", r.at, j.After)
			}
			list = append(list, word)
		}
	}
	return list
}

func TestVerdicts(t *testing.T) {
	failFrom := func(from, until int, err error) func(context.Context, int) error {
		return func(ctx context.Context, n int) error {
			switch {
			case n < from || n >= until:
				return nil
			case err == nil:
				return hang(ctx)
			}
			return err
		}
	}
	after := func(d time.Duration, err error) error { time.Sleep(d); return err }
	refused := fmt.Errorf("dial: %w", syscall.ECONNREFUSED)
	tests := []struct {
		name string
		us   func(context.Context, int) error
		want []string
	}{
		{"well", failFrom(0, 0, nil), []string{"0s up after 1"}},
		{"refuses from 1 s to 3 s", failFrom(4, 12, refused), []string{"0s up after 1", "1.5s down after 3: refused", "3.75s up after 4"}},
		// Two intervals and one timeout after the first probe that hangs.
		{"hangs from 1 s to 3 s", failFrom(4, 12, nil), []string{"0s up after 1", "2s down after 3: timeout", "3.75s up after 4"}},
		{"two failures are not three", failFrom(4, 6, refused), []string{"0s up after 1"}},
		{"down from the start", failFrom(0, 4, refused), []string{"500ms down after 3: refused", "1.75s up after 4"}},
		{"late by two probes", failFrom(0, 2, refused), []string{"500ms up after 1"}},
		{"one success does not stop the way up, a failure does", func(ctx context.Context, n int) error {
			if n < 3 || n == 6 {
				return refused
			}
			return nil
		}, []string{"500ms down after 3: refused", "2.5s up after 4"}},
		// By their arrival three failures would come in a row: at 990, 1010 and 1250 ms.
		{"results count in the order in which they were sent", func(ctx context.Context, n int) error {
			switch n {
			case 2:
				return after(490*ms, refused)
			case 4:
				return after(10*ms, refused)
			case 5:
				return refused
			}
			return nil
		}, []string{"0s up after 1"}},
		{"a probe that ignores its context is given up all the same", func(ctx context.Context, n int) error {
			if n >= 4 && n < 7 {
				return after(3*time.Second, nil)
			}
			return nil
		}, []string{"0s up after 1", "2s down after 3: timeout", "2.5s up after 4"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reports, _ := route(t, 5*time.Second+ms, map[string]func(context.Context, int) error{"us": tt.us}, nil)
				if got := judged(reports, "us"); !slices.Equal(got, tt.want) {
					t.Errorf("got  %q\nwant %q", got, tt.want)
				}
			})
		})
	}
}

func TestProbesKeepTheirSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p := route(t, 3*time.Second+ms, map[string]func(context.Context, int) error{
			"us": func(ctx context.Context, _ int) error { return hang(ctx) },
			"eu": func(_ context.Context, n int) error { time.Sleep(time.Duration(n*37%400) * ms); return nil },
		}, nil)
		for region, sent := range p.sent {
			var want []time.Duration
			for at := time.Duration(0); at <= 3*time.Second; at += 250 * ms {
				want = append(want, at)
			}
			if !slices.Equal(sent, want) {
				t.Errorf("%s was probed at %v", region, sent)
			}
		}
	})
}

func TestReroutes(t *testing.T) {
	downFrom1to3 := func(ctx context.Context, n int) error {
		if n >= 4 && n < 12 {
			return syscall.ECONNREFUSED
		}
		return nil
	}
	type step = drill.Rerouted
	tests := []struct {
		name      string
		regions   map[string]func(context.Context, int) error
		meanwhile func(*Router)
		want      []step // after the first answer of each population
	}{
		{"nearest", nil, nil, nil},
		{"away and back", map[string]func(context.Context, int) error{"us": downFrom1to3}, nil, []step{
			{Population: "americas", From: "us", To: "eu", Why: "us is down: refused"},
			{Population: "americas", From: "eu", To: "us", Why: "us is nearer and serves again"},
		}},
		{"drained and resumed", nil, func(r *Router) {
			time.Sleep(time.Second)
			r.SetDraining("eu", true)
			if !r.up("eu") || !slices.Equal(r.healthy(), []string{"us", "ap"}) {
				panic(fmt.Sprint("draining: ", r.healthy()))
			}
			time.Sleep(time.Second)
			r.SetDraining("eu", false)
		}, []step{
			{Population: "europe", From: "eu", To: "us", Why: "eu is being drained"},
			{Population: "europe", From: "us", To: "eu", Why: "eu is nearer and serves again"},
		}},
		{"nobody is left", map[string]func(context.Context, int) error{"us": downFrom1to3, "eu": downFrom1to3, "ap": downFrom1to3},
			func(r *Router) {
				time.Sleep(2 * time.Second)
				if region, err := r.Route("europe"); err != policy.ErrNoRegion || region != "" {
					panic("routed to " + region)
				}
			}, nil},
		{"an unknown region is not drained", nil, func(r *Router) { r.SetDraining("mars", true) }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reports, _ := route(t, 5*time.Second, tt.regions, tt.meanwhile)
				answer, changes := map[string]string{}, []step(nil)
				for _, r := range reports {
					b, ok := r.body.(step)
					if !ok {
						continue
					}
					if b.From != answer[b.Population] {
						t.Errorf("%+v, but its answer was %q", b, answer[b.Population])
					}
					answer[b.Population] = b.To
					if r.at > 0 {
						changes = append(changes, b)
					}
				}
				if answer["americas"] != "us" || answer["europe"] != "eu" {
					t.Errorf("in the end %v", answer)
				}
				if tt.name == "nobody is left" {
					// Which of the regions is judged first is not given.
					last := slices.IndexFunc(changes, func(b step) bool { return b.To == "" })
					if last < 0 || changes[last].Why == "" {
						t.Errorf("nobody said that no region is left: %+v", changes)
					}
					return
				}
				if !reflect.DeepEqual(changes, tt.want) {
					t.Errorf("got  %+v\nwant %+v", changes, tt.want)
				}
			})
		})
	}
}

// A population waits for the verdict on its nearest region, and no longer.
func TestFirstAnswers(t *testing.T) {
	slow := func(context.Context, int) error { time.Sleep(100 * ms); return nil }
	tests := []struct {
		name string
		us   func(context.Context, int) error
		want []report
	}{
		{"the nearest is slow to answer", slow, []report{
			{0, drill.Rerouted{Population: "europe", To: "eu", Why: "eu is the nearest that is up"}},
			{100 * ms, drill.Rerouted{Population: "americas", To: "us", Why: "us is the nearest that is up"}},
		}},
		{"the nearest is not there", func(context.Context, int) error { return syscall.ECONNREFUSED }, []report{
			{0, drill.Rerouted{Population: "europe", To: "eu", Why: "eu is the nearest that is up"}},
			{500 * ms, drill.Rerouted{Population: "americas", To: "eu", Why: "eu is the nearest that is up"}},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				all, _ := route(t, time.Second, map[string]func(context.Context, int) error{"us": tt.us}, nil)
				var got []report
				for _, r := range all {
					if _, ok := r.body.(drill.Rerouted); ok {
						got = append(got, r)
					}
				}
				if !reflect.DeepEqual(got, tt.want) {
					t.Errorf("got  %+v\nwant %+v", got, tt.want)
				}
			})
		})
	}
}

// A program that did not run for a while (stopped, starved) must not call the
// regions dead for its own silence.
func TestOwnStallIsNoVerdict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now, stall := since(), time.Duration(0)
		var mu sync.Mutex
		clock := func() time.Duration {
			mu.Lock()
			defer mu.Unlock()
			return now() + stall
		}
		ups, downs := 0, 0
		r := New(Config{Fleet: routedFleet(), Now: clock,
			Probe: func(ctx context.Context, region string) error {
				if now() < time.Second {
					return nil
				}
				// While the probe is under way, ten seconds go by unnoticed.
				mu.Lock()
				stall += 10 * time.Second
				mu.Unlock()
				return context.DeadlineExceeded
			},
			Report: func(b drill.Body) {
				if j, ok := b.(drill.RegionJudged); ok && j.Up {
					ups++
				} else if ok {
					downs++
				}
			}})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		r.Run(ctx)
		if ups != 3 || downs != 0 {
			t.Errorf("%d regions up, %d called down", ups, downs)
		}
	})
}

// Whoever takes a report may ask the router, and finds it as reported.
func TestReportMayAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r *Router
		asked := 0
		r = New(Config{Fleet: routedFleet(), Now: since(),
			Probe: func(context.Context, string) error { return nil },
			Report: func(b drill.Body) {
				switch b := b.(type) {
				case drill.RegionJudged:
					if r.up(b.Region) != b.Up {
						t.Errorf("%+v, but the router says %v", b, r.up(b.Region))
					}
				case drill.Rerouted:
					if to, _ := r.Route(b.Population); to != b.To {
						t.Errorf("%+v, but the router says %s", b, to)
					}
				}
				asked++
			}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r.Run(ctx)
		if asked < 5 {
			t.Errorf("%d reports", asked)
		}
	})
}

// up reports whether the region's probes succeed. A region that is not in the fleet is not up.
func (r *Router) up(region string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.regions[region]
	return s != nil && s.verdict == isUp
}

// healthy lists the regions that users may be sent to, those that are up and not
// draining, in the order of the fleet file.
func (r *Router) healthy() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for _, region := range r.cfg.Fleet.Regions {
		if r.regions[region.Name].eligible() {
			names = append(names, region.Name)
		}
	}
	return names
}
