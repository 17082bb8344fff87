// Package router is the global router in front of the regions: it probes each of them, judges by the answers whether users
// may be sent there, and says where each population goes.
package router

import (
	"context"
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
	// Report takes drill.RegionJudged when a verdict changes, then drill.Rerouted
	// for each population whose answer changes. Calls come one at a time.
	// It may ask the router, but not call SetDraining.
	Report func(drill.Body)
}

// Router is the global router: it probes every region and answers each population with the one that the fleet's routing
// policy picks of those that are up and not draining. Its methods may be called from several goroutines.
type Router struct {
	cfg    Config
	policy policy.Policy

	// changing is held while a change is made and reported, so that reports come in
	// the order of the changes; mu only while the state is touched, so that Report may read it.
	changing sync.Mutex
	mu       sync.Mutex
	regions  map[string]*regionStatus
	answers  map[string]string // population → region, "" is none
}

// regionStatus is what the router knows of a region.
type regionStatus struct {
	verdict  verdict
	row      int // results in a row that speak against the verdict
	draining bool
	why      string // it is down
}

type verdict int

const (
	unknown verdict = iota
	isUp
	isDown
)

// New makes a router that knows nothing yet. A policy that is not in policy.All, which a file check refuses, is the
// default.
func New(cfg Config) *Router {
	r := &Router{cfg: cfg, regions: map[string]*regionStatus{}, answers: map[string]string{}}
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
		r.regions[region.Name] = &regionStatus{}
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

// Route is the region that the population is to use now; false when none can serve it.
func (r *Router) Route(population string) (region string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	region = r.answers[population]
	return region, region != ""
}

// SetDraining stops or resumes sending users to a region. It is probed all the while.
func (r *Router) SetDraining(region string, on bool) {
	r.change(func() []drill.Body {
		if s := r.regions[region]; s != nil {
			s.draining = on
		}
		return nil
	})
}

// Draining reports whether users are sent to a region no longer, so that it closes their connections.
func (r *Router) Draining(region string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.regions[region]
	return s != nil && s.draining
}

// judge takes the result of a region's next probe in.
func (r *Router) judge(region string, failed error) {
	r.change(func() []drill.Body {
		s := r.regions[region]
		if !s.count(failed, r.cfg.Fleet.Routing.Probe) {
			return nil
		}
		judged := drill.RegionJudged{Region: region, Up: s.verdict == isUp, After: s.row}
		if failed != nil {
			s.why = failure.Reason(failed)
			judged.Why = s.why
		}
		s.row = 0
		return []drill.Body{judged}
	})
}

// count takes a result in and reports whether it turns the verdict. The first
// success makes a region up at once: whoever brought it up has verified it.
func (s *regionStatus) count(failed error, limits topology.Probe) bool {
	turned, needed := isUp, limits.UpAfter
	if failed != nil {
		turned, needed = isDown, limits.DownAfter
	} else if s.verdict == unknown {
		s.row, needed = 0, 1
	}
	if s.verdict == turned {
		s.row = 0
		return false
	}
	s.row++
	if s.row < needed {
		return false
	}
	s.verdict = turned
	return true
}

func (s *regionStatus) eligible() bool { return s.verdict == isUp && !s.draining }

// change makes a change, answers anew, and reports what came of both.
func (r *Router) change(do func() []drill.Body) {
	r.changing.Lock()
	defer r.changing.Unlock()
	r.mu.Lock()
	bodies := append(do(), r.reroute()...)
	r.mu.Unlock()
	for _, b := range bodies {
		r.cfg.Report(b)
	}
}

// reroute answers every population anew and returns what changed.
func (r *Router) reroute() []drill.Body {
	var changed []drill.Body
	for _, p := range r.cfg.Fleet.Users {
		from := r.answers[p.Name]
		to, known := r.pick(p)
		if from == to || !known {
			continue
		}
		r.answers[p.Name] = to
		changed = append(changed, drill.Rerouted{Population: p.Name, From: from, To: to, Why: r.rerouteReason(from, to)})
	}
	return changed
}

// pick is the region that the policy picks for the population, "" when there is none. It is not known while that would
// be a region without a verdict yet, so that a fleet which comes up does not begin with a round of reroutes.
func (r *Router) pick(p topology.Population) (region string, known bool) {
	var candidates []string
	for _, region := range r.cfg.Fleet.Regions {
		if s := r.regions[region.Name]; p.ServedBy(r.cfg.Fleet, region.Name) && (s.eligible() || s.verdict == unknown) {
			candidates = append(candidates, region.Name)
		}
	}
	region = r.policy.Pick(p, candidates)
	if region != "" && !r.regions[region].eligible() {
		return "", false
	}
	return region, true
}

func (r *Router) rerouteReason(from, to string) string {
	was := r.regions[from]
	switch {
	case was == nil:
		return to + " " + r.policy.Chosen
	case was.draining:
		return from + " is being drained"
	case was.verdict == isDown:
		return from + " is down: " + was.why
	default:
		return to + " " + r.policy.Returned
	}
}
