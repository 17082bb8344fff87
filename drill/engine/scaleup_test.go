package engine

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

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

// One failover of several datasets scales the region that it promotes once, and the next failover to it scales it again
// where somebody has made it smaller meanwhile.
func TestEachFailoverScalesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		none := 0
		d, _, _ := modelDrillOf(topology.Fleet{
			Regions: []topology.Region{{Name: "east"}, {Name: "west", Web: &none}}, Web: topology.Web{Replicas: 3}, Failover: topology.FailoverPolicy{ScaleWeb: true},
			Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}, {Name: "carts", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
		})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { (&Engine{bus: d.bus}).scaleUp(ctx, d); close(ended) }()
		defer func() { stop(); <-ended }()
		synctest.Wait()
		fail := func(id int) {
			for _, dataset := range []string{"orders", "carts"} {
				d.bus.Emit(drill.FailoverStaged{ID: id, Dataset: dataset, From: "east", To: "west", Cause: "fault", Epoch: uint64(id + 1), Stage: drill.StagePromote})
			}
			time.Sleep(time.Minute)
		}
		fail(1)
		if err := d.begin(runbook.Command{Verb: runbook.VerbScale, Region: "west", Replicas: runbook.Counted(1), By: "operator"}, nil).run(ctx); err != nil {
			t.Fatal(err)
		}
		fail(2)
		var to []int
		d.state(func(s *drill.State) {
			for _, c := range s.Commands {
				to = append(to, c.Command.Replicas.N)
			}
		})
		if !slices.Equal(to, []int{3, 1, 3}) {
			t.Errorf("it was scaled to %v", to)
		}
	})
}
