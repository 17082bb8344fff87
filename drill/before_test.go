package drill

import (
	"reflect"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What a journal of before effects lacks is completed by one rule, for a command and for its fault alike.
func TestAnOldCommandHasTheEffectOfItsFault(t *testing.T) {
	fleet := topology.Fleet{Regions: []topology.Region{{Name: "east"}, {Name: "west"}}}
	shape := topology.Shape{Loss: 0.1}
	both := []topology.Way{{From: "east", To: "west"}, {From: "west", To: "east"}}
	for _, tt := range []struct {
		command runbook.Command
		fault   FaultProved
		want    runbook.Effect
	}{
		{runbook.Command{Verb: runbook.VerbKill, Region: "east"}, FaultProved{Fault: FaultKill, Region: "east"}, runbook.Effect{Stops: []string{"east"}, Undo: runbook.VerbRestore}},
		{runbook.Command{Verb: runbook.VerbFreeze, Region: "east"}, FaultProved{Fault: FaultFreeze, Region: "east"}, runbook.Effect{Stops: []string{"east"}, Still: true, Undo: runbook.VerbRestore}},
		{runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{"east", "west"}}, FaultProved{Fault: FaultPartition, Between: []string{"east", "west"}}, runbook.Effect{Cuts: both, Undo: runbook.VerbHeal}},
		{runbook.Command{Verb: runbook.VerbPartition, From: "west", To: "east"}, FaultProved{Fault: FaultPartition, Between: []string{"west", "east"}, OneWay: true}, runbook.Effect{Cuts: both[1:], Undo: runbook.VerbHeal}},
		{runbook.Command{Verb: "brownout", Between: [2]string{"east", "west"}, Shape: shape}, FaultProved{Fault: "brownout", Between: []string{"east", "west"}, Shape: shape}, runbook.Effect{Reshapes: both, Shape: shape, Undo: "clear"}},
	} {
		s := NewState()
		s.Apply(Event{Seq: 1, Body: DrillStarted{Fleet: fleet}})
		s.Apply(Event{Seq: 2, Body: CommandTaken{ID: 1, Command: tt.command}})
		s.Apply(Event{Seq: 3, Body: tt.fault})
		if got := s.Commands[0].Effect; !reflect.DeepEqual(got, tt.want) {
			t.Errorf("command %s: %+v, want %+v", tt.command, got, tt.want)
		}
		if got := s.Faults[0].Effect; !reflect.DeepEqual(got, tt.want) {
			t.Errorf("fault of %s: %+v, want %+v", tt.command, got, tt.want)
		}
	}
}
