package controller

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// simChecks is what a sequence has shown so far, held against the rules.
type simChecks struct {
	leaders   map[uint64]string // who was promoted in an epoch
	asked     map[uint64]simPromotion
	granted   map[uint64]bool
	fenced    map[uint64]map[string]bool // whose fence was heard of
	forced    map[uint64]bool
	stages    map[int]map[drill.Stage]time.Duration
	moves     map[int]bool
	epoch     uint64 // of the last move
	mode      topology.Durability
	waits     []string
	blocked   map[int]string
	reported  map[string]bool // ids of split brains
	checked   map[[2]int]bool
	began     map[string]time.Duration // rejoins
	pure      bool                     // hold every decision against a second one
	failovers int
	switched  int
	changes   int
	rejoins   int
	losses    int
	hung      int
}

// simPromotion is what the controller went by when it promoted.
type simPromotion struct {
	forced, strong, chosen bool
	purpose                purpose
	passed                 []string // over by the gate
}

func newSimChecks(mode topology.Durability) simChecks {
	return simChecks{
		leaders: map[uint64]string{}, asked: map[uint64]simPromotion{}, granted: map[uint64]bool{}, fenced: map[uint64]map[string]bool{},
		forced: map[uint64]bool{}, stages: map[int]map[drill.Stage]time.Duration{}, moves: map[int]bool{}, mode: mode,
		blocked: map[int]string{}, reported: map[string]bool{}, checked: map[[2]int]bool{}, began: map[string]time.Duration{},
	}
}

func (s *sim) fencing() bool { return s.memory.rules.Policy.Fence }

// promoting: an epoch is never used twice, and only rises.
func (s *sim) promoting(step exchange.Step) {
	c := &s.checks
	if _, twice := c.asked[step.Epoch]; twice {
		s.wrong("epoch %d is promoted in twice", step.Epoch)
	}
	for e := range c.asked {
		if e > step.Epoch {
			s.wrong("epoch %d is promoted in after epoch %d", step.Epoch, e)
			break
		}
	}
	m := &s.memory
	p := simPromotion{forced: m.promotion.forced, purpose: m.promotion.purpose}
	_, rule := m.base()
	p.strong = rule.Mode == topology.ModeSync || rule.Mode == topology.ModeQuorum
	if m.failover != nil {
		p.chosen = m.failover.chosen != ""
	}
	if m.failover != nil && !p.chosen && p.purpose == forFailover && m.rules.Policy.Refuses() {
		lead, _ := m.base()
		for _, r := range s.regions {
			switch no := preflight.Unfit(m.failover.targets, r.name); {
			case no == "" || r.name == lead:
			case r.name == step.Region:
				s.wrong("%s is promoted past the gate: %s", step.Region, no)
			default:
				p.passed = append(p.passed, r.name)
			}
		}
	}
	c.asked[step.Epoch] = p
	c.forced[step.Epoch] = p.forced
}

// resulted keeps whose fence the controller has heard of.
func (s *sim) resulted(o exchange.Done) {
	if o.Step.Kind != exchange.StepFence || o.Err != nil || !s.memory.up(o.Step.Region) {
		return
	}
	if s.checks.fenced[o.Step.Epoch] == nil {
		s.checks.fenced[o.Step.Epoch] = map[string]bool{}
	}
	s.checks.fenced[o.Step.Epoch][o.Step.Region] = !o.Status.Seeding
}

// leads: one region leads an epoch.
func (s *sim) leads(r *simRegion, epoch uint64) {
	if was := s.checks.leaders[epoch]; was != "" && was != r.name {
		s.wrong("%s and %s both lead epoch %d", was, r.name, epoch)
	}
	s.checks.leaders[epoch] = r.name
}

// served: at most one region takes writes, unless fencing is off.
func (s *sim) served(serve []*simRegion) {
	if len(serve) > 1 && s.fencing() {
		s.wrong("%s (epoch %d) and %s (epoch %d) both take writes", serve[0].name, serve[0].leading, serve[1].name, serve[1].leading)
	}
}

// granted holds a new authority's contents against what was acknowledged.
func (s *sim) granted(r *simRegion) {
	if s.checks.granted[r.leading] || r.leading < s.memory.epoch { // one that comes after another move is over when it comes
		return
	}
	s.checks.granted[r.leading] = true
	var serve []*simRegion
	for _, other := range s.regions {
		if other.serving() {
			serve = append(serve, other)
		}
	}
	s.served(serve)
	p := s.checks.asked[r.leading]
	for i := range s.acked {
		w := &s.acked[i]
		if w.lost || r.has(*w) {
			continue
		}
		w.lost = true
		s.checks.losses++
		switch {
		case !s.fencing() || p.forced || s.checks.forced[w.epoch]:
		case p.strong:
			s.wrong("write %d, acknowledged by %s in epoch %d, is lost by %s in epoch %d though the durability keeps it", w.id, w.region, w.epoch, r.name, r.leading)
		case p.purpose == forSwitchover || p.purpose == forReturn:
			s.wrong("write %d, acknowledged by %s in epoch %d, is lost by a switchover to %s", w.id, w.region, w.epoch, r.name)
		case !p.chosen:
			// What was at risk is what no candidate has that was not passed over.
			for _, name := range slices.Sorted(maps.Keys(s.checks.fenced[r.leading])) {
				if other := s.region(name); !slices.Contains(p.passed, name) && s.checks.fenced[r.leading][name] && other.epoch == r.leading && other.has(*w) {
					s.wrong("write %d is lost by %s in epoch %d, though %s has it", w.id, r.name, r.leading, name)
				}
			}
		}
	}
}

