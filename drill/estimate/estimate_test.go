package estimate

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// told is a drill that is told event by event, in its own time.
type told struct{ *drill.State }

func (d told) at(t time.Duration, bodies ...drill.Body) {
	for _, b := range bodies {
		d.Apply(drill.Event{Seq: d.LastSeq + 1, T: t, Body: b})
	}
}

const s = time.Second

// starting is a drill of two regions that begins, on a machine where some things took so long before.
func starting(took map[string]time.Duration) told {
	d := told{drill.NewState()}
	d.at(0, drill.DrillStarted{Fleet: topology.Fleet{Name: "two", Regions: []topology.Region{{Name: "east"}, {Name: "west"}}}, On: "kind",
		Plan: &runbook.Plan{Name: "lose"}, Took: took})
	return d
}

func stage(region, name string, status drill.StageStatus) drill.StageEntered {
	return drill.StageEntered{Region: region, Stage: name, Of: 2, Status: status, Expected: 40 * s}
}

// now is the estimate of a stage of a region.
func (d told) now(t *testing.T, region, name string) (Estimate, bool) {
	t.Helper()
	span, begun := d.StageSpan(region, name)
	if !begun {
		t.Fatalf("%s of %s has not begun", name, region)
	}
	return Of(d.State, OfStage(d.State, span))
}

// TestWhatAnEstimateIsMadeFrom: the platform's model where nothing was measured, then the last time on
// this machine, then another region in the same drill.
func TestWhatAnEstimateIsMadeFrom(t *testing.T) {
	d := starting(nil)
	d.at(1*s, stage("east", "create", drill.StageRunning), stage("west", "create", drill.StageRunning))
	if e, ok := d.now(t, "west", "create"); !ok || e != (Estimate{40 * s, Model}) {
		t.Errorf("nothing was measured: %+v, %v", e, ok)
	}
	d.at(2*s, drill.StageEntered{Region: "east", Stage: "other", Status: drill.StageRunning})
	if e, ok := d.now(t, "east", "other"); ok {
		t.Errorf("nothing was measured, and there is no model: %+v", e)
	}
	d = starting(map[string]time.Duration{"start: create": 30 * s})
	d.at(1*s, stage("east", "create", drill.StageRunning), stage("west", "create", drill.StageRunning))
	if e, ok := d.now(t, "west", "create"); !ok || e != (Estimate{30 * s, Last}) {
		t.Errorf("it was measured before: %+v, %v", e, ok)
	}
	d.at(5*s, stage("east", "create", drill.StageFailed))
	if e, _ := d.now(t, "west", "create"); e.From != Last {
		t.Errorf("what failed says nothing: %+v", e)
	}
	d.at(10*s, stage("east", "create", drill.StageRunning))
	d.at(24*s, stage("east", "create", drill.StageDone))
	if e, ok := d.now(t, "west", "create"); !ok || e != (Estimate{14 * s, Here}) {
		t.Errorf("another region has done it: %+v, %v", e, ok)
	}
}

// TestARestartIsNoStart: a region that comes back has stages of the same names, and takes another time; also in a
// drill that had no steady check.
func TestARestartIsNoStart(t *testing.T) {
	for _, first := range []drill.Phase{drill.PhaseSteady, drill.PhaseRunning} {
		restart(t, first)
	}
}

func restart(t *testing.T, first drill.Phase) {
	t.Helper()
	d := starting(nil)
	d.at(0, stage("east", "wait", drill.StageRunning))
	d.at(30*s, stage("east", "wait", drill.StageDone), drill.PhaseEntered{Phase: first})
	if e, _ := Of(d.State, BringUp(d.State)); e != (Estimate{30 * s, Here}) {
		t.Errorf("the bring-up: %+v", e)
	}
	d.at(40*s, drill.PhaseEntered{Phase: drill.PhaseRunning}, stage("east", "wait", drill.StageRunning))
	if e, _ := d.now(t, "east", "wait"); e.From != Model {
		t.Errorf("the first restart goes by the start: %+v", e)
	}
	d.at(49*s, stage("east", "wait", drill.StageDone))
	d.at(60*s, stage("west", "wait", drill.StageRunning))
	if e, _ := d.now(t, "west", "wait"); e != (Estimate{9 * s, Here}) {
		t.Errorf("the second restart: %+v", e)
	}
}

