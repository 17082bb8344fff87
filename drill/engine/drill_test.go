package engine

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
)

// The whole loop: the authority is killed, another takes over within its stages,
// the ledger says what was lost, and the old authority rejoins.
func TestTheAuthorityIsKilledAndComesBack(t *testing.T) {
	beside(t)
	attempts(t, func(t *attempt) {
		l := newLab(t, nil)
		l.undisturbed()
		l.send(runbook.Command{Verb: runbook.VerbKill, Region: "a"})
		l.until("first write by the new authority", func(s *drill.State) bool {
			return len(s.Failovers) == 1 && s.Failovers[0].Ends[drill.StageReroute] > 0
		})
		f := l.state.Failovers[0]
		for _, stage := range drill.FailoverStages {
			if took, ok := f.Took(stage); !ok || took < 0 {
				t.Errorf("stage %s: %s (%v)", stage, took, ok)
			}
		}
		lease := labSpec().Failover.Lease
		if rto, _ := f.RTO(); rto < lease/2 {
			t.Errorf("RTO %s with a lease of %s", rto, lease)
		}
		if f.From != "a" || f.To == "a" || f.Epoch != 2 {
			t.Errorf("failover %+v", f)
		}
		l.until("the ledger", func(s *drill.State) bool { return f.Check != nil })
		if f.Check.Acknowledged == 0 || len(f.Check.Mismatched) > 0 {
			t.Errorf("ledger %+v", f.Check)
		}
		l.until("recovered", func(s *drill.State) bool { return len(s.Recoveries) == 1 })
		if hurt := measure.BlastRadius(l.state); !hurt.Known || hurt.Affected == 0 || hurt.Affected > hurt.Asked {
			t.Errorf("hurt %+v: a's users were cut off", hurt)
		}

		l.send(runbook.Command{Verb: runbook.VerbRestore, Region: "a"})
		l.until("a is current again", func(s *drill.State) bool { return len(s.Rejoins) == 1 && s.Rejoins[0].Done != nil })
		r := l.state.Rejoins[0]
		if r.Region != "a" {
			t.Errorf("%s is back, not a", r.Region)
		}
		// Every entry that a alone had is cut when it rejoins; those of them that were
		// acknowledged are the lost ones. An unacknowledged one may be cut as well.
		if r.Done.Diverged < len(f.Check.Lost) {
			t.Errorf("%d writes lost, but only %d cut from a's tail", len(f.Check.Lost), r.Done.Diverged)
		}
		l.send(runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "a"})
		l.until("failed back", func(s *drill.State) bool { return len(s.Moves) == 1 })
		lost := measure.Lost(l.state, "orders").N
		l.end()
		if again := measure.Lost(l.state, "orders").N; again != lost {
			t.Errorf("the switchover lost %d writes", again-lost)
		}
		if d := l.state.Dataset("orders"); d.Authority != "a" || d.LastCheck == nil || d.LastCheck.Why != "end" {
			t.Errorf("orders ends on %s, last check %+v", d.Authority, d.LastCheck)
		}
	})
}

func TestACordonHurtsNobody(t *testing.T) {
	beside(t)
	attempts(t, func(t *attempt) {
		l := newLab(t, nil)
		l.undisturbed()
		l.send(runbook.Command{Verb: runbook.VerbCordon, Region: "a"})
		l.until("cordoned", func(s *drill.State) bool { return s.Region("a").Cordoned })
		if len(l.state.Moves) != 1 || l.state.Dataset("orders").Authority == "a" {
			t.Errorf("the authority was not moved first: %+v", l.state.Moves)
		}
		if p := l.state.Population("near-a"); p.Region == "a" {
			t.Error("near-a is still sent to a")
		}
		l.send(runbook.Command{Verb: runbook.VerbUncordon, Region: "a"})
		l.until("a serves near-a again", func(s *drill.State) bool {
			return !s.Region("a").Cordoned && s.Population("near-a").Region == "a"
		})
		l.until("its replica is current", func(s *drill.State) bool { return len(s.Rejoins) == 1 && s.Rejoins[0].Done != nil })
		l.end()
		if n := measure.Lost(l.state, "orders").N; n != 0 {
			t.Errorf("%d writes lost", n)
		}
		for _, p := range l.state.Populations {
			// The switchover blocks writes for some milliseconds, which fails the few in flight, and
			// those that are due meanwhile.
			due := int(p.Spec.Rate * l.state.Moves[0].Blocked.Seconds())
			if p.Last.TotalFailed > max(3, p.Last.TotalRequests/50)+due {
				t.Errorf("%s: %d of %d requests failed, %d were due while no write was taken", p.Spec.Name, p.Last.TotalFailed, p.Last.TotalRequests, due)
			}
		}
	})
}

