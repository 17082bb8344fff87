package requirement

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// fleet is two regions of which each takes so many requests/s of 100, one of them so many writes behind; nil is not known.
func fleet(takes float64, behind *uint64) *drill.State {
	s := drill.NewState()
	regions := []string{"east", "west"}
	f := topology.Fleet{Name: "two", Regions: []topology.Region{{Name: "east"}, {Name: "west"}},
		Web: topology.Web{Replicas: 1, Capacity: takes}, Routing: topology.Routing{Policy: "nearest", Probe: topology.DefaultProbe},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: regions}},
	}
	for _, p := range regions {
		one := topology.Population{Name: p, Rate: 50, RTT: map[string]time.Duration{"east": 2, "west": 2}}
		one.RTT[p] = 1
		f.Users = append(f.Users, one)
	}
	for _, b := range []drill.Body{
		drill.DrillStarted{Fleet: f},
		drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
		drill.AuthorityTook{Dataset: "orders", Region: "east", Epoch: 1},
		drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}, {Dataset: "orders", Region: "west", Role: role.Follower, Epoch: 1, LagWrites: behind}}},
	} {
		s.Apply(drill.Event{Seq: s.LastSeq + 1, T: s.Now + 1, Body: b})
	}
	return s
}

func TestWhatIsRequiredAndNotSo(t *testing.T) {
	few, many, under := uint64(9), uint64(10), 10
	for _, tt := range []struct {
		name   string
		takes  float64
		behind *uint64
		asked  runbook.Require
		want   []string // each begins one line
	}{
		{"nothing is asked for", 60, nil, runbook.Require{}, nil},
		{"a lag below", 60, &few, runbook.Require{LagUnder: &under}, nil},
		{"a lag at the bound", 60, &many, runbook.Require{LagUnder: &under}, []string{"lag: orders in west is 10 writes behind, under 10 writes is required (wait"}},
		{"a lag that is not known", 60, nil, runbook.Require{LagUnder: &under}, []string{"lag: how far orders in west is behind is not known"}},
		{"room for one loss", 100, &few, runbook.Require{NMinusOne: true}, nil},
		{"no room for a loss", 99, &few, runbook.Require{NMinusOne: true}, []string{
			"n_minus_1: without east, west would get 100 requests/s, and takes 99 (scale it)", "n_minus_1: without west, east would get 100 requests/s",
		}},
		{"ready", 100, &few, runbook.Require{Ready: true}, nil},
		{"not ready", 99, nil, runbook.Require{Ready: true}, []string{"ready: west is not ready to lead orders, data: ", "ready: west is not ready to lead orders, capacity: "}},
	} {
		got := Unmet(fleet(tt.takes, tt.behind), tt.asked)
		if len(got) != len(tt.want) {
			t.Errorf("%s: %q", tt.name, got)
			continue
		}
		for i, want := range tt.want {
			if !strings.HasPrefix(got[i], want) {
				t.Errorf("%s: %q, want it to begin with %q", tt.name, got[i], want)
			}
		}
	}
}
