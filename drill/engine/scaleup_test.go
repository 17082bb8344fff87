package engine

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A failover's promotion is followed by a scaling where the fleet asks for that and the region
// has fewer replicas than the fleet says; nothing else is.
func TestWhatScalesUp(t *testing.T) {
	none := 0
	fleet := topology.Fleet{Regions: []topology.Region{{Name: "a"}, {Name: "b", Web: &none}}, Web: topology.Web{Replicas: 3},
		Failover: topology.FailoverPolicy{ScaleWeb: true},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "a", Regions: []string{"a", "b"}}}}
	promoted := func(to string) drill.Body {
		return drill.FailoverStaged{ID: 1, Dataset: "orders", From: "a", To: to, Cause: "fault", Epoch: 2, Stage: drill.StagePromote}
	}
	for _, tt := range []struct {
		name   string
		change func(*topology.Fleet)
		body   drill.Body
		want   string
	}{
		{"a pilot light is promoted", nil, promoted("b"), "b"},
		{"one that has all its replicas", nil, promoted("a"), ""},
		{"a fleet that does not ask", func(f *topology.Fleet) { f.Failover.ScaleWeb = false }, promoted("b"), ""},
		{"the stage before", nil, drill.FailoverStaged{ID: 1, Dataset: "orders", From: "a", To: "b", Stage: drill.StageDecide}, ""},
		{"a switchover", nil, drill.SwitchoverDone{ID: 1, Dataset: "orders", From: "a", To: "b"}, ""},
	} {
		f := fleet
		if tt.change != nil {
			tt.change(&f)
		}
		s := drill.NewState()
		s.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{Fleet: f}})
		c := scaledUp(s, tt.body)
		if c.Region != tt.want || tt.want != "" && (c.Replicas != runbook.Counted(3) || c.By != runbook.ByController || c.Verb != runbook.VerbScale) {
			t.Errorf("%s: %+v", tt.name, c)
		}
	}
}
