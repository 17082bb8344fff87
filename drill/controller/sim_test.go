package controller

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/acks"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/controller/splitbrain"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const simDataset = "orders"

// sim runs Decide in virtual time against a model of regions, links, a router and a client.
// Everything in it follows from its seed.
type sim struct {
	seed   uint64
	rng    *rand.Rand
	now    time.Duration
	events simHeap
	order  uint64
	trace  *strings.Builder // nil is not kept
	bad    []string         // what broke a rule

	memory   Memory
	regions  []*simRegion
	place    simPlacement
	numbers  int
	open     []exchange.Step // steps whose results are owed
	acks     acks.Tally
	acked    []simAck
	writes   int
	quiet    bool // no more writes
	asked    map[uint64]runbook.Command
	answers  map[uint64]int
	flushes  map[uint64]int
	lastCmd  uint64
	faults   int
	verdicts []bool
	reached  []uint64 // counts changes of a region's reach
	sent     []time.Duration

	// What holds links: by the two ends, in a direction.
	cuts      map[[2]string]int // the fault that cuts it
	held      map[[2]string][]func()
	condition []exchange.Condition

	linkDelay, copyEvery, controlDelay [2]time.Duration
	batch                              int
	every                              time.Duration // between writes

	checks simChecks
}

type simPlacement struct {
	version   uint64
	dataset   topology.Dataset
	authority string
}

// simAck is a write that a client saw acknowledged.
type simAck struct {
	id        int
	index     uint64
	epoch     uint64
	region    string
	sent, at  time.Duration
	lost      bool
	committed bool // its acknowledgement left the region
}

const simControl = topology.EndControl

func (s *sim) after(d time.Duration, do func()) {
	s.order++
	s.events.push(simEvent{at: s.now + d, order: s.order, do: do})
}

func (s *sim) span(between [2]time.Duration) time.Duration {
	return between[0] + time.Duration(s.rng.Int64N(int64(between[1]-between[0])+1))
}

func (s *sim) region(name string) *simRegion {
	for _, r := range s.regions {
		if r.name == name {
			return r
		}
	}
	return nil
}

func (s *sim) crosses(from, to string) bool { return s.cuts[[2]string{from, to}] == 0 }

// log adds a line to the trace.
func (s *sim) log(format string, args ...any) {
	if s.trace != nil {
		fmt.Fprintf(s.trace, "%9.3f ", s.now.Seconds())
		fmt.Fprintf(s.trace, format+"\n", args...)
	}
}

func (s *sim) wrong(format string, args ...any) {
	text := fmt.Sprintf("at %.3f: ", s.now.Seconds()) + fmt.Sprintf(format, args...)
	s.bad = append(s.bad, text)
	s.log("WRONG %s", text)
}

// until runs until a time, or until what is hoped for holds.
func (s *sim) until(end time.Duration, hold func() bool) bool {
	for {
		if hold != nil && hold() {
			return true
		}
		if len(s.bad) > 0 {
			return false
		}
		next := s.memory.Next()
		if len(s.events) > 0 && s.events[0].at < next {
			next = s.events[0].at
			if next > end {
				break
			}
			e := s.events.pop()
			s.now = max(s.now, e.at)
			e.do()
			continue
		}
		if next > end {
			break
		}
		s.now = max(s.now, next)
		if s.memory.Due(s.now) {
			s.decide(exchange.Conditions{Regions: slices.Clone(s.condition)})
			if a, some := s.acks.Take(); some {
				s.decide(exchange.Acked{Sum: a})
			}
		}
		s.decide(exchange.Tick{})
	}
	s.now = max(s.now, end)
	return hold != nil && hold()
}

