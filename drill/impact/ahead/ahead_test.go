package ahead

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What is predicted goes by what the plan does next: when it lifts the fault, behind a wait or not, whichever end it names
// first; whom it promotes; which mode it switches to.
func TestAPlansNextStepsArePartOfThePrediction(t *testing.T) {
	const s = time.Second
	kill := runbook.Command{Verb: runbook.VerbKill, Region: "east"}
	cut := runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{"east", "west"}}
	heal := runbook.Command{Verb: runbook.VerbHeal, Between: [2]string{"west", "east"}}
	step := func(at time.Duration, c runbook.Command) runbook.Step { return runbook.Step{At: at, Command: c} }
	restore := runbook.Command{Verb: runbook.VerbRestore, Region: "east"}
	zone := func(v runbook.Verb, name string) runbook.Command {
		return runbook.Command{Verb: v, Domain: topology.Target{Kind: topology.DomainZone, Name: name}}
	}
	recovered := runbook.Command{Verb: runbook.VerbWait, For: runbook.WaitRecovered}
	for _, tt := range []struct {
		name  string
		steps []runbook.Step
		c     runbook.Command
		at    int // the step that has been started
		undo  runbook.Verb
		want  Steps
	}{
		{"no step lifts it", []runbook.Step{step(0, kill)}, kill, 0, runbook.VerbRestore, Steps{Undone: DefaultUndone}},
		{"one does", []runbook.Step{step(s, kill), step(4*s, restore)}, kill, 0, runbook.VerbRestore, Steps{Undone: 3 * s}},
		{"one does, behind a wait", []runbook.Step{step(0, kill), step(0, recovered), step(s/2, restore)}, kill, 0, runbook.VerbRestore, Steps{Undone: AfterWait}},
		{"one does, behind a wait for regions", []runbook.Step{step(0, kill), step(0, runbook.Command{Verb: runbook.VerbWait, For: runbook.WaitCaughtUp}), step(s, restore)}, kill, 0, runbook.VerbRestore,
			Steps{Undone: s + runbook.WaitTakes}},
		{"the ends the other way round", []runbook.Step{step(0, cut), step(2*s, heal)}, cut, 0, runbook.VerbHeal, Steps{Undone: 2 * s}},
		{"the second of two that say the same", []runbook.Step{step(0, cut), step(s, heal), step(8*s, cut), step(20*s, heal)}, cut, 2, runbook.VerbHeal, Steps{Undone: 12 * s}},
		{"another region is restored", []runbook.Step{step(0, kill), step(s, runbook.Command{Verb: runbook.VerbRestore, Region: "west"})}, kill, 0, runbook.VerbRestore, Steps{Undone: DefaultUndone}},
		{"a zone is restored, after another one", []runbook.Step{step(0, zone(runbook.VerbKill, "east-a")), step(s, zone(runbook.VerbRestore, "east-b")), step(3*s, zone(runbook.VerbRestore, "east-a"))},
			zone(runbook.VerbKill, "east-a"), 0, runbook.VerbRestore, Steps{Undone: 3 * s}},
		{"a zone's region is restored", []runbook.Step{step(0, zone(runbook.VerbKill, "east-a")), step(3*s, restore)}, zone(runbook.VerbKill, "east-a"), 0, runbook.VerbRestore, Steps{Undone: 3 * s}},
		{"a person promotes, and loosens the mode", []runbook.Step{step(0, kill),
			step(2*s, runbook.Command{Verb: runbook.VerbMode, Dataset: "orders", Mode: topology.ModeAsync}),
			step(4*s, runbook.Command{Verb: runbook.VerbPromote, Dataset: "orders", To: "west"})}, kill, 0, runbook.VerbRestore,
			Steps{Undone: DefaultUndone, Moved: map[string]time.Duration{"orders": 4 * s}, Freed: map[string]time.Duration{"orders": 2 * s}}},
	} {
		state := drill.NewState()
		state.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "east", Zones: 2}, {Name: "west"}}},
			Plan: &runbook.Plan{Steps: tt.steps}}})
		state.Step = tt.at
		c := tt.c
		c.By = "drill"
		got := Of(state, c, tt.undo)
		if got.Undone != tt.want.Undone || got.Moved["orders"] != tt.want.Moved["orders"] || got.Freed["orders"] != tt.want.Freed["orders"] {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// Replicas that start take as long as the last that did; how long others took to end says nothing of that, nor does a journal that has no time.
func TestHowLongScalingUpTakes(t *testing.T) {
	scaled := func(was, replicas int, took time.Duration) drill.ScaledAt {
		return drill.ScaledAt{RegionScaled: drill.RegionScaled{Region: "a", Was: was, Replicas: replicas, Took: took}}
	}
	for name, tt := range map[string]struct {
		before []drill.ScaledAt
		want   time.Duration
	}{
		"none before": {nil, webStarts},
		"up":          {[]drill.ScaledAt{scaled(1, 4, time.Second), scaled(1, 4, 2*time.Second)}, 2 * time.Second},
		"up and down": {[]drill.ScaledAt{scaled(1, 4, 2*time.Second), scaled(4, 1, time.Millisecond)}, 2 * time.Second},
		"down alone":  {[]drill.ScaledAt{scaled(4, 1, time.Millisecond)}, webStarts},
		"untold":      {[]drill.ScaledAt{scaled(1, 4, 0)}, webStarts},
	} {
		if got := ScaleUp(&drill.State{Scaled: tt.before}); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