func TestRefusedCommandsSayWhyAndChangeNothing(t *testing.T) {
	beside(t)
	attempts(t, func(t *attempt) {
		l := newLab(t, nil)
		if err := l.engine.Send(runbook.Command{Verb: runbook.VerbKill, Region: "a"}); err == nil {
			t.Error("a kill was taken before the fleet was up")
		}
		l.fleet.broken["c"] = errors.New("the engine does not answer")
		l.undisturbed()
		tests := []struct {
			command runbook.Command
			refused bool
			says    string
		}{
			{runbook.Command{Verb: runbook.VerbKill, Region: "mars"}, true, `no region "mars"`},
			{runbook.Command{Verb: runbook.VerbRestore, Region: "a"}, true, "a is healthy: there is nothing to restore"},
			{runbook.Command{Verb: runbook.VerbUncordon, Region: "a"}, true, "not cordoned"},
			{runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "a"}, true, "a leads orders already"},
			{runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "mars"}, true, `there is no region "mars"`},
			{runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "songs", To: "b"}, true, `no dataset "songs"`},
			{runbook.Command{Verb: runbook.VerbPromote, Dataset: "orders", To: "b"}, true, "a leads orders and works"},
			{runbook.Command{Verb: "explode", Region: "a"}, true, "no action"},
			{runbook.Command{Verb: runbook.VerbFreeze, Region: "b"}, true, "can't freeze"},
			{runbook.Command{Verb: runbook.VerbKill, Region: "c"}, false, "does not answer"},
		}
		for _, tt := range tests {
			n := len(l.state.Commands)
			l.send(tt.command)
			l.until(tt.command.String()+" answered", func(s *drill.State) bool { return len(s.Commands) > n && s.Commands[n].Ended != nil })
			c := l.state.Commands[n]
			if c.Refused != tt.refused || !strings.Contains(c.Error, tt.says) {
				t.Errorf("%s: refused %v, %q; want %v, %q", tt.command, c.Refused, c.Error, tt.refused, tt.says)
			}
		}
		if len(l.state.Faults) != 0 {
			t.Errorf("faults counted without proof: %+v", l.state.Faults)
		}
		// A kill that failed must have healed the links it had cut.
		l.until("all regions up", func(s *drill.State) bool {
			for _, link := range s.Links {
				if link.Cut {
					return false
				}
			}
			return len(s.Links) > 0 && *s.Region("c").Up
		})
		l.end()
	})
}

func TestAnOperatorDecidesWhereThePolicySaysSo(t *testing.T) {
	beside(t)
	attempts(t, func(t *attempt) {
		l := newLab(t, func(c *Config) { c.Spec.Failover.Decide = "operator" })
		l.undisturbed()
		l.send(runbook.Command{Verb: runbook.VerbKill, Region: "a"})
		l.until("detected", func(s *drill.State) bool { return len(s.Failovers) == 1 && s.Failovers[0].Ends[drill.StageDetect] > 0 })
		waited := l.state.Now + time.Second
		l.until("a second without a decision", func(s *drill.State) bool { return s.Now > waited })
		if _, decided := l.state.Failovers[0].Ends[drill.StageDecide]; decided {
			t.Fatal("it was decided without the operator")
		}
		l.send(runbook.Command{Verb: runbook.VerbPromote, Dataset: "orders", To: "c"})
		l.until("c leads", func(s *drill.State) bool { return s.Failovers[0].Ends[drill.StageReroute] > 0 })
		if took, _ := l.state.Failovers[0].Took(drill.StageDecide); took < 900*time.Millisecond {
			t.Errorf("the operator's time does not count: decide took %s", took)
		}
		if f := l.state.Failovers[0]; f.To != "c" {
			t.Errorf("failed over to %s", f.To)
		}
		l.end()
	})
}

