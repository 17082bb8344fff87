package controller

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/controller/health"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// simFault is what is broken now.
type simFault struct {
	id     int
	region string      // killed or frozen; "" is a cut
	hung   string      // a region whose disk does nothing, which is no fault that anybody knows of
	ways   [][2]string // that are cut
	from   time.Duration
}

func newSim(seed uint64, broken breach) *sim {
	s := &sim{
		seed: seed, rng: rand.New(rand.NewPCG(seed, 0xf1ee7)), asked: map[uint64]runbook.Command{}, answers: map[uint64]int{}, flushes: map[uint64]int{},
		cuts: map[[2]string]int{}, held: map[[2]string][]func(){},
	}
	names := []string{"a", "b", "c", "d", "e"}[:3+s.rng.IntN(3)]
	d := topology.Dataset{Name: simDataset, Engine: "model", Authority: "a", Regions: names}
	switch s.rng.IntN(7) {
	case 0, 1:
		d.Mode = topology.ModeAsync
	case 2, 3:
		d.Mode, d.With = topology.ModeSync, "b"
	case 4, 5:
		d.Mode = topology.ModeQuorum
	default:
		d.Mode, d.Jurisdiction = topology.ModePinned, "EU"
	}
	if seed%7 == 0 {
		names = names[:2]
		d = topology.Dataset{Name: simDataset, Engine: "model", Mode: topology.ModeBackup, Authority: "a", With: "b", Regions: names, Every: time.Duration(1+seed%4) * time.Second}
	}
	rules := Rules{Dataset: d, StepLimit: 2 * time.Second, Export: s.rng.IntN(2) == 0, breach: broken}
	rules.Policy = topology.FailoverPolicy{Decide: "auto", Fence: s.rng.IntN(8) > 0, Lease: s.span([2]time.Duration{500 * time.Millisecond, 3 * time.Second})}
	if s.rng.IntN(4) == 0 {
		rules.Policy.Decide = "operator"
	}
	if s.rng.IntN(10) == 0 {
		rules.StepLimit = 20 * time.Second
	}
	if seed%4 == 1 {
		rules.Policy.Preflight = topology.PreflightRefuse
	}
	s.memory, s.checks = NewMemory(rules), newSimChecks(d.Durability())
	s.linkDelay = [2]time.Duration{time.Millisecond, time.Duration(5+s.rng.IntN(60)) * time.Millisecond}
	s.copyEvery = [2]time.Duration{10 * time.Millisecond, time.Duration(30+s.rng.IntN(150)) * time.Millisecond}
	s.controlDelay = [2]time.Duration{time.Millisecond, 12 * time.Millisecond}
	s.batch = 2 + s.rng.IntN(30)
	s.every = time.Duration(30+s.rng.IntN(80)) * time.Millisecond
	for i, name := range names {
		r := &simRegion{sim: s, name: name, index: i, rate: 1 + (s.rng.Float64()-0.5)/100}
		s.regions = append(s.regions, r)
		s.condition = append(s.condition, exchange.Condition{Region: name})
	}
	n := len(names)
	s.verdicts, s.reached, s.sent = make([]bool, n), make([]uint64, n), make([]time.Duration, n)
	for _, r := range s.regions {
		r.boot(false)
		s.watch(r)
		s.reach(r)
	}
	s.place = simPlacement{version: 1, dataset: d}
	s.client()
	return s
}

// reach lets the router judge a region anew, some probes after its reach has changed.
func (s *sim) reach(r *simRegion) {
	ok := func() bool { return r.running() && s.crosses(simControl, r.name) && s.crosses(r.name, simControl) }
	s.reached[r.index]++
	turn, was := s.reached[r.index], ok()
	if was == s.verdicts[r.index] {
		return
	}
	wait := [2]time.Duration{700 * time.Millisecond, 1300 * time.Millisecond}
	if was {
		wait = [2]time.Duration{100 * time.Millisecond, 900 * time.Millisecond}
	}
	s.after(s.span(wait), func() {
		if s.reached[r.index] != turn || ok() != was {
			return
		}
		s.verdicts[r.index] = was
		s.decide(exchange.Conditions{Regions: slices.Clone(s.condition)})
		s.decide(exchange.Judged{Region: r.name, Up: was, At: s.now, Why: "3 probes failed"})
		if was {
			return
		}
		s.after(time.Millisecond, func() { // what it was asked is broken off
			for _, step := range slices.Clone(s.open) {
				if step.Region == r.name || step.Beside == r.name {
					s.finish(exchange.Done{Step: step, Err: fmt.Errorf("%s is down", r.name)})
				}
			}
		})
	})
}

