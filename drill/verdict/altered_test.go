package verdict

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// TestAPersonsCommandAltersAPlan holds that what a person did beside the plan makes its result
// inconclusive, that they are told before, and that both go by one rule.
func TestAPersonsCommandAltersAPlan(t *testing.T) {
	kill := runbook.Command{Verb: runbook.VerbKill, Region: "eu-west", By: "operator"}
	promote := runbook.Command{Verb: runbook.VerbPromote, Dataset: "orders", To: "eu-west", By: "operator"}
	const refused = "not now"
	for _, tt := range []struct {
		name    string
		change  func(*drill.State)
		command runbook.Command
		failed  string
		warns   bool
		alters  bool
	}{
		{name: "a kill", command: kill, warns: true, alters: true},
		{name: "a kill that was refused", command: kill, failed: refused, warns: true},
		{name: "a note", command: runbook.Command{Verb: runbook.VerbNote, Text: "look", By: "operator"}},
		{name: "a promotion", command: promote, warns: true, alters: true},
		{name: "a promotion that the fleet leaves to a person", command: promote,
			change: func(s *drill.State) { s.Fleet.Failover.Decide = topology.DecideOperator }},
		{name: "a kill where the fleet leaves promotions to a person", command: kill, warns: true, alters: true,
			change: func(s *drill.State) { s.Fleet.Failover.Decide = topology.DecideOperator }},
		{name: "in a free drill", command: kill, change: func(s *drill.State) { s.Plan = nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := drilled()
			if tt.change != nil {
				tt.change(s)
			}
			if warned := Alters(s, tt.command); (warned != "") != tt.warns || tt.warns && !strings.Contains(warned, "inconclusive") {
				t.Errorf("a person reads %q before", warned)
			}
			at := func(b drill.Body) { s.Apply(drill.Event{Seq: s.LastSeq + 1, T: 22 * time.Second, Body: b}) }
			at(drill.CommandTaken{ID: 9, Command: tt.command})
			if tt.failed != "" {
				at(drill.CommandFailed{ID: 9, Command: tt.command, Error: tt.failed, Refused: true})
			} else {
				at(drill.CommandDone{ID: 9, Command: tt.command})
			}
			_, verdict, why := Judge(s)
			if s.Plan == nil {
				return // inconclusive for want of goals
			}
			want := drill.Passed
			if tt.alters {
				want = drill.Inconclusive
			}
			if verdict != want || tt.alters != strings.Contains(why, tt.command.String()+", asked by operator, was no step of the plan") {
				t.Errorf("%s: %s", verdict, why)
			}
		})
	}
}

func TestAltersSaysWhereThePlanIs(t *testing.T) {
	s := drilled()
	kill := runbook.Command{Verb: runbook.VerbKill, Region: "eu-west"}
	if got, want := Alters(s, kill), "this drill's plan has not begun, and “kill eu-west” is none of it: its result will be inconclusive"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s.Step = 1
	if got := Alters(s, kill); !strings.Contains(got, "is at step 2 of 4") {
		t.Errorf("got %q", got)
	}
}
