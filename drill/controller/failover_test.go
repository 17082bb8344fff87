package controller

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/acks"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// newLedScript is three regions that are up, a leading in epoch 1, all heard of just now.
func newLedScript(t *testing.T, mode topology.Durability, decide string) *script {
	spec := topology.Dataset{Name: "orders", Mode: mode.Mode, With: mode.With, Authority: "a", Regions: []string{"a", "b", "c"}}
	m := NewMemory(Rules{Dataset: spec, Policy: topology.FailoverPolicy{Decide: decide, Fence: true, Lease: time.Second}, StepLimit: 2 * time.Second})
	m.bringUp, m.lead, m.epoch, m.used = nil, "a", 1, 1
	m.rule.CaughtUp = true
	s := &script{t: t, m: m, now: 10 * time.Second}
	s.m.leaseEnds = s.now + time.Second
	s.m.tickAt = s.now + tickEvery
	for _, region := range spec.Regions {
		s.observe(exchange.Judged{Region: region, Up: true, At: s.now})
		s.observe(exchange.Heard{Region: region, Status: s.status(region, 10)})
	}
	return s
}

func (s *script) status(region string, position uint64) store.Status {
	st := store.Status{Dataset: "orders", Region: region, Epoch: s.m.epoch, Position: position, Entries: position, LastIn: 1, Role: role.Follower, Authority: s.m.lead}
	if region == s.m.lead {
		st.Role, st.Authority = role.Authority, ""
	}
	return st
}

func (s *script) wait(d time.Duration) {
	s.now += d
	s.observe(exchange.Tick{})
}

func (s *script) down(region string) {
	s.observe(exchange.Judged{Region: region, At: s.now, Why: "3 probes failed"})
}

// stages are those of failovers, in order.
func (s *script) stages() (out []drill.Stage) {
	for _, b := range bodies[drill.FailoverStaged](s) {
		out = append(out, b.Stage)
	}
	return out
}

func (s *script) stage(want drill.Stage) drill.FailoverStaged {
	s.t.Helper()
	for _, b := range bodies[drill.FailoverStaged](s) {
		if b.Stage == want {
			return b
		}
	}
	s.t.Fatalf("no stage %s: %v", want, s.stages())
	return drill.FailoverStaged{}
}

// finishPromotion answers the steps of a promotion, and its first write.
func (s *script) finishPromotion(to string, position uint64) {
	s.t.Helper()
	s.done(exchange.StepPromote, to, s.status(to, position), nil)
	s.done(exchange.StepPush, to, store.Status{}, nil)
	s.done(exchange.StepGrant, to, s.status(to, position), nil)
}

// A replica that is slow to say what it has holds up no decision: what it said a moment ago
// is enough to go on, and what it has is settled once it is fenced. One that has been silent
// for longer is not counted.
func TestASlowAnswerHoldsUpNoDecision(t *testing.T) {
	for silent, blocked := range map[time.Duration]bool{AskLimit: false, 2 * FreshFor: true} {
		s := newLedScript(t, topology.Durability{Mode: topology.ModeQuorum}, "auto")
		s.down("a")
		s.done(exchange.StepStatus, "b", s.status("b", 10), nil)
		s.now += silent
		s.done(exchange.StepStatus, "c", store.Status{}, context.DeadlineExceeded)
		if got := len(bodies[drill.FailoverBlocked](s)) > 0; got != blocked {
			t.Errorf("silent for %s: blocked %v, want %v", silent, got, blocked)
		}
		if blocked {
			continue
		}
		s.stage(drill.StageDecide)
		s.now = s.m.leaseOver()
		s.observe(exchange.Tick{})
		s.done(exchange.StepFence, "b", s.status("b", 10), nil)
		s.done(exchange.StepFence, "c", s.status("c", 12), nil)
		s.done(exchange.StepPromote, "c", s.status("c", 12), nil) // which had more when it was fenced
	}
}

