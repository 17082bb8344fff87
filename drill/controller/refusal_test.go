package controller

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A command that drill/action let through a moment too early is refused here in the words
// that drill/action would have used.
func TestRefusalsAreInTheWordsOfTheActions(t *testing.T) {
	orders := func(v runbook.Verb, to string) runbook.Command {
		return runbook.Command{Verb: v, Dataset: "orders", To: to}
	}
	mode := func(m topology.Mode, with string) runbook.Command {
		return runbook.Command{Verb: runbook.VerbMode, Dataset: "orders", Mode: m, With: with}
	}
	reseed := func(region string) runbook.Command {
		return runbook.Command{Verb: runbook.VerbReseed, Dataset: "orders", Region: region}
	}
	for name, tt := range map[string]struct {
		down string
		c    runbook.Command
	}{
		"switchover to the authority":    {"", orders(runbook.VerbSwitchover, "a")},
		"switchover to a lost region":    {"c", orders(runbook.VerbSwitchover, "c")},
		"switchover during a failover":   {"a", orders(runbook.VerbSwitchover, "b")},
		"promote while the other serves": {"", orders(runbook.VerbPromote, "b")},
		"force while the other serves":   {"", orders(runbook.VerbForce, "b")},
		"promote the lost authority":     {"a", orders(runbook.VerbPromote, "a")},
		"force the lost authority":       {"a", orders(runbook.VerbForce, "a")},
		"the mode that it has":           {"", mode(topology.ModeAsync, "")},
		"sync with the authority":        {"", mode(topology.ModeSync, "a")},
		"sync with a lost region":        {"c", mode(topology.ModeSync, "c")},
		"a mode during a failover":       {"a", mode(topology.ModeQuorum, "")},
		"reseed of the authority":        {"", reseed("a")},
		"reseed of a lost region":        {"c", reseed("c")},
		"reseed during a failover":       {"a", reseed("b")},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLedScript(t, topology.Durability{Mode: topology.ModeAsync}, "operator")
			state := drill.NewState()
			happens := func(b drill.Body) { state.Apply(drill.Event{T: s.now, Body: b}) }
			spec := s.m.rules.Dataset
			happens(drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "a"}, {Name: "b"}, {Name: "c"}}, Datasets: []topology.Dataset{spec}}})
			happens(drill.PhaseEntered{Phase: drill.PhaseRunning})
			for _, region := range spec.Regions {
				happens(drill.RegionJudged{Region: region, Up: true})
			}
			happens(drill.AuthorityTook{Dataset: "orders", Region: "a", Epoch: 1})
			if tt.down != "" {
				s.down(tt.down)
				s.wait(time.Second)
				happens(drill.RegionJudged{Region: tt.down})
			}
			for _, staged := range bodies[drill.FailoverStaged](s) {
				happens(staged)
			}
			want := action.Check(state, tt.c)
			s.observe(exchange.Asked{Number: 1, Command: tt.c})
			got, answered := s.answer(1)
			if want == nil || !answered || !got.Refused || got.Err.Error() != want.Why || got.Next != want.Next {
				t.Errorf("%s: %+v, answered %v; want %+v", tt.c, got, answered, want)
			}
		})
	}
}