// decided holds one decision against the rules.
func (s *sim) decided(before Memory, o exchange.Observation) {
	if s.checks.pure {
		m, _ := Decide(s.now, before, o)
		if !reflect.DeepEqual(m, s.memory) {
			s.wrong("the same observation brought two memories: %T", o)
		}
	}
	j, is := o.(exchange.Judged)
	if !is || j.Up || before.bringUp != nil || before.lead != j.Region || before.failover != nil {
		return
	}
	if p := before.promotion; s.memory.failover == nil && p == nil {
		s.wrong("%s leads and is down, and no failover is open", j.Region)
	}
}

// emitted holds an event against those before it.
func (s *sim) emitted(body drill.Body) {
	c := &s.checks
	switch b := body.(type) {
	case drill.FailoverStaged:
		s.staged(b)
	case drill.FailoverBlocked:
		if c.blocked[b.ID] == b.Reason {
			s.wrong("failover %d is blocked twice: %s", b.ID, b.Reason)
		}
		c.blocked[b.ID] = b.Reason
	case drill.SwitchoverDone:
		c.switched++
		if sum := b.Fence + b.CatchUp + b.Promote + b.Reroute; sum != b.Blocked {
			s.wrong("the stages of switchover %d come to %s, blocked for %s", b.ID, sum, b.Blocked)
		}
		if b.Fence < 0 || b.CatchUp < 0 || b.Promote < 0 || b.Reroute < 0 || b.Prepare < 0 {
			s.wrong("a stage of switchover %+v is negative", b)
		}
		if c.moves[b.ID] {
			s.wrong("switchover %d is done twice", b.ID)
		}
		c.moves[b.ID] = true
		s.rises(b.Epoch)
	case drill.ModeChanged:
		c.changes++
		if b.Was != c.mode || b.Now == b.Was {
			s.wrong("mode changes from %s to %s, it was %s", b.Was, b.Now, c.mode)
		}
		c.mode = b.Now
	case drill.WritesWaiting:
		if slices.Equal(b.For, c.waits) {
			s.wrong("writes wait for %v, said twice", b.For)
		}
		c.waits = b.For
	case drill.SplitBrain:
		if s.fencing() {
			s.wrong("a split brain though fencing is on: %+v", b)
		}
		for _, ids := range b.Tails {
			for _, id := range ids {
				if key := id + "/" + b.New; c.reported[key] && len(s.memory.terms.Terms) == 2 {
					s.wrong("write %s of a split brain is said twice", id)
				}
				c.reported[id+"/"+b.New] = true
			}
		}
	case drill.RejoinDone:
		c.rejoins++
		if began, seen := c.began[b.Region]; seen && b.Took > s.now-began || b.Took < 0 || b.Took > s.now {
			s.wrong("the rejoin of %s took %s, it began at %s", b.Region, b.Took, began)
		}
		delete(c.began, b.Region)
	case drill.RejoinStarted:
		c.began[b.Region] = s.now
	case drill.LedgerChecked:
		if key := [2]int{b.Failover, b.Move}; b.Why != drill.CheckedAtEnd && c.checked[key] {
			s.wrong("the ledger is checked twice for %s", b.Why)
		} else {
			c.checked[key] = true
		}
	}
}

// rises: each move's epoch is above the last one's.
func (s *sim) rises(epoch uint64) {
	if epoch <= s.checks.epoch {
		s.wrong("a move to epoch %d after one to %d", epoch, s.checks.epoch)
	}
	s.checks.epoch = epoch
}

// staged: the stages of a failover come in order, and none of the four that can't be
// repeated twice.
func (s *sim) staged(b drill.FailoverStaged) {
	c := &s.checks
	f := c.stages[b.ID]
	if f == nil {
		f = map[drill.Stage]time.Duration{}
		c.stages[b.ID] = f
		if b.Stage != drill.StageFault {
			s.wrong("failover %d begins with %s", b.ID, b.Stage)
		}
		on := s.conditionOf(b.From)
		of := on.Fault
		if now := s.memory.failover; now != nil && now.lost.own && !on.Broken {
			of = 0 // what a store says of itself is no link's doing
		}
		if of != b.Fault {
			s.wrong("failover %d is said to be of fault %d, it is of %d", b.ID, b.Fault, of)
		}
	}
	again := b.Stage == drill.StageDecide || b.Stage == drill.StageFence
	if _, twice := f[b.Stage]; twice && !again {
		s.wrong("stage %s of failover %d ends twice", b.Stage, b.ID)
	}
	f[b.Stage] = b.End
	var last time.Duration
	for _, stage := range append([]drill.Stage{drill.StageFault}, drill.FailoverStages...) {
		end, ended := f[stage]
		if ended && end < last {
			s.wrong("stage %s of failover %d ends at %s, before the one before it at %s", stage, b.ID, end, last)
		}
		if ended {
			last = end
		}
		if stage == b.Stage {
			break
		}
	}
	if b.Stage == drill.StagePromote {
		c.failovers++
		s.rises(b.Epoch)
	}
}

func (s *sim) conditionOf(region string) exchange.Condition {
	for _, c := range s.memory.replicas {
		if c.region == region {
			return c.condition
		}
	}
	return exchange.Condition{}
}

// answered: every command has one answer.
func (s *sim) answered() {
	for _, number := range slices.Sorted(maps.Keys(s.asked)) {
		if n := s.answers[number]; n != 1 {
			s.wrong("%s has %d answers", s.asked[number], n)
		}
	}
	for number, n := range s.flushes {
		if n != 1 {
			s.wrong("flush %d has %d answers", number, n)
		}
	}
}
