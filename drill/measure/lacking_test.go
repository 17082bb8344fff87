package measure

import (
	"slices"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What is lacking is what the state shows, else what the controllers say, and nothing where neither knows of anything.
func TestLacking(t *testing.T) {
	started := drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "east"}}}}
	hub := drill.DrillStarted{Fleet: topology.Fleet{Regions: started.Fleet.Regions, Hub: &topology.Hub{Name: "hub"}}}
	up, down := drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "east"}
	replica := []string{"orders of east holds nothing yet"}
	for name, tt := range map[string]struct {
		bodies   []drill.Body
		replicas []string
		want     []string
	}{
		"nothing":                        {[]drill.Body{started, up}, nil, nil},
		"a replica":                      {[]drill.Body{started, up}, replica, replica},
		"a region, and so its replica":   {[]drill.Body{started, down}, replica, []string{"east does not serve"}},
		"a region that was never judged": {[]drill.Body{started}, nil, []string{"east does not serve"}},
		"a hub that is well":             {[]drill.Body{hub, up}, nil, nil},
		"a hub that was killed":          {[]drill.Body{hub, up, drill.FaultProved{ID: 1, Fault: drill.FaultKill, Done: "killed", Region: "hub"}}, nil, []string{"hub is killed", "users are not served as before"}},
		"a hub that died by itself":      {[]drill.Body{hub, up, drill.RegionJudged{Region: "hub"}}, nil, []string{"hub is down"}},
		"a command that has not ended yet": {[]drill.Body{started, up, drill.CommandTaken{ID: 1, Command: runbook.Command{Verb: runbook.VerbCordon, Region: "east"}}}, replica,
			[]string{"“cordon east” is under way"}},
	} {
		s := drill.NewState()
		for i, b := range tt.bodies {
			s.Apply(drill.Event{Seq: uint64(i + 1), Body: b})
		}
		if got := Lacking(s, tt.replicas); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
