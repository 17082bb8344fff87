package conflict

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// underWay is a fleet where commands were taken.
func underWay(taken ...drill.Body) *drill.State {
	s := drill.NewState()
	fleet := topology.Fleet{
		Regions:  []topology.Region{{Name: "east"}, {Name: "west"}, {Name: "south", Zones: 3}},
		Datasets: []topology.Dataset{{Name: "orders", Regions: []string{"east", "west", "south"}}, {Name: "pair", Regions: []string{"east", "west"}}},
		Users:    []topology.Population{{Name: "near", Datasets: []string{"orders"}}},
	}
	for i, b := range append([]drill.Body{drill.DrillStarted{Fleet: fleet}}, taken...) {
		s.Apply(drill.Event{Seq: uint64(i + 1), Body: b})
	}
	return s
}

func TestTwoCommandsDoNotWorkOnTheSame(t *testing.T) {
	s := underWay(drill.CommandTaken{ID: 3, Command: runbook.Command{Verb: runbook.VerbKill, Region: "east"}},
		drill.CommandTaken{ID: 4, Command: runbook.Command{Verb: runbook.VerbMode, Dataset: "orders", Mode: topology.ModeSync, With: "west"}},
		drill.CommandTaken{ID: 5, Command: runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{"west", "south"}}})
	tests := []struct {
		c    runbook.Command
		want int
	}{
		{runbook.Command{Verb: runbook.VerbFreeze, Region: "east"}, 3},
		{runbook.Command{Verb: runbook.VerbFreeze, Region: "west"}, 5}, // whether it answers decides whether the cut can be proved
		{runbook.Command{Verb: runbook.VerbCordon, Region: "west"}, 0},
		{runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "west"}, 4},
		{runbook.Command{Verb: runbook.VerbReseed, Dataset: "orders", Region: "east"}, 4},
		{runbook.Command{Verb: runbook.VerbReseed, Dataset: "pair", Region: "east"}, 0},
		{runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{"south", topology.EndOthers}}, 5},
		{runbook.Command{Verb: runbook.VerbHeal, Between: [2]string{"west", "east"}}, 0}, // another link
		{runbook.Command{Verb: runbook.VerbHeal, From: "west", To: "south"}, 5},
		{runbook.Command{Verb: runbook.VerbNote, Text: "look"}, 0},
	}
	for _, tt := range tests {
		got := 0
		if r := InUse(s, tt.c); r != nil {
			got = r.Command
		}
		if got != tt.want {
			t.Errorf("%s: held up by command %d, want %d", tt.c, got, tt.want)
		}
	}
}

// What is done to a zone disturbs what is done to its region and to its other zones; only what restores that zone, or the whole
// region, takes it back.
func TestAZoneIsAPartOfItsRegion(t *testing.T) {
	on := func(v runbook.Verb, zone string) runbook.Command {
		return runbook.Command{Verb: v, Domain: topology.Target{Kind: topology.DomainZone, Name: zone}}
	}
	south := func(v runbook.Verb) runbook.Command { return runbook.Command{Verb: v, Region: "south"} }
	for _, tt := range []struct {
		taken, c       runbook.Command
		refused, waits bool
	}{
		{on(runbook.VerbKill, "south-a"), south(runbook.VerbKill), true, false},
		{south(runbook.VerbKill), on(runbook.VerbKill, "south-a"), true, false},
		{on(runbook.VerbKill, "south-a"), on(runbook.VerbKill, "south-b"), true, false},
		{on(runbook.VerbKill, "south-a"), on(runbook.VerbRestore, "south-a"), false, true},
		{on(runbook.VerbKill, "south-a"), south(runbook.VerbRestore), false, true},
		{on(runbook.VerbKill, "south-a"), on(runbook.VerbRestore, "south-b"), true, false},
		{south(runbook.VerbKill), on(runbook.VerbRestore, "south-a"), true, false},
		{on(runbook.VerbKill, "south-a"), runbook.Command{Verb: runbook.VerbKill, Region: "west"}, false, false},
	} {
		s := underWay(drill.CommandTaken{ID: 1, Command: tt.taken})
		if r := InUse(s, tt.c); (r != nil) != tt.refused || Waits(s, tt.c) != tt.waits {
			t.Errorf("%s while %s is under way: refused %v, waits %v", tt.c, tt.taken, r, Waits(s, tt.c))
		}
	}
}

// What takes back the newest of what is under way waits for it and is not refused, once.
func TestWhatUndoesACommandUnderWayWaitsForIt(t *testing.T) {
	taken := func(id int, v runbook.Verb, c runbook.Command) drill.Body {
		c.Verb = v
		return drill.CommandTaken{ID: id, Command: c}
	}
	cut, back := runbook.Command{Between: [2]string{"west", topology.EndOthers}}, runbook.Command{Verb: runbook.VerbHeal, Between: [2]string{"west", topology.EndOthers}}
	s := underWay(taken(1, runbook.VerbPartition, cut))
	if r := InUse(s, back); r != nil || !Waits(s, back) {
		t.Errorf("heal while the cut is proved: %v, waits %v", r, Waits(s, back))
	}
	s = underWay(taken(1, runbook.VerbPartition, cut), taken(2, runbook.VerbHeal, cut))
	if r := InUse(s, back); r == nil || r.Command != 2 || Waits(s, back) {
		t.Errorf("healed twice: %v, waits %v", r, Waits(s, back))
	}
	other := runbook.Command{Verb: runbook.VerbHeal, Between: [2]string{"west", "east"}}
	if s = underWay(taken(1, runbook.VerbPartition, cut)); InUse(s, other) == nil {
		t.Error("a heal of other ends takes nothing back, and is let through")
	}
	for _, pair := range [][2]runbook.Verb{{runbook.VerbKill, runbook.VerbRestore}, {runbook.VerbFreeze, runbook.VerbRestore}, {runbook.VerbCordon, runbook.VerbUncordon}, {"brownout", "clear"}} {
		c := runbook.Command{Region: "east"}
		if pair[0] == "brownout" {
			c = cut
		}
		undo := c
		undo.Verb = pair[1]
		if s := underWay(taken(1, pair[0], c)); !Waits(s, undo) {
			t.Errorf("%s does not wait for %s", pair[1], pair[0])
		}
	}
}

// No move of the dataset keeps a user from writing.
func TestAWriteWaitsForNothing(t *testing.T) {
	s := underWay(drill.CommandTaken{ID: 1, Command: runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "west"}})
	if r := InUse(s, runbook.Command{Verb: action.VerbWrite, Dataset: "orders", Population: "near", Text: "x"}); r != nil {
		t.Errorf("during a switchover: %v", r)
	}
}
