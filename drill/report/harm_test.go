package report

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A command whose harm overlaps with another's says so, and is not held against its prediction; one that users have not
// recovered from has been counted so far, and makes the drill's recovery a lower bound.
func TestHarmThatIsNotOfOneCommandAlone(t *testing.T) {
	second := time.Second
	d := &diary{began: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)}
	d.at(0, drill.DrillStarted{Fleet: topology.Fleet{
		Regions: []topology.Region{{Name: "us-east"}, {Name: "eu-west"}, {Name: "ap-south"}}, Users: []topology.Population{{Name: "americas", Count: 500}}}})
	for id, c := range []runbook.Command{{Verb: runbook.VerbKill, Region: "us-east"}, {Verb: runbook.VerbCordon, Region: "ap-south"}, {Verb: runbook.VerbKill, Region: "eu-west"}} {
		d.at(time.Duration(10*id+1)*second, drill.CommandTaken{ID: id + 1, Command: c}, drill.ImpactPredicted{ID: id + 1, Impact: runbook.Impact{Share: 0.25}})
	}
	d.at(22*second,
		drill.FaultProved{ID: 1, Command: 1, Fault: drill.FaultKill, Region: "us-east", From: second}, drill.Recovered{Fault: 1, Since: 4 * second},
		drill.FaultProved{ID: 2, Command: 3, Fault: drill.FaultKill, Region: "eu-west", From: 20 * second})
	d.at(28*second, drill.TrafficSampled{Window: second, Populations: []telemetry.Population{{Population: "americas", Impacts: []telemetry.UserImpact{
		{Command: 1, Asked: 100, Affected: 20, From: second, Until: 4 * second, Closed: true},
		{Command: 2, Asked: 50, Affected: 9, From: 2 * second, Until: 3 * second, Closed: true},
		{Command: 3, Asked: 100, Affected: 60, From: 20 * second},
	}}}})
	r, err := FromEvents(d.events)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Traffic; got.Recovered != nil || got.RecoveredAtLeast == nil || *got.RecoveredAtLeast != 8 {
		t.Errorf("recovered after %v, at least %v", got.Recovered, got.RecoveredAtLeast)
	}
	if b := r.BlastRadius; !b.Open || len(b.With) != 0 || *b.Affected != 60 {
		t.Errorf("the worst command: %+v", b)
	}
	var out strings.Builder
	if err := Summary(&out, r); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"kill us-east 20 % of users affected with cordon ap-south, begun meanwhile: not to be compared with the predicted ~25 %",
		"cordon ap-south 18 % of users affected with kill us-east, not over then: not to be compared with the predicted ~25 %",
		"kill eu-west 60 % of users affected so far predicted ~25 %",
		"users affected 60 % 60 of 100 who asked so far",
		"not recovered from every fault, the longest at least 8.0 s",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says %q in\n%s", want, out.String())
		}
	}
}