func TestCommands(t *testing.T) {
	d := starting(map[string]time.Duration{"restore": 12 * s, "lose, step 2: wait for steady": 4 * s})
	step := 1
	d.at(1*s, drill.CommandTaken{ID: 1, Command: runbook.Command{Verb: runbook.VerbRestore, Region: "east"}},
		drill.CommandTaken{ID: 2, Command: runbook.Command{Verb: runbook.VerbWait, For: runbook.WaitSteady}, Step: &step},
		drill.CommandTaken{ID: 3, Command: runbook.Command{Verb: runbook.VerbWait, For: runbook.WaitSteady}},
		drill.CommandTaken{ID: 4, Command: runbook.Command{Verb: runbook.VerbNote, Text: "now"}},
		drill.CommandTaken{ID: 5, Command: runbook.Command{Verb: runbook.VerbRestore, Region: "west"}, After: 1},
		drill.CommandTaken{ID: 6, Command: runbook.Command{Verb: runbook.VerbCordon, Region: "west"}})
	for id, want := range map[int]time.Duration{1: 12 * s, 2: 4 * s, 3: 0, 4: 0, 5: 0, 6: 0} {
		w, is := OfCommand(d.State, d.Command(id))
		e, known := Of(d.State, w)
		if known != (want > 0) || e.Whole != want && known {
			t.Errorf("command %d, waited for %v: %+v, %v", id, is, e, known)
		}
	}
	d.at(8*s, drill.CommandDone{ID: 1}, drill.CommandBegun{ID: 5})
	w, _ := OfCommand(d.State, d.Command(5))
	if e, _ := Of(d.State, w); e != (Estimate{7 * s, Here}) || w.Ran(10*s) != 2*s || e.Left(2*s) != 5*s || e.Left(9*s) != 0 {
		t.Errorf("the second restore: %+v, ran %s", e, w.Ran(10*s))
	}
}

func TestShareIsNeverAll(t *testing.T) {
	for ran, want := range map[time.Duration]float64{0: 0, 5 * s: 0.5, 10 * s: 0.95, time.Hour: 0.95, -s: 0} {
		if got := (Estimate{Whole: 10 * s}).Share(ran); got != want {
			t.Errorf("after %s: %v, want %v", ran, got, want)
		}
	}
}

// TestWhatIsKeptOfADrill: each kind once, with how long it took last; nothing of what failed or was
// broken off, and of a fleet that was joined nothing of its coming up.
func TestWhatIsKeptOfADrill(t *testing.T) {
	d := starting(map[string]time.Duration{"from before": s})
	d.at(0, stage("east", "create", drill.StageRunning), stage("west", "create", drill.StageRunning))
	d.at(10*s, stage("east", "create", drill.StageDone))
	d.at(12*s, stage("west", "create", drill.StageDone))
	d.at(13*s, drill.PhaseEntered{Phase: drill.PhaseSteady})
	d.at(19*s, drill.PhaseEntered{Phase: drill.PhaseRunning},
		drill.CommandTaken{ID: 1, Command: runbook.Command{Verb: runbook.VerbRestore, Region: "east"}},
		drill.CommandTaken{ID: 2, Command: runbook.Command{Verb: runbook.VerbKill, Region: "west"}})
	d.at(20*s, drill.CommandFailed{ID: 2, Error: "no"})
	d.at(29*s, drill.CommandDone{ID: 1})
	d.at(30*s, drill.PhaseEntered{Phase: drill.PhaseFinal})
	d.at(36*s, drill.DrillEnded{Verdict: drill.Passed})
	d.at(36*s, stage("east", "delete", drill.StageRunning), stage("west", "delete", drill.StageRunning))
	d.at(38*s, stage("east", "delete", drill.StageDone), stage("west", "delete", drill.StageFailed))
	want := map[string]time.Duration{"bring-up": 13 * s, "start: create": 12 * s, "lose: warm-up": 6 * s, "restore": 10 * s, "lose: last check": 6 * s, "stop: delete": 2 * s}
	equal(t, Took(d.State), want)
	delete(want, "bring-up")
	delete(want, "start: create")
	equal(t, Joining(Took(d.State)), want)

	broken := starting(nil)
	broken.at(0, stage("east", "create", drill.StageRunning))
	broken.at(3*s, stage("east", "create", drill.StageFailed), drill.DrillEnded{Verdict: drill.Aborted})
	equal(t, Took(broken.State), map[string]time.Duration{})
}

func equal(t *testing.T, got, want map[string]time.Duration) {
	t.Helper()
	for what := range got {
		if got[what] != want[what] {
			t.Errorf("%s took %s, want %s", what, got[what], want[what])
		}
	}
	for what := range want {
		if _, is := got[what]; !is {
			t.Errorf("%s is missing", what)
		}
	}
}