// A failover goes stage by stage, carries the fault that caused it, waits for the lease,
// and ends with the first write.
func TestAFailoverStageByStage(t *testing.T) {
	s := newLedScript(t, topology.Durability{Mode: topology.ModeAsync}, "auto")
	s.observe(exchange.Conditions{Regions: []exchange.Condition{{Region: "a", Broken: true, Fault: 7, From: 9 * time.Second}}})
	s.down("a")
	s.done(exchange.StepStatus, "b", s.status("b", 10), nil)
	s.done(exchange.StepStatus, "c", s.status("c", 9), nil)
	decided := s.stage(drill.StageDecide)
	if decided.To != "b" || decided.Fault != 7 || s.stage(drill.StageFault).End != 9*time.Second {
		t.Errorf("%+v after %+v", decided, s.stage(drill.StageFault))
	}
	if s.asked(exchange.StepPromote, "b") {
		t.Fatal("promoted before the lease was over")
	}
	s.wait(900 * time.Millisecond)
	if s.asked(exchange.StepPromote, "b") || len(s.stages()) != 3 {
		t.Fatalf("the lease is not waited for: %v", s.stages())
	}
	s.wait(200 * time.Millisecond) // the lease and its drift
	if fenced := s.stage(drill.StageFence); fenced.Detail != "lease over" {
		t.Errorf("fenced: %+v", fenced)
	}
	s.done(exchange.StepFence, "b", s.status("b", 10), nil)
	s.done(exchange.StepFence, "c", s.status("c", 10), nil)
	s.finishPromotion("b", 10)
	s.observe(exchange.Acked{Sum: acks.Sum{Epochs: []acks.Epoch{{Region: "b", Epoch: 2, First: s.now + time.Millisecond, Last: s.now + time.Millisecond}}}})
	last := s.stage(drill.StageReroute)
	if last.Epoch != 2 || last.To != "b" || last.End != s.now+time.Millisecond || last.Fault != 7 {
		t.Errorf("rerouted %+v", last)
	}
	if !s.asked(exchange.StepAudit, "b") || !s.asked(exchange.StepFollow, "c") || !s.asked(exchange.StepFollow, "a") {
		t.Error("the ledger is not checked, or nobody is told to follow")
	}
	if lead, epoch := s.m.Leader(); lead != "b" || epoch != 2 {
		t.Errorf("led by %s in epoch %d", lead, epoch)
	}
}

// An old authority that confirms its fence ends the wait for its lease.
func TestAConfirmedFenceEndsTheWait(t *testing.T) {
	s := newLedScript(t, topology.Durability{Mode: topology.ModeAsync}, "auto")
	s.down("a")
	s.done(exchange.StepStatus, "b", s.status("b", 10), nil)
	s.done(exchange.StepStatus, "c", s.status("c", 9), nil)
	s.done(exchange.StepFence, "a", s.status("a", 12), nil)
	if fenced := s.stage(drill.StageFence); fenced.Detail != "a confirmed that it is fenced" || fenced.End != s.now {
		t.Errorf("fenced: %+v", fenced)
	}
}

// A candidate that takes longer to fence than a mere question may take is waited for: it
// may be the only one with what async has acknowledged. One that goes down is not.
func TestASlowCandidateIsWaitedFor(t *testing.T) {
	s := newLedScript(t, topology.Durability{Mode: topology.ModeAsync}, "auto")
	s.observe(exchange.Judged{Region: "a", Up: true, At: s.now})
	lose := func() {
		d := &decision{now: s.now, m: s.m.clone()}
		lose(d, loss{region: "a", at: s.now, why: "its store no longer leads"})
		s.m = d.m
		s.observe(exchange.Done{Step: d.steps[len(d.steps)-1], Number: 1})
	}
	lose()
	for _, region := range []string{"a", "b", "c"} {
		s.done(exchange.StepStatus, region, s.status(region, 10), nil)
	}
	s.done(exchange.StepFence, "a", s.status("a", 10), nil) // the old authority's
	s.done(exchange.StepFence, "a", s.status("a", 9), nil)
	if got := s.last(exchange.StepFence, "b").Limit; got != 2*time.Second {
		t.Errorf("a candidate has %s to be fenced", got)
	}
	s.wait(AskLimit)
	s.down("c")
	if s.asked(exchange.StepPromote, "a") || s.asked(exchange.StepPromote, "b") {
		t.Fatal("the slow candidate was passed over")
	}
	s.wait(200 * time.Millisecond)
	s.done(exchange.StepFence, "b", s.status("b", 12), nil)
	if !s.asked(exchange.StepPromote, "b") {
		t.Errorf("promoted is another: %v", s.steps[len(s.steps)-1])
	}
}

