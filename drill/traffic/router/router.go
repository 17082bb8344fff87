// Package router is the global router in front of the regions: it probes each of them, judges by the answers whether users
// may be sent there, and says where each population goes.
package router

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// Config is what a router is made of.
type Config struct {
	Fleet topology.Fleet
	// Seed decides which request or query gets which region where a policy's answer is shared over several.
	Seed uint64
	// Probe asks a region whether it serves, and returns soon after ctx ends.
	Probe func(ctx context.Context, region string) error
	// Now is the engine's clock; it never goes back.
	Now func() time.Duration
	// Instrument knows what this program could not do; nil is one that always could.
	Instrument failure.Instrument
	// Outcome takes what became of each probe that counts, before it is judged; nil is nobody. Those of one region come one
	// after the other.
	Outcome func(region string, failed error)
	// Blind reports whether what carries the probes was away in a part of a span on the engine's clock: a failure then is
	// none of the region's. Nil is never.
	Blind func(from, to time.Duration) bool
	// Report takes what changed of a region (drill.RegionJudged, RegionHeld, RegionFlapping, RegionRamped), then
	// drill.Rerouted for each population whose answer changes. Calls come one at a time.
	// It may ask the router, but not call SetDraining.
	Report func(drill.Body)
}

// Router is the global router: it probes every region and says of each population where it goes, by the fleet's routing
// policy, of those regions that are up and not draining. Its methods may be called from several goroutines.
type Router struct {
	cfg    Config
	policy policy.Policy

	// changing is held while a change is made and reported, so that reports come in
	// the order of the changes; mu only while the state is touched, so that Report may read it.
	changing sync.Mutex
	mu       sync.Mutex
	regions  map[string]*regionStatus
	answers  map[string]policy.Answer // by population; one that is not there has none yet
	draws    map[string]*rand.Rand    // by population
	others   map[string]*rand.Rand    // by population, for who is none of its users
	weighed  string                   // why answers change while other weights are taken; "" else
}

// regionStatus is what the router knows of a region.
type regionStatus struct {
	health
	draining bool
	why      string        // it is down
	returned time.Duration // when it came back; never
}

// New makes a router that knows nothing yet. A policy that is not in policy.All, which a file check refuses, is the
// default.
func New(cfg Config) *Router {
	r := &Router{cfg: cfg, regions: map[string]*regionStatus{}, answers: map[string]policy.Answer{}, draws: map[string]*rand.Rand{}, others: map[string]*rand.Rand{}}
	r.policy, _ = policy.Find(cfg.Fleet.Routing.Policy)
	if cfg.Report == nil {
		r.cfg.Report = func(drill.Body) {}
	}
	if cfg.Instrument == nil {
		r.cfg.Instrument = failure.Sound{}
	}
	probe := &r.cfg.Fleet.Routing.Probe
	if probe.Every <= 0 {
		probe.Every = topology.DefaultProbe.Every
	}
	if probe.Timeout <= 0 {
		probe.Timeout = topology.DefaultProbe.Timeout
	}
	probe.DownAfter, probe.UpAfter = max(probe.DownAfter, 1), max(probe.UpAfter, 1)
	for _, region := range cfg.Fleet.Regions {
		r.regions[region.Name] = &regionStatus{health: health{limits: *probe}, returned: never}
	}
	for _, p := range cfg.Fleet.Users {
		for what, draws := range map[string]map[string]*rand.Rand{"/answers": r.draws, "/visitors": r.others} {
			h := fnv.New64a()
			_, _ = h.Write([]byte(p.Name + what))
			draws[p.Name] = rand.New(rand.NewPCG(cfg.Seed, h.Sum64()))
		}
	}
	return r
}

// Run probes until ctx ends, and returns when every goroutine of the router has ended.
func (r *Router) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, region := range r.cfg.Fleet.Regions {
		all.Go(func() { r.watch(ctx, region.Name) })
	}
	all.Wait()
}

// Route is the region that one request, or one query, of the population is to use now. The error is policy.ErrNoRegion or
// policy.ErrJurisdiction.
func (r *Router) Route(population string) (region string, err error) {
	return r.drawn(population, r.draws)
}

// RouteOther is Route for a person who asks as one of the population's users, and is none: where several regions are answered by
// weight it draws for itself, so that whom the users draw depends on them alone.
func (r *Router) RouteOther(population string) (region string, err error) {
	return r.drawn(population, r.others)
}

func (r *Router) drawn(population string, draws map[string]*rand.Rand) (region string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch a := r.now(population); {
	case a.Err != nil:
		return "", a.Err
	case len(a.Shares) == 0:
		return "", policy.ErrNoRegion // it knows of none yet
	case len(a.Shares) == 1:
		return a.Shares[0].Region, nil
	default:
		return a.Draw(draws[population].Float64()), nil
	}
}

// Answer is where the population's requests go now. It has no shares while there is none, or none yet.
func (r *Router) Answer(population string) policy.Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now(population)
}

// SetDraining stops or resumes sending users to a region. It is probed all the while.
func (r *Router) SetDraining(region string, on bool) {
	r.change(func() (bodies []drill.Body, counts bool) {
		s := r.regions[region]
		if s == nil || s.draining == on {
			return nil, false
		}
		s.draining = on
		if s.eligible() {
			bodies = r.ramp(region)
		}
		return bodies, true
	})
}

// SetWeights has the router go by other weights of regions, from 0 to 1, as a revision of the fleet's repository has them. It tells a
// policy that has none nothing.
func (r *Router) SetWeights(weights map[string]float64, revision string) {
	r.change(func() (bodies []drill.Body, counts bool) {
		r.cfg.Fleet.Routing.Weights = weights
		r.weighed = "has another weight by " + revision
		return nil, true
	})
}

// Draining reports whether users are sent to a region no longer, so that it closes their connections.
func (r *Router) Draining(region string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.regions[region]
	return s != nil && s.draining
}

// judge takes the result of a region's next probe in, which was sent at a time.
func (r *Router) judge(region string, failed error, sent time.Duration) {
	r.change(func() (bodies []drill.Body, counts bool) {
		s := r.regions[region]
		first := s.verdict == unknown
		f := s.take(failed != nil, sent)
		if f.turned {
			judged := drill.RegionJudged{Region: region, Up: s.verdict == isUp, After: s.run}
			if failed != nil {
				s.why = failure.Reason(failed)
				judged.Why = s.why
			}
			bodies = append(bodies, judged)
		} else if f.held > 0 || f.fell {
			bodies = append(bodies, drill.RegionHeld{Region: region, For: f.held})
		}
		if f.flaps {
			bodies = append(bodies, drill.RegionFlapping{Region: region, On: s.flapping, Downs: len(s.downs), Within: topology.FlapWindow})
		}
		if f.turned && s.eligible() && !first {
			bodies = append(bodies, r.ramp(region)...)
		}
		return bodies, f.turned
	})
}

func (s *regionStatus) eligible() bool { return s.verdict == isUp && !s.draining }

// change makes a change, answers anew where that counts for answers, and reports what came of both.
func (r *Router) change(do func() (bodies []drill.Body, counts bool)) {
	r.changing.Lock()
	defer r.changing.Unlock()
	r.mu.Lock()
	bodies, counts := do()
	if counts {
		bodies = append(bodies, r.reroute()...)
	}
	r.weighed = ""
	r.mu.Unlock()
	for _, b := range bodies {
		r.cfg.Report(b)
	}
}