// decide hands an observation to Decide and starts what it asks for.
func (s *sim) decide(o exchange.Observation) {
	todo := []exchange.Observation{o}
	for len(todo) > 0 {
		o, todo = todo[0], todo[1:]
		before := s.memory
		var steps []exchange.Step
		s.memory, steps = Decide(s.now, s.memory, o)
		if s.trace != nil {
			if _, tick := o.(exchange.Tick); !tick || len(steps) > 0 {
				s.log("%T %s", o, brief(o))
			}
		}
		for _, step := range steps {
			if s.trace != nil {
				s.log("    %s", brief(step))
			}
			switch step.Kind {
			case exchange.StepNumber:
				s.numbers++
				todo = append(todo, exchange.Done{Step: step, Number: s.numbers})
			case exchange.StepPreflight:
				todo = append(todo, exchange.Done{Step: step, Targets: s.readiness()})
			case exchange.StepTails:
				todo = append(todo, exchange.Done{Step: step, Tails: s.tails(step.Terms)})
			default:
				s.act(step)
			}
		}
		s.decided(before, o)
	}
}

// act starts a step.
func (s *sim) act(step exchange.Step) {
	switch step.Kind {
	case exchange.StepEmit:
		s.emitted(step.Body)
		return
	case exchange.StepAnswer:
		s.answers[step.Command]++
		s.log("      %s: %s %v", s.asked[step.Command], step.Outcome.Proof, step.Outcome.Err)
		return
	case exchange.StepFlushed:
		s.flushes[step.Command]++
		return
	case exchange.StepPlace:
		s.place = simPlacement{version: s.place.version + 1, dataset: step.Dataset, authority: step.Authority}
		return
	case exchange.StepPush:
		if step.ID == 0 {
			for _, r := range s.regions {
				s.push(r)
			}
			return
		}
	case exchange.StepPromote:
		s.promoting(step)
	}
	s.open = append(s.open, step)
	s.after(max(step.Limit, time.Millisecond), func() { s.finish(exchange.Done{Step: step, Err: context.DeadlineExceeded}) })
	r := s.region(step.Region)
	s.send(simControl, r, func() {
		do := func() {
			done := s.perform(r, step)
			s.send(r.name, nil, func() { s.finish(done) })
		}
		switch {
		case step.Kind == exchange.StepShip: // answered once a snapshot is there, or never
			r.wanted = append(r.wanted, do)
		case r.hung && step.Kind == exchange.StepFence: // it holds, and is not said before it is on disk
			done := s.perform(r, step)
			r.stuck = append(r.stuck, func() { s.send(r.name, nil, func() { s.finish(done) }) })
		case r.hung && (step.Kind == exchange.StepPromote || step.Kind == exchange.StepFollow || step.Kind == exchange.StepReseed):
			r.stuck = append(r.stuck, do)
		default:
			do()
		}
	})
}

// finish hands a step's result over, unless it had one.
func (s *sim) finish(o exchange.Done) {
	i := slices.IndexFunc(s.open, func(open exchange.Step) bool { return open.ID == o.Step.ID })
	if i < 0 {
		return
	}
	s.open = slices.Delete(s.open, i, i+1)
	s.resulted(o)
	s.decide(o)
}

// send takes a request to a region, or its answer back (to is nil). What a cut link or a
// frozen process holds may be delivered late, or never.
func (s *sim) send(from string, to *simRegion, do func()) {
	way := [2]string{from, simControl}
	region := s.region(from)
	if to != nil {
		way, region = [2]string{simControl, to.name}, to
	}
	delay := s.span(s.controlDelay)
	if region.slow || s.rng.IntN(60) == 0 {
		delay += time.Duration(s.rng.Int64N(int64(2500 * time.Millisecond)))
	}
	run := region.runs
	var arrive func()
	arrive = func() {
		switch {
		case s.cuts[way] != 0:
			if s.rng.IntN(2) == 0 {
				s.held[way] = append(s.held[way], arrive)
			}
		case to == nil:
			do()
		case !to.alive || to.runs != run:
		case to.frozen:
			to.queue = append(to.queue, do)
		default:
			do()
		}
	}
	s.after(delay, arrive)
}