// What blocks a failover is an event once for each reason, and a command that it fails is
// answered.
func TestABlockedFailoverIsAnEventOnce(t *testing.T) {
	s := newLedScript(t, topology.Durability{Mode: topology.ModeSync, With: "b"}, "auto")
	s.down("b")
	s.down("a")
	for range 3 {
		s.done(exchange.StepStatus, "c", s.status("c", 10), nil)
		s.wait(tickEvery)
	}
	blocked := bodies[drill.FailoverBlocked](s)
	if len(blocked) != 1 || !strings.Contains(blocked[0].Reason, "sync: only a or b is certain") || blocked[0].ID != 1 || blocked[0].Next == "" {
		t.Fatalf("blocked: %+v", blocked)
	}
	if failed := bodies[drill.TaskFailed](s); len(failed) != 0 {
		t.Errorf("failed tasks: %+v", failed)
	}
	s.done(exchange.StepStatus, "c", s.status("c", 10), nil)
	s.observe(exchange.Asked{Number: 5, Command: runbook.Command{Verb: runbook.VerbPromote, Dataset: "orders", To: "c"}})
	s.done(exchange.StepStatus, "c", s.status("c", 10), nil)
	if o, answered := s.answer(5); !answered || !o.Refused || !strings.Contains(o.Next, "force") {
		t.Errorf("promote: %+v, %v", o, answered)
	}
	s.observe(exchange.Asked{Number: 6, Command: runbook.Command{Verb: runbook.VerbForce, Dataset: "orders", To: "c"}})
	s.done(exchange.StepStatus, "c", s.status("c", 10), nil)
	s.wait(2 * time.Second) // the lease
	s.done(exchange.StepFence, "c", s.status("c", 10), nil)
	s.finishPromotion("c", 10)
	if o, answered := s.answer(6); !answered || o.Err != nil || !strings.Contains(o.Proof, "by force") {
		t.Errorf("force: %+v, %v", o, answered)
	}
	if d := s.m.rule.Durability; d.Mode != topology.ModeAsync {
		t.Errorf("the durability that force broke holds still: %s", d)
	}
}

// A promotion whose lease's answer was lost may take writes all the same: whoever follows
// it has to have those, and its sync partner is never itself.
func TestALostLeaseMayHaveBeenTaken(t *testing.T) {
	s := newLedScript(t, topology.Durability{Mode: topology.ModeSync, With: "b"}, "auto")
	s.down("a")
	s.done(exchange.StepStatus, "b", s.status("b", 10), nil)
	s.done(exchange.StepStatus, "c", s.status("c", 10), nil)
	s.wait(2 * time.Second)
	s.observe(exchange.Heard{Region: "c", Status: s.status("c", 10)})
	s.done(exchange.StepFence, "b", s.status("b", 10), nil)
	s.done(exchange.StepFence, "c", s.status("c", 10), nil)
	s.done(exchange.StepPromote, "b", s.status("b", 10), nil)
	s.done(exchange.StepPush, "b", store.Status{}, nil)
	s.down("b") // b may have its lease, and a partner c
	s.observe(exchange.Judged{Region: "a", Up: true, At: s.now})
	s.wait(tickEvery)
	s.done(exchange.StepStatus, "a", s.status("a", 12), nil)
	s.done(exchange.StepStatus, "c", s.status("c", 10), nil)
	if s.asked(exchange.StepPromote, "a") || len(bodies[drill.FailoverBlocked](s)) != 1 {
		t.Fatalf("a is taken for certain, though b may have acknowledged writes: %v", s.stages())
	}
	s.observe(exchange.Judged{Region: "b", Up: true, At: s.now})
	s.wait(tickEvery)
	for _, region := range []string{"a", "b", "c"} {
		s.done(exchange.StepStatus, region, s.status(region, 10), nil)
	}
	s.done(exchange.StepFence, "b", s.status("b", 10), nil)
	for _, region := range []string{"a", "b", "c"} {
		s.done(exchange.StepFence, region, s.status(region, 10), nil)
	}
	s.finishPromotion("b", 10)
	if d := s.m.rule.Durability; d.With == "b" {
		t.Errorf("b leads, and is its own partner: %s", d)
	}
}

