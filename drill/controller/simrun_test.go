package controller

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
)

// run is a whole sequence.
func (s *sim) run() *sim {
	if !s.until(20*time.Second, func() bool { return s.memory.Assumed() }) {
		s.wrong("no first authority within 20 s")
		return s
	}
	s.operator(0)
	faults := s.chaos(s.now + time.Duration(6+s.rng.IntN(8))*time.Second)
	for _, f := range faults {
		s.mend(f)
	}
	for _, r := range s.regions {
		r.slow = false
	}
	s.mark(nil)
	before := -1
	led := func() bool {
		m := &s.memory
		if m.failover != nil || m.switchover != nil || m.modeChange != nil || m.promotion != nil || m.reseed != nil || !s.region(m.lead).serving() {
			return false
		}
		if before < 0 {
			before = len(s.acked)
		}
		return len(s.acked) > before+3
	}
	if len(s.bad) == 0 && !s.until(s.now+time.Minute, led) {
		s.wrong("no authority takes writes a minute after all was mended: %s", s.standing())
	}
	s.quiet = true
	equal := func() bool {
		lead := s.region(s.memory.lead)
		for _, r := range s.regions {
			if !slices.Equal(r.log, lead.log) || r.seeding || len(r.pending) > 0 || r != lead && r.following == nil {
				return false
			}
		}
		return true
	}
	if len(s.bad) == 0 && !s.until(s.now+time.Minute, equal) {
		s.wrong("the replicas are not equal a minute after the last write: %s", s.standing())
	}
	lead := s.region(s.memory.lead)
	for _, w := range s.acked {
		if !w.lost && !lead.has(w) && s.fencing() {
			s.wrong("write %d, acknowledged by %s in epoch %d, is not there at the end", w.id, w.region, w.epoch)
		}
	}
	s.lastCmd++
	s.flushes[s.lastCmd] = 0
	s.decide(exchange.Flush{Number: s.lastCmd})
	s.until(s.now+2*time.Second, nil)
	s.answered()
	if len(s.bad) == 0 {
		s.join()
	}
	return s
}

// join lets another controller take the fleet over, which knows nothing of the one before
// it: everybody is fenced first, and nothing is lost.
func (s *sim) join() {
	was := s.memory
	s.open, s.memory = nil, NewMemory(was.rules)
	for _, r := range s.regions {
		s.decide(exchange.Judged{Region: r.name, Up: true, At: s.now})
	}
	s.checks.asked, s.checks.mode, s.checks.waits = map[uint64]simPromotion{}, was.rules.Dataset.Durability(), nil
	if !s.until(s.now+20*time.Second, func() bool { return s.memory.Assumed() && s.region(s.memory.lead).serving() }) {
		s.wrong("another controller took nothing over within 20 s: %s", s.standing())
		return
	}
	if s.memory.epoch <= was.epoch {
		s.wrong("another controller took over in epoch %d after %d: %s", s.memory.epoch, was.epoch, s.standing())
	}
	lead := s.region(s.memory.lead)
	for _, w := range s.acked {
		if !w.lost && !lead.has(w) && s.fencing() {
			s.wrong("write %d, acknowledged by %s in epoch %d, is lost by another controller", w.id, w.region, w.epoch)
		}
	}
}

func (s *sim) standing() string {
	m := &s.memory
	out := fmt.Sprintf("led by %s in epoch %d as %s; failover %+v, switchover %+v, change %+v;", m.lead, m.epoch, m.rule, m.failover, m.switchover, m.modeChange)
	for _, r := range s.regions {
		out += fmt.Sprintf(" %s: epoch %d led %d at %d of %d, seeding %v, follows %+v;", r.name, r.epoch, r.leading, r.position(), r.lastIn(), r.seeding, r.following)
	}
	return out
}

// brief is a step or an observation in one line of a trace.
func brief(v any) string {
	switch v := v.(type) {
	case exchange.Step:
		switch v.Kind {
		case exchange.StepEmit:
			b, _ := json.Marshal(v.Body)
			return fmt.Sprintf("emit %s %s", v.Body.Kind(), b)
		case exchange.StepAnswer:
			return fmt.Sprintf("answer %d", v.Command)
		}
		return fmt.Sprintf("%d %s %s %s %d within %s", v.ID, v.Kind, v.Region, v.Authority, v.Epoch, v.Limit)
	case exchange.Heard:
		return fmt.Sprintf("%s: %s epoch %d at %d of %d, follows %q, mode %s kept %d", v.Region, v.Status.Role, v.Status.Epoch, v.Status.Position, v.Status.LastIn, v.Status.Authority, v.Status.Mode, v.Status.DurableIndex)
	case exchange.Done:
		return fmt.Sprintf("%d %s %s: %v, %d at %d of %d", v.Step.ID, v.Step.Kind, v.Step.Region, v.Err, v.Status.Epoch, v.Status.Position, v.Status.LastIn)
	case exchange.Conditions:
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%+v", v))
}

// counted is what happened in many sequences, so that a suite in which nothing happens fails.
func counted(sims []*sim) map[string]int {
	out := map[string]int{}
	for _, s := range sims {
		out["failovers"] += s.checks.failovers
		out["switchovers"] += s.checks.switched
		out["changes"] += s.checks.changes
		out["rejoins"] += s.checks.rejoins
		out["lost"] += s.checks.losses
		out["hung"] += s.checks.hung
		out["acknowledged"] += len(s.acked)
		out["commands"] += len(s.asked)
	}
	maps.DeleteFunc(out, func(_ string, n int) bool { return n == 0 })
	return out
}
