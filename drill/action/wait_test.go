package action

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A wait is over once users have recovered from what can be recovered from: a brownout that
// holds can't be, one that was cleared can.
func TestWhatAWaitWaitsFor(t *testing.T) {
	slow := drill.FaultProved{ID: 1, Fault: faultBrownout, Between: []string{"east", "west"}, Shape: topology.Shape{RTT: time.Second}}
	tests := []struct {
		name   string
		events []drill.Body
		want   bool
	}{
		{"nothing happened", nil, true},
		{"a kill", kill1("south"), false},
		{"a kill that users recovered from", append(kill1("south"), drill.Recovered{Fault: 1}), true},
		{"a brownout that holds", []drill.Body{slow}, true},
		{"a brownout that was cleared", []drill.Body{slow, drill.FaultLifted{ID: 1}}, false},
		{"a brownout that users recovered from", []drill.Body{slow, drill.FaultLifted{ID: 1}, drill.Recovered{Fault: 1}}, true},
		{"a command under way", []drill.Body{drill.CommandTaken{ID: 3, Command: runbook.Command{Verb: runbook.VerbCordon, Region: "east"}}}, false},
		{"the wait itself", []drill.Body{drill.CommandTaken{ID: 9, Command: runbook.Command{Verb: runbook.VerbWait}}}, true},
	}
	for _, tt := range tests {
		if got := rule.Recovered(serving(tt.events...), 9); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A fleet is whole where all that serves nobody was broken or scaled to that, and not where something died by itself.
func TestWhatAFleetIsGatheredWithout(t *testing.T) {
	unserved := []drill.Body{drill.RegionUnserved{Region: "south", On: true}, drill.RegionJudged{Region: "south"}}
	part := func(w runbook.Weakening) drill.Body {
		w.Region = "south"
		return drill.FaultProved{ID: 1, Region: "south", Part: w.Part, Effect: runbook.Effect{Weakens: []runbook.Weakening{w}}}
	}
	for name, tt := range map[string]struct {
		events      []drill.Body
		away, whole bool
	}{
		"all serve":               {nil, false, true},
		"its web tier was killed": {append([]drill.Body{part(runbook.Weakening{Part: runbook.PartWeb})}, unserved...), false, true},
		"its web tier died":       {unserved, false, false},
		"it was scaled to none":   {append([]drill.Body{drill.RegionScaled{Region: "south"}}, unserved...), false, true},
		"its store hangs":         {[]drill.Body{part(runbook.Weakening{Part: runbook.PartStore, Web: 1, Store: true})}, true, true},
		"it was killed":           {kill1("south"), true, true},
		"it died by itself":       {[]drill.Body{drill.RegionJudged{Region: "south"}}, false, false},
	} {
		s := serving(append([]drill.Body{drill.RegionScaled{Region: "south", Replicas: 2}}, tt.events...)...)
		if away, whole := rule.Gathered(s); away["south"] != tt.away || whole != tt.whole {
			t.Errorf("%s: away %v, whole %t; want %t and %t", name, away, whole, tt.away, tt.whole)
		}
	}
	s := serving()
	s.Hub = &drill.RegionState{Health: drill.HealthDown}
	if _, whole := rule.Gathered(s); whole {
		t.Error("the hub died, and the fleet is whole")
	}
	s.Hub.Fault = &drill.Fault{}
	if _, whole := rule.Gathered(s); !whole {
		t.Error("a hub that was killed is waited for")
	}
}

// A fleet is whole once its reconcilers have brought each region to the newest commit; what nobody reconciles is not waited for.
func TestAFleetIsGatheredWithItsConfiguration(t *testing.T) {
	first, second := config.Revision{Hash: "1"}, config.Revision{Hash: "2"}
	has := func(region string, r config.Revision) drill.Body {
		return drill.Configured{News: config.Applied{Region: region, Revision: r.Hash}}
	}
	everywhere := func(r config.Revision) []drill.Body {
		return []drill.Body{
			drill.Configured{News: config.Committed{Revision: r}}, drill.Configured{News: config.Released{Revision: r.Hash, Regions: []string{"north", "south"}}},
			has("north", r), has("south", r),
		}
	}
	by := []config.Field{{Object: config.Ref{Kind: "Deployment", Name: "web"}, Path: "spec.replicas"}}
	for name, tt := range map[string]struct {
		mode   string
		events []drill.Body
		whole  bool
	}{
		"all have it":        {topology.ConfigPull, everywhere(first), true},
		"one is behind":      {topology.ConfigPull, append(everywhere(first), drill.Configured{News: config.Committed{Revision: second}}, has("north", second)), false},
		"one is not seen":    {topology.ConfigPull, append(everywhere(first), drill.Configured{News: config.Unreached{Region: "south", On: true, Why: "no answer"}}), false},
		"one differs":        {topology.ConfigPull, append(everywhere(first), drill.Configured{News: config.Drifted{Region: "south", Fields: by}}), false},
		"nobody looks":       {topology.ConfigManual, append(everywhere(first), drill.Configured{News: config.Drifted{Region: "south", Fields: by}}), true},
		"what was killed is": {topology.ConfigPull, append(append(everywhere(first), drill.Configured{News: config.Unreached{Region: "south", On: true, Why: "no answer"}}), kill1("south")...), true},
	} {
		s := serving(tt.events...)
		s.Fleet.Config = &topology.Config{Mode: tt.mode}
		if _, whole := rule.Gathered(s); whole != tt.whole {
			t.Errorf("%s: whole %t, want %t", name, whole, tt.whole)
		}
	}
}

// heldEvents is a bus that says whether its lock is held, and has an event whenever the
// state is looked at and does not suffice.
type heldEvents struct {
	port.Events
	state *drill.State
	held  bool
}

func (e *heldEvents) Wait(ctx context.Context, holds func(*drill.State) bool) error {
	for ctx.Err() == nil {
		e.held = true
		done := holds(e.state)
		e.held = false
		if done {
			return nil
		}
		e.state.Apply(drill.Event{Seq: e.state.LastSeq + 1, Body: drill.NoteWritten{Text: "x"}})
	}
	return ctx.Err()
}

// slowGathered is controllers whose replicas are gathered when they are asked a third time.
type slowGathered struct {
	port.Data
	events *heldEvents
	asked  []uint64 // after which events
	locked bool
}

func (d *slowGathered) Gathered(map[string]bool) bool {
	d.locked = d.locked || d.events.held
	d.asked = append(d.asked, d.events.state.LastSeq)
	return len(d.asked) == 3
}

// The controllers have locks of their own: they are asked with none of the bus's held, once
// after each event.
func TestAWaitAsksTheControllersOutsideTheLock(t *testing.T) {
	events := &heldEvents{state: serving()}
	first := events.state.LastSeq
	data := &slowGathered{events: events}
	r := Rig{ID: 9, Events: events, Data: data}
	if _, err := waitFor(t.Context(), r, runbook.Command{Verb: runbook.VerbWait, For: runbook.WaitRecovered}); err != nil || len(data.asked) != 0 {
		t.Errorf("recovered: %v, the controllers were asked %d times", err, len(data.asked))
	}
	if _, err := waitFor(t.Context(), r, runbook.Command{Verb: runbook.VerbWait, For: runbook.WaitSteady}); err != nil {
		t.Fatal(err)
	}
	if data.locked {
		t.Error("a controller was asked with the bus's lock held")
	}
	if want := []uint64{first, first + 1, first + 2}; !slices.Equal(data.asked, want) {
		t.Errorf("asked after events %v, want %v", data.asked, want)
	}
}

// A wait for what nobody mends is given up after a while, and says why: a role that was taken away by hand in the region that leads,
// where nobody reconciles. Where somebody may, or users were not hurt by it, it is waited for.
func TestAWaitThatIsGivenUp(t *testing.T) {
	binding := config.Ref{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "RoleBinding", Namespace: config.Namespace, Name: "write-orders"}
	roleGone := drill.Configured{News: config.Edited{Region: "east", Fields: []config.Field{{Object: binding, Wanted: "there"}}}}
	for name, tt := range map[string]struct {
		mode   string
		events []drill.Body
		want   string // "" is waited for
	}{
		"nobody mends it":     {topology.ConfigManual, append(kill1("south"), roleGone), "east: no role lets orders be written, and in manual mode nobody puts that right"},
		"a reconciler may":    {topology.ConfigPull, append(kill1("south"), roleGone), ""},
		"nobody was hurt":     {topology.ConfigManual, []drill.Body{roleGone}, ""},
		"nothing was changed": {topology.ConfigManual, kill1("south"), ""},
	} {
		s := serving(tt.events...)
		s.Fleet.Config = &topology.Config{Mode: tt.mode}
		var u unmended
		at := func(after time.Duration) error {
			s.Apply(drill.Event{Seq: s.LastSeq + 1, T: s.Now + after, Body: drill.NoteWritten{Text: "x"}})
			return u.tooLong(s)
		}
		if at(0) != nil || at(mendLimit-time.Second) != nil {
			t.Errorf("%s: it is given up at once", name)
		}
		got := ""
		if err := at(time.Second); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// laterEvents is a bus whose next event comes ten seconds later.
type laterEvents struct {
	port.Events
	state *drill.State
}

func (e *laterEvents) Wait(ctx context.Context, holds func(*drill.State) bool) error {
	for ctx.Err() == nil {
		if holds(e.state) {
			return nil
		}
		e.state.Apply(drill.Event{Seq: e.state.LastSeq + 1, T: e.state.Now + 10*time.Second, Body: drill.NoteWritten{Text: "x"}})
	}
	return ctx.Err()
}

// The step says why: of users who do not recover, and not that a limit is over.
func TestAWaitSaysWhyItWasGivenUp(t *testing.T) {
	binding := config.Ref{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "RoleBinding", Namespace: config.Namespace, Name: "write-orders"}
	s := serving(append(kill1("south"), drill.Configured{News: config.Edited{Region: "east", Fields: []config.Field{{Object: binding, Wanted: "there"}}}})...)
	s.Fleet.Config = &topology.Config{Mode: topology.ConfigManual}
	_, err := waitFor(t.Context(), Rig{ID: 9, Events: &laterEvents{state: s}}, runbook.Command{Verb: runbook.VerbWait, For: runbook.WaitSteady})
	if want := "not steady: east: no role lets orders be written, and in manual mode nobody puts that right"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// caughtUp is controllers whose replicas are gathered.
type caughtUp struct{ port.Data }

func (caughtUp) Gathered(map[string]bool) bool { return true }

// A wait for regions that have caught up goes by no user, and by commands that are under way: a restore is over before it is.
func TestAWaitForRegionsAlone(t *testing.T) {
	wait := func(condition string, events ...drill.Body) error {
		ctx, cancel := context.WithCancel(t.Context())
		rig := Rig{ID: 9, Events: &fewEvents{laterEvents{state: serving(events...)}, cancel}, Data: caughtUp{}}
		return rig.awaitCalm(ctx, condition)
	}
	back := append(kill1("south"), drill.FaultLifted{ID: 1, Region: "south"}, drill.RegionJudged{Region: "south", Up: true}) // users have not recovered
	restoring := append(back, drill.CommandTaken{ID: 3, Command: runbook.Command{Verb: runbook.VerbRestore, Region: "south"}})
	down := append(kill1("south"), drill.FaultLifted{ID: 1, Region: "south"}, drill.RegionJudged{Region: "south"})
	for name, tt := range map[string]struct {
		condition string
		events    []drill.Body
		met       bool
	}{
		"all are back":           {runbook.WaitCaughtUp, back, true},
		"users have to recover":  {runbook.WaitSteady, back, false},
		"a restore is under way": {runbook.WaitCaughtUp, restoring, false},
		"one is not up yet":      {runbook.WaitCaughtUp, down, false},
		"one is held away":       {runbook.WaitCaughtUp, kill1("south"), true},
	} {
		if err := wait(tt.condition, tt.events...); (err == nil) != tt.met {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// fewEvents is a bus on which nothing happens any more after a look.
type fewEvents struct {
	laterEvents
	end func()
}

func (e *fewEvents) Wait(ctx context.Context, holds func(*drill.State) bool) error {
	if holds(e.state) {
		return nil
	}
	e.end()
	return ctx.Err()
}