// An operator decides where the policy says so.
func TestAnOperatorDecides(t *testing.T) {
	s := newLedScript(t, topology.Durability{Mode: topology.ModeAsync}, "operator")
	s.down("a")
	for range 8 {
		s.wait(tickEvery)
	}
	if got := s.stages(); len(got) != 2 {
		t.Fatalf("it was decided without the operator: %v", got)
	}
	s.observe(exchange.Asked{Number: 1, Command: runbook.Command{Verb: runbook.VerbPromote, Dataset: "orders", To: "c"}})
	for range 2 { // whether it is certain, then who is
		s.done(exchange.StepStatus, "b", s.status("b", 10), nil)
		s.done(exchange.StepStatus, "c", s.status("c", 9), nil)
	}
	s.done(exchange.StepFence, "b", s.status("b", 10), nil)
	s.done(exchange.StepFence, "c", s.status("c", 9), nil)
	s.finishPromotion("c", 9)
	if o, answered := s.answer(1); !answered || o.Err != nil || o.Proof == "" {
		t.Errorf("answered %+v, %v", o, answered)
	}
	if took := s.stage(drill.StageDecide).End - s.stage(drill.StageDetect).End; took < 2*time.Second {
		t.Errorf("the operator's time does not count: decide took %s", took)
	}
}

// A switchover that waits for a slow replica holds up nothing: commands are answered at
// once, and the loss of the authority opens a failover at once.
func TestASlowSwitchoverHoldsUpNothing(t *testing.T) {
	s := newLedScript(t, topology.Durability{Mode: topology.ModeAsync}, "auto")
	s.observe(exchange.Heard{Region: "a", Status: s.status("a", 5000)})
	s.observe(exchange.Asked{Number: 1, Command: runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "c"}})
	for range 5 {
		s.done(exchange.StepStatus, "c", s.status("c", 20), nil)
		s.wait(time.Second)
	}
	for number, c := range map[uint64]runbook.Command{
		2: {Verb: runbook.VerbMode, Dataset: "orders", Mode: topology.ModeQuorum}, 3: {Verb: runbook.VerbSwitchover, Dataset: "orders", To: "b"},
		4: {Verb: runbook.VerbPromote, Dataset: "orders", To: "b"}, 5: {Verb: runbook.VerbReseed, Dataset: "orders", Region: "b"},
	} {
		s.observe(exchange.Asked{Number: number, Command: c})
		if o, answered := s.answer(number); !answered || !o.Refused {
			t.Errorf("%s during a switchover: %+v, answered %v", c, o, answered)
		}
	}
	s.down("a")
	if o, answered := s.answer(1); !answered || o.Err == nil {
		t.Errorf("the switchover: %+v, answered %v", o, answered)
	}
	if detected := s.stage(drill.StageDetect); detected.End != s.now {
		t.Errorf("detected %+v at %s", detected, s.now)
	}
	if !s.asked(exchange.StepStatus, "b") {
		t.Error("no candidate is asked")
	}
}

