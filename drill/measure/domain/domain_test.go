package domain

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Each user counts in the environment and the team that they are of, and in the cluster that served them before.
func TestTheBlastRadiusByDomain(t *testing.T) {
	s := drill.NewState()
	s.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{Fleet: topology.Fleet{
		Regions: []topology.Region{
			{Name: "prod", Environment: "prod", Team: "shop", Cluster: "one"}, {Name: "stage", Environment: "staging", Cluster: "one"},
			{Name: "far", Environment: "prod", Team: "search"}, {Name: "idle", Environment: "lab"},
		},
		Users: []topology.Population{
			{Name: "buyers", Environment: "prod", Team: "shop"}, {Name: "testers", Environment: "staging"}, {Name: "readers", Environment: "prod", Team: "search"}, {Name: "anybody"},
		},
	}}})
	for name, served := range map[string]map[string]int{"buyers": {"prod": 9, "far": 1}, "testers": {"stage": 5}, "readers": {"far": 4, "prod": 3}, "anybody": {"stage": 2}} {
		p := s.Population(name)
		p.Steady = &telemetry.Population{ServedBy: served}
		// Where they are served since says nothing of whose they were.
		p.Last = &telemetry.Population{ServedBy: map[string]int{"far": 9}, Impacts: []telemetry.UserImpact{
			{Command: 1, Asked: 100, Affected: map[string]int{"buyers": 50, "testers": 100, "anybody": 10}[name], Closed: name != "testers"},
			{Command: 2, Asked: 10, Affected: 1, Closed: true},
		}}
	}
	var got []string
	for _, d := range Affected(s, 1) {
		got = append(got, fmt.Sprintf("%s %d/%d %.2f open %v", d.In, d.Affected.Affected, d.Asked, d.Share, d.Open))
	}
	want := []string{
		"environment prod 50/200 0.25 open false", "environment staging 100/100 1.00 open true",
		"team shop 50/100 0.50 open false", "team search 0/100 0.00 open false",
		"cluster one 160/300 0.53 open true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	s.Population("testers").Last.AskedNow, s.Population("testers").Last.AffectedNow = 10, 4
	if now := AffectedNow(s, topology.Target{Kind: topology.DomainEnvironment, Name: "staging"}); !now.Known || now.Share != 0.4 {
		t.Errorf("of staging are affected now %+v", now)
	}
	if now := AffectedNow(s, topology.Target{Kind: topology.DomainTeam, Name: "search"}); now.Known {
		t.Errorf("nobody of search asked: %+v", now)
	}
	if none := Affected(s, 7); len(none) == 0 || none[0].Known {
		t.Errorf("of a command that affected nobody: %+v", none)
	}
}