// mark brings what is known to be broken up to date.
func (s *sim) mark(faults []simFault) {
	for i := range s.condition {
		c := exchange.Condition{Region: s.condition[i].Region}
		for _, f := range faults {
			apart := slices.ContainsFunc(f.ways, func(w [2]string) bool {
				return slices.Contains(w[:], c.Region) && slices.Contains(w[:], simControl)
			})
			if f.region == c.Region || apart && !c.Broken {
				c.Broken, c.Fault, c.From = f.region == c.Region, f.id, f.from
			}
		}
		s.condition[i] = c
	}
}

// chaos breaks, mends and commands at random until a time; it returns what is broken then.
func (s *sim) chaos(end time.Duration) []simFault {
	var faults []simFault
	for s.now < end && len(s.bad) == 0 {
		s.until(s.now+s.span([2]time.Duration{50 * time.Millisecond, 1800 * time.Millisecond}), nil)
		r := s.regions[s.rng.IntN(len(s.regions))]
		switch n := s.rng.IntN(20); {
		case n < 4 && len(faults) < len(s.regions) && r.running():
			faults = append(faults, s.stop(r, n%2 == 0))
		case n < 6 && len(faults) < len(s.regions):
			faults = append(faults, s.cut(r))
		case n < 7 && r.running() && !r.hung:
			faults = append(faults, s.hang(r))
		case n < 11 && len(faults) > 0:
			i := s.rng.IntN(len(faults))
			f := faults[i]
			faults = slices.Delete(faults, i, i+1)
			s.mend(f)
		case n < 12:
			r.slow = !r.slow
			s.log("slow %s: %v", r.name, r.slow)
		case n < 13 && r.alive && s.spare(r):
			s.log("restart %s", r.name)
			if r.frozen {
				break
			}
			r.boot(s.rng.IntN(3) == 0)
		default:
			s.command(r)
		}
		s.mark(faults)
	}
	return faults
}

// spare reports whether a region may lose its disk: nothing else depends on it now.
func (s *sim) spare(r *simRegion) bool {
	m := &s.memory
	return m.bringUp == nil && r.name != m.lead && m.failover == nil && m.switchover == nil && m.tentative == nil && m.modeChange == nil && s.region(m.lead).serving()
}

// stop kills or freezes a region.
func (s *sim) stop(r *simRegion, kill bool) simFault {
	s.faults++
	s.log("fault %d: kill %v or freeze %s", s.faults, kill, r.name)
	if kill {
		r.alive, r.following, r.queue = false, nil, nil
	} else {
		r.frozen = true
	}
	s.reach(r)
	return simFault{id: s.faults, region: r.name, from: s.now}
}

// hang has a region's disk do nothing. Where it leads, and the controller hears so, it does
// not lead for long.
func (s *sim) hang(r *simRegion) simFault {
	s.faults++
	s.log("fault %d: %s hangs", s.faults, r.name)
	r.hung, r.hungAt, r.seenOnDisk = true, s.now, r.epoch
	r.hangs++
	hang, run, turn := r.hangs, r.runs, s.reached[r.index]
	known := func() bool {
		return r.hung && r.hangs == hang && r.runs == run && s.reached[r.index] == turn && !r.slow && s.verdicts[r.index] && r.running() &&
			s.crosses(simControl, r.name) && s.crosses(r.name, simControl)
	}
	if known() {
		s.checks.hung++
		s.after(health.Limit(s.memory.rules.Policy.Lease)+3*time.Second, func() {
			m := &s.memory
			if known() && m.bringUp == nil && m.lead == r.name && m.failover == nil && m.promotion == nil && m.switchover == nil {
				s.wrong("%s leads for %s, and its disk does nothing", r.name, s.now-r.hungAt)
			}
		})
	}
	return simFault{id: s.faults, hung: r.name, from: s.now}
}

