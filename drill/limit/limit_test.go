package limit

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func ptr[T any](v T) *T { return &v }

// undecided is a drill whose leader was lost at 2 s and whose failover stands still, last measured at a time.
func undecided(at time.Duration, replica telemetry.Replica) *drill.State {
	s := drill.NewState()
	s.Fleet = topology.Fleet{Regions: []topology.Region{{Name: "east"}, {Name: "west"}}}
	s.Now, s.SampledAt = at, at
	s.Failovers = []*drill.Failover{{ID: 1, Dataset: "orders", Ends: map[drill.Stage]time.Duration{drill.StageFault: 2 * time.Second}}}
	s.Datasets = []*drill.DatasetState{{Name: "orders", Authority: "east", Replicas: map[string]*telemetry.Replica{"west": &replica}}}
	return s
}

func TestALimitIsCrossedByWhatIsMeasuredAlone(t *testing.T) {
	behind := telemetry.Replica{LagWrites: ptr[uint64](7)}
	for _, tt := range []struct {
		name  string
		at    time.Duration
		lag   telemetry.Replica
		abort runbook.Abort
		want  string
	}{
		{"no limit", time.Minute, behind, runbook.Abort{}, ""},
		{"a failover that is undecided for less", 6 * time.Second, behind, runbook.Abort{Over: runbook.Objectives{RTO: ptr(5 * time.Second)}}, ""},
		{"a failover that is undecided for longer", 8 * time.Second, behind, runbook.Abort{Over: runbook.Objectives{RTO: ptr(5 * time.Second)}}, "rto is 6.000 s, the limit is 5.000 s"},
		{"lag at the limit", time.Minute, behind, runbook.Abort{Lag: ptr(7)}, ""},
		{"lag past it", time.Minute, behind, runbook.Abort{Lag: ptr(6)}, "orders in west is 7 writes behind, the limit is 6"},
		{"lag of a replica that is copied", time.Minute, telemetry.Replica{LagWrites: ptr[uint64](7), Seeding: true}, runbook.Abort{Lag: ptr(6)}, ""},
		{"lag that is old", time.Minute, telemetry.Replica{LagWrites: ptr[uint64](7), Stale: true}, runbook.Abort{Lag: ptr(6)}, ""},
		{"lag that is not known", time.Minute, telemetry.Replica{}, runbook.Abort{Lag: ptr(0)}, ""},
		{"lost writes that nobody has checked", time.Minute, behind, runbook.Abort{Over: runbook.Objectives{LostWrites: ptr(0)}}, ""},
		{"users of whom nothing is known", time.Minute, behind, runbook.Abort{Over: runbook.Objectives{UsersAffected: ptr(0.0)}}, ""},
	} {
		got := ""
		if c := Crossed(undecided(tt.at, tt.lag), tt.abort); c != nil {
			got = c.Why
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// A lost write ends the drill once a ledger shows it, before anything is audited at the end.
func TestLostWritesCrossTheirLimit(t *testing.T) {
	s := undecided(time.Minute, telemetry.Replica{})
	s.Checks = append(s.Checks, drill.LedgerChecked{Dataset: "orders", Region: "west", Lost: []drill.LostWrite{{ID: "a"}, {ID: "b"}}})
	for most, want := range map[int]bool{1: true, 2: false} {
		if got := Crossed(s, runbook.Abort{Over: runbook.Objectives{LostWrites: &most}}); (got != nil) != want {
			t.Errorf("at most %d: %+v", most, got)
		}
	}
}

func TestSuccessHasToBeLowForItsTime(t *testing.T) {
	a := runbook.Abort{SuccessBelow: 0.5, For: 2 * time.Second}
	var w Success
	for i, step := range []struct {
		at           time.Duration
		ok, requests int
		want         bool
	}{
		{1, 4, 10, false}, {2, 5, 10, false}, // half is not below half
		{3, 0, 10, false}, {4, 0, 0, false}, {5, 4, 10, true},
	} {
		if got := w.Take(step.at*time.Second, step.ok, step.requests, a); got != step.want {
			t.Errorf("window %d: %v", i, got)
		}
	}
	if w.Forget(); w.Take(9*time.Second, 0, 10, a) {
		t.Error("what was forgotten counts")
	}
	if w.Take(9*time.Hour, 0, 10, runbook.Abort{}) {
		t.Error("a plan without that limit is ended by it")
	}
}