func TestAPlanRunsToItsVerdict(t *testing.T) {
	beside(t)
	attempts(t, func(t *attempt) {
		rto, share := 10*time.Second, 1.0
		plan := &runbook.Plan{
			Name: "quick", Title: "quick",
			Objectives: runbook.Objectives{RTO: &rto, UsersAffected: &share},
			Steady:     runbook.Steady{For: time.Second, Success: 0.9},
			Steps: []runbook.Step{
				{At: 0, Command: runbook.Command{Verb: runbook.VerbKill, Region: "a", By: "drill"}},
				{At: 100 * time.Millisecond, Command: runbook.Command{Verb: runbook.VerbWait, For: runbook.WaitRecovered, By: "drill"}},
				{At: 200 * time.Millisecond, Command: runbook.Command{Verb: runbook.VerbRestore, Region: "a", By: "drill"}},
				{At: 300 * time.Millisecond, Command: runbook.Command{Verb: runbook.VerbWait, For: runbook.WaitSteady, By: "drill"}},
			},
			End: time.Second,
		}
		l := newLab(t, func(c *Config) { c.Plan = plan })
		l.until("the verdict", func(s *drill.State) bool { return s.Verdict != "" })
		want := drill.Passed
		judged := func(d measure.Disturbed) bool { return d.Rejoin == nil }
		if slices.ContainsFunc(measure.Disturbances(l.state), judged) || verdict.TooFewSent(measure.Unsent(l.state)) {
			want = drill.Inconclusive // this machine is too busy to say, and the drill says so
		}
		if l.state.Verdict != want {
			t.Errorf("%s: %s", l.state.Verdict, l.state.Why)
		}
		if l.state.SteadyBefore == nil || l.state.SteadyAfter == nil || len(l.state.Objectives) != 2 {
			t.Errorf("before %v, after %v, objectives %v", l.state.SteadyBefore, l.state.SteadyAfter, l.state.Objectives)
		}
		l.end()
	})
}

func TestADrillThatNeverRecoversIsAborted(t *testing.T) {
	beside(t)
	attempts(t, func(t *attempt) {
		plan := &runbook.Plan{
			Name: "doomed", Title: "doomed",
			Steady: runbook.Steady{For: time.Second, Success: 0.9},
			Abort:  runbook.Abort{SuccessBelow: 0.5, For: 1500 * time.Millisecond},
			Steps: []runbook.Step{
				{Command: runbook.Command{Verb: runbook.VerbKill, Region: "a", By: "drill"}},
				{Command: runbook.Command{Verb: runbook.VerbKill, Region: "b", By: "drill"}},
				{Command: runbook.Command{Verb: runbook.VerbKill, Region: "c", By: "drill"}},
			},
			End: time.Minute,
		}
		l := newLab(t, func(c *Config) { c.Plan = plan })
		l.until("the verdict", func(s *drill.State) bool { return s.Verdict != "" })
		if l.state.Verdict != drill.Aborted || !strings.Contains(l.state.Why, "50 %") {
			t.Errorf("%s: %s", l.state.Verdict, l.state.Why)
		}
		for _, r := range l.state.Regions {
			if r.Fault != nil {
				t.Errorf("%s was not restored", r.Spec.Name)
			}
		}
		l.end()
	})
}