// cut makes links of a region silent, one way or both.
func (s *sim) cut(r *simRegion) simFault {
	s.faults++
	f := simFault{id: s.faults, from: s.now}
	others := []string{simControl}
	for _, o := range s.regions {
		if o != r {
			others = append(others, o.name)
		}
	}
	if s.rng.IntN(2) == 0 { // one link only
		i := s.rng.IntN(len(others))
		others = others[i : i+1]
	}
	way := s.rng.IntN(3)
	for _, o := range others {
		if way != 1 {
			f.ways = append(f.ways, [2]string{r.name, o})
		}
		if way != 2 {
			f.ways = append(f.ways, [2]string{o, r.name})
		}
	}
	s.log("fault %d: cut %v", f.id, f.ways)
	for _, w := range f.ways {
		s.cuts[w]++
	}
	s.reach(r)
	for _, o := range others {
		if x := s.region(o); x != nil {
			s.reach(x)
		}
	}
	return f
}

// mend lifts a fault; what was held meanwhile is delivered.
func (s *sim) mend(f simFault) {
	s.log("mend fault %d", f.id)
	if r := s.region(f.region); r != nil {
		if r.alive {
			r.frozen = false
			queue := r.queue
			r.queue = nil
			for _, do := range queue {
				s.after(time.Duration(s.rng.IntN(9))*time.Millisecond, func() {
					if r.running() {
						do()
					}
				})
			}
		} else {
			r.boot(false)
		}
		s.reach(r)
	}
	if r := s.region(f.hung); r != nil && r.hung {
		r.hung = false
		stuck := r.stuck
		r.stuck = nil
		run := r.runs
		for i, do := range stuck {
			s.after(time.Duration(i)*time.Millisecond, func() {
				if r.runs == run && r.alive {
					do()
				}
			})
		}
	}
	for _, w := range f.ways {
		if s.cuts[w]--; s.cuts[w] > 0 {
			continue
		}
		held := s.held[w]
		delete(s.held, w)
		for _, arrive := range held {
			s.after(time.Duration(s.rng.IntN(9))*time.Millisecond, arrive)
		}
		for _, end := range w {
			if r := s.region(end); r != nil {
				s.reach(r)
			}
		}
	}
}

// command asks for something about the dataset.
func (s *sim) command(r *simRegion) {
	c := runbook.Command{Dataset: simDataset, To: r.name, By: "test"}
	switch s.rng.IntN(12) {
	case 0, 1, 2:
		c.Verb = runbook.VerbSwitchover
	case 3, 4, 5:
		c.Verb, c.To = runbook.VerbMode, ""
		switch s.rng.IntN(3) {
		case 0:
			c.Mode = topology.ModeAsync
		case 1:
			c.Mode, c.With = topology.ModeSync, r.name
		default:
			c.Mode = topology.ModeQuorum
		}
		if mode := s.memory.rules.Dataset.Mode; mode == topology.ModePinned || mode == topology.ModeBackup {
			return // drill/action refuses it: residency is not switched
		}
	case 6:
		c.Verb = runbook.VerbPromote
	case 7, 9, 10:
		c.Verb = runbook.VerbReseed
		c.Region, c.To = r.name, ""
		if !s.spare(r) {
			return
		}
	case 8:
		c.Verb = runbook.VerbSwitchover
		c.To = "x"
	default:
		if s.rng.IntN(3) > 0 {
			return
		}
		c.Verb = runbook.VerbForce
	}
	s.ask(c)
}

func (s *sim) ask(c runbook.Command) uint64 {
	s.lastCmd++
	s.asked[s.lastCmd] = c
	s.decide(exchange.Asked{Number: s.lastCmd, Command: c})
	return s.lastCmd
}

// operator decides where the policy leaves that to one, and forces where nothing else helps.
func (s *sim) operator(turn int) {
	s.after(700*time.Millisecond, func() { s.operator(turn + 1) })
	if f := s.memory.failover; f == nil || f.at != idle || s.memory.rules.Policy.Decide != "operator" {
		return
	}
	c := runbook.Command{Verb: runbook.VerbPromote, Dataset: simDataset, To: s.regions[turn%len(s.regions)].name, By: "test"}
	if turn%(3*len(s.regions)) > 2*len(s.regions) {
		c.Verb = runbook.VerbForce
	}
	s.ask(c)
}