// Every millisecond of a switchover has a named stage.
func TestTheStagesOfASwitchoverAddUp(t *testing.T) {
	s := newLedScript(t, topology.Durability{Mode: topology.ModeAsync}, "auto")
	began := s.now
	s.observe(exchange.Asked{Number: 1, Command: runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "b"}})
	s.now += 40 * time.Millisecond
	s.done(exchange.StepStatus, "b", s.status("b", 10), nil)
	s.now += 30 * time.Millisecond
	last := s.status("a", 14)
	s.done(exchange.StepFence, "a", last, nil)
	s.now += 10 * time.Millisecond
	s.done(exchange.StepStatus, "b", s.status("b", 12), nil)
	s.wait(pollEvery)
	s.now += 5 * time.Millisecond
	s.done(exchange.StepStatus, "b", s.status("b", 14), nil)
	s.now += 25 * time.Millisecond
	s.finishPromotion("b", 14)
	first := s.now + 200*time.Millisecond
	s.now = first + 3*time.Millisecond
	s.observe(exchange.Acked{Sum: acks.Sum{Epochs: []acks.Epoch{{Region: "b", Epoch: 2, First: first, Last: first}}}})
	done := bodies[drill.SwitchoverDone](s)
	if len(done) != 1 {
		t.Fatalf("%d switchovers are done", len(done))
	}
	d := done[0]
	want := drill.SwitchoverDone{ID: 1, Dataset: "orders", From: "a", To: "b", Epoch: 2, Prepare: 40 * time.Millisecond, Fence: 30 * time.Millisecond,
		CatchUp: 20 * time.Millisecond, Promote: 25 * time.Millisecond, Reroute: 200 * time.Millisecond, Blocked: 275 * time.Millisecond}
	if d != want {
		t.Errorf("%+v, want %+v", d, want)
	}
	if d.Prepare+d.Blocked != first-began {
		t.Errorf("the stages come to %s, it took %s", d.Prepare+d.Blocked, first-began)
	}
	if o, answered := s.answer(1); !answered || o.Err != nil {
		t.Errorf("answered %+v, %v", o, answered)
	}
}

// A switchover that can't be finished gives the old authority its role back, in an epoch
// that nobody was told of.
func TestASwitchoverThatBreaksGoesBack(t *testing.T) {
	s := newLedScript(t, topology.Durability{Mode: topology.ModeAsync}, "auto")
	s.observe(exchange.Asked{Number: 1, Command: runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "b"}})
	s.done(exchange.StepStatus, "b", s.status("b", 10), nil)
	s.done(exchange.StepFence, "a", s.status("a", 10), nil)
	s.done(exchange.StepStatus, "b", s.status("b", 10), nil)
	s.done(exchange.StepPromote, "b", store.Status{}, context.DeadlineExceeded)
	if back := s.last(exchange.StepPromote, "a"); back.Epoch != 3 {
		t.Errorf("a is promoted again in epoch %d", back.Epoch)
	}
	s.finishPromotion("a", 10)
	if o, answered := s.answer(1); !answered || !errors.Is(o.Err, context.DeadlineExceeded) {
		t.Errorf("answered %+v, %v", o, answered)
	}
	if lead, epoch := s.m.Leader(); lead != "a" || epoch != 3 || s.m.failover != nil {
		t.Errorf("led by %s in epoch %d, failover %+v", lead, epoch, s.m.failover)
	}
}