var errSim = errors.New("not in this model")

// perform is what a region does for a step.
func (s *sim) perform(r *simRegion, step exchange.Step) exchange.Done {
	var err error
	o := exchange.Done{Step: step}
	switch step.Kind {
	case exchange.StepStatus, exchange.StepShip:
	case exchange.StepFence:
		err = r.fence(step.Epoch)
	case exchange.StepPromote:
		err = r.promote(step.Epoch)
	case exchange.StepGrant:
		err = r.grant(step.Epoch, step.Clock, step.Lease)
	case exchange.StepFollow:
		err = r.follow(step.Authority, step.Epoch)
	case exchange.StepReseed:
		err = r.reseed()
	case exchange.StepPush:
		err = r.configure(s.place)
	case exchange.StepAudit:
		o.Checked = drill.LedgerChecked{Dataset: simDataset, Region: r.name, Why: step.Occasion.Why, Failover: step.Occasion.Failover}
	case exchange.StepFetch:
		if o.Path = fmt.Sprintf("home/%s/%d", r.name, r.cuts); s.rng.IntN(4) == 0 {
			err = errSim
		}
	default:
		err = errSim
	}
	s.log("      %s does %s %d: %v", r.name, step.Kind, step.Epoch, err)
	o.Status, o.Err = r.status(), err
	return o
}

// push hands a region the topology of now.
func (s *sim) push(r *simRegion) {
	s.send(simControl, r, func() { _ = r.configure(s.place) })
}

// watch asks a region for its status again and again.
func (s *sim) watch(r *simRegion) {
	sent := s.now
	s.send(simControl, r, func() {
		status, version := r.status(), r.version
		s.send(r.name, nil, func() {
			if s.now-sent > AskLimit || sent < s.sent[r.index] {
				return
			}
			s.sent[r.index] = sent
			s.decide(exchange.Heard{Region: r.name, Status: status})
			if version != s.place.version {
				s.push(r)
			}
		})
	})
	s.after(300*time.Millisecond, func() { s.watch(r) })
}

// client writes to a region that takes writes, whoever that is.
func (s *sim) client() {
	s.after(s.every+time.Duration(s.rng.Int64N(int64(s.every))), s.client)
	if s.quiet {
		return
	}
	var serve []*simRegion
	for _, r := range s.regions {
		if r.serving() {
			serve = append(serve, r)
		}
	}
	s.served(serve)
	if len(serve) > 0 {
		s.writes++
		serve[s.rng.IntN(len(serve))].write(s.writes)
	}
}

// acknowledge takes a write's acknowledgement home.
func (s *sim) acknowledge(r *simRegion, w simWrite) {
	s.acked = append(s.acked, simAck{id: w.id, index: w.index, epoch: w.epoch, region: r.name, sent: w.sent})
	i := len(s.acked) - 1
	s.after(s.span(s.linkDelay), func() {
		s.acked[i].at, s.acked[i].committed = s.now, true
		if s.acks.Add(r.name, w.epoch, s.now) {
			if a, some := s.acks.Take(); some {
				s.decide(exchange.Acked{Sum: a})
			}
		}
	})
}

func (s *sim) tails(terms []splitbrain.Term) (out []splitbrain.Tail) {
	read := func(epoch uint64, from time.Duration) (list []splitbrain.Write) {
		for _, w := range s.acked {
			if w.committed && w.epoch == epoch && w.sent >= from {
				list = append(list, splitbrain.Write{ID: fmt.Sprint(w.id), Sent: w.sent, Ended: w.at})
			}
		}
		return list
	}
	for i := 1; i < len(terms); i++ {
		t := splitbrain.Tail{Old: read(terms[i-1].Epoch, terms[i].First)}
		if len(t.Old) > 0 {
			t.New = read(terms[i].Epoch, terms[i].First)
		}
		out = append(out, t)
	}
	return out
}
