package gitops

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// governedPair is two regions that have their first commit.
func governedPair() *tape {
	p := &tape{State: drill.NewState()}
	p.after(0, drill.DrillStarted{Fleet: topology.Fleet{
		Regions: []topology.Region{{Name: "east"}, {Name: "west"}}, Config: &topology.Config{Mode: topology.ConfigHub, Every: time.Second},
	}}, news(config.Committed{Revision: config.Revision{Hash: "first"}}),
		news(config.Applied{Region: "east", Revision: "first"}), news(config.Applied{Region: "west", Revision: "first"}))
	return p
}

func (p *tape) sample() {
	p.after(0, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{}})
}

func seconds(n float64, atLeast bool) measure.Span {
	return measure.Span{D: time.Duration(n * float64(time.Second)), Known: true, AtLeast: atLeast}
}

// A change by hand that nobody puts right has lasted until now, at least; once it is put right it took what it took.
func TestHowLongAChangeByHandStays(t *testing.T) {
	t.Parallel()
	p := governedPair()
	if got := Mended(p.State); got.Known {
		t.Errorf("of no change by hand it is %+v", got)
	}
	field := config.Replicas()
	field.Wanted, field.Actual = "4", "1"
	p.after(time.Second, news(config.Edited{Region: "west", Fields: []config.Field{field}}))
	p.after(5*time.Second, drill.CommandTaken{ID: 1, Command: runbook.Command{Verb: runbook.VerbNote}})
	p.sample()
	if got := Mended(p.State); got != seconds(5, true) {
		t.Errorf("of one that is open it is %+v", got)
	}
	p.after(2*time.Second, news(config.Applied{Region: "west", Revision: "first", Fields: []config.Field{field}}))
	p.after(3*time.Second, news(config.Edited{Region: "west", Fields: []config.Field{field}}))
	p.after(time.Second, news(config.Applied{Region: "west", Revision: "first", Fields: []config.Field{field}}))
	if got := Mended(p.State); got != seconds(7, false) {
		t.Errorf("of two it is %+v, want the longer", got)
	}
}

// A commit is waited for by the slowest region, also by one that gets the next one in its place; one that no region can be given is
// waited for by none.
func TestHowLongACommitIsWaitedFor(t *testing.T) {
	t.Parallel()
	p := governedPair()
	if got := Reached(p.State); got.Known {
		t.Errorf("of bring-up alone it is %+v", got)
	}
	p.after(time.Second, news(config.Committed{Revision: config.Revision{Hash: "second"}}))
	p.after(time.Second, news(config.Applied{Region: "east", Revision: "second"}))
	p.after(2*time.Second, news(config.Committed{Revision: config.Revision{Hash: "third"}}))
	p.sample()
	if got := Reached(p.State); got != seconds(3, true) {
		t.Errorf("while west waits it is %+v", got)
	}
	p.after(time.Second, news(config.Applied{Region: "east", Revision: "third"}), news(config.Applied{Region: "west", Revision: "third"}))
	p.after(time.Second, news(config.Committed{Revision: config.Revision{Hash: "broken"}, Bad: "no YAML"}))
	p.after(9*time.Second, drill.CommandTaken{ID: 2, Command: runbook.Command{Verb: runbook.VerbNote}})
	p.sample()
	if got := Reached(p.State); got != seconds(4, false) {
		t.Errorf("once all have the third it is %+v", got)
	}
}

// Where no repository governs the fleet neither is known.
func TestNothingIsWaitedForWithoutARepository(t *testing.T) {
	t.Parallel()
	if s := drill.NewState(); Mended(s).Known || Reached(s).Known {
		t.Errorf("%+v, %+v", Mended(s), Reached(s))
	}
}