// A mode holds only once everything that was there is kept by it, and whoever asked is
// told when the authority is lost before.
func TestAModeChangesInTwoSteps(t *testing.T) {
	ask := func(s *script) {
		s.observe(exchange.Asked{Number: 1, Command: runbook.Command{Verb: runbook.VerbMode, Dataset: "orders", Mode: topology.ModeQuorum, By: "test"}})
		if placed := s.last(exchange.StepPlace, ""); placed.Dataset.Mode != topology.ModeQuorum || placed.Dataset.Also == nil || placed.Dataset.Also.Mode != topology.ModeAsync {
			t.Fatalf("regions are told %+v", placed.Dataset)
		}
		s.done(exchange.StepPush, "a", store.Status{}, nil)
		s.done(exchange.StepStatus, "a", s.status("a", 50), nil)
		if s.m.rule.Durability.Mode != topology.ModeAsync {
			t.Fatal("it holds before it is kept")
		}
	}
	kept := func(s *script, n uint64) store.Status {
		st := s.status("a", 60)
		st.Mode, st.DurableIndex = topology.ModeQuorum, n
		return st
	}
	s := newLedScript(t, topology.Durability{Mode: topology.ModeAsync}, "auto")
	ask(s)
	s.done(exchange.StepStatus, "a", kept(s, 49), nil)
	if s.m.rule.Durability.Mode != topology.ModeAsync {
		t.Error("it holds though position 50 is not kept")
	}
	s.wait(tickEvery)
	s.done(exchange.StepStatus, "a", kept(s, 50), nil)
	if o, answered := s.answer(1); !answered || o.Err != nil || s.m.rule.Durability.Mode != topology.ModeQuorum {
		t.Errorf("answered %+v, %v, now %s", o, answered, s.m.rule.Durability)
	}
	if changed := bodies[drill.ModeChanged](s); len(changed) != 1 || changed[0].Took != tickEvery || changed[0].By != "test" {
		t.Errorf("changes %+v", changed)
	}

	s = newLedScript(t, topology.Durability{Mode: topology.ModeAsync}, "auto")
	ask(s)
	s.down("a")
	if o, answered := s.answer(1); !answered || o.Err == nil || s.m.rule.Durability.Mode != topology.ModeAsync {
		t.Errorf("answered %+v, %v, now %s", o, answered, s.m.rule.Durability)
	}
}

// Of replicas that reach equally far the one nearest to the lost authority is promoted, as it
// is predicted, and not the first in the fleet file.
func TestTheNearestOfEqualsIsPromoted(t *testing.T) {
	s := newLedScript(t, topology.Durability{Mode: topology.ModeAsync}, "auto")
	s.m.rules.Links = []topology.Link{{Between: [2]string{"a", "b"}, RTT: 220 * time.Millisecond}, {Between: [2]string{"c", "a"}, RTT: 20 * time.Millisecond}}
	equal := map[string]store.Status{"b": s.status("b", 10), "c": s.status("c", 10)}
	if to, _, missing := s.m.choose(&failover{}, equal); to != "c" {
		t.Errorf("%q, %q: c is nearer", to, missing)
	}
	equal["b"] = s.status("b", 11)
	if to, _, _ := s.m.choose(&failover{}, equal); to != "b" {
		t.Errorf("%q, though b has more", to)
	}
}

// A brownout of the link to the controller that lets answers through is not the cause of
// what the region's own store says, nor is a failover dated from it.
func TestABrownoutIsNotBlamedForAStoreThatHangs(t *testing.T) {
	s := newLedScript(t, topology.Durability{Mode: topology.ModeAsync}, "auto")
	s.observe(exchange.Conditions{Regions: []exchange.Condition{{Region: "a", Fault: 7, From: time.Second, Shape: topology.Shape{Loss: 0.1}}}})
	hung := s.status("a", 10)
	hung.Stalled, hung.StalledBy = 5*time.Second, "its disk"
	s.observe(exchange.Heard{Region: "a", Status: hung})
	s.done(exchange.StepStatus, "b", s.status("b", 10), nil)
	s.done(exchange.StepStatus, "c", s.status("c", 9), nil)
	if began := s.stage(drill.StageFault); began.Fault != 0 || began.End != s.now-5*time.Second {
		t.Errorf("%+v at %s", began, s.now)
	}
	if told := s.stage(drill.StageDetect); !strings.HasSuffix(told.Detail, "no fault of this drill") {
		t.Errorf("told as %q", told.Detail)
	}
}
