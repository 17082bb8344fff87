package action

import (
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// byLaw is a fleet whose users in europe may be served in eu alone, which is up, as us is.
func byLaw(also ...topology.Region) *drill.State {
	f := topology.Fleet{
		Routing: topology.Routing{Policy: "geo"},
		Regions: append([]topology.Region{{Name: "us", Jurisdiction: "US"}, {Name: "eu", Jurisdiction: "EU"}}, also...),
		Users:   []topology.Population{{Name: "americas", Count: 10, Rate: 1}, {Name: "europe", Count: 10, Rate: 1, Jurisdiction: "EU"}},
	}
	s := drill.NewState()
	bodies := []drill.Body{drill.DrillStarted{Fleet: f}, drill.PhaseEntered{Phase: drill.PhaseRunning}}
	for _, r := range f.Regions {
		bodies = append(bodies, drill.RegionJudged{Region: r.Name, Up: true})
	}
	bodies = append(bodies, drill.Rerouted{Population: "americas", To: "us"}, drill.Rerouted{Population: "europe", To: "eu"})
	for i, b := range bodies {
		s.Apply(drill.Event{Seq: uint64(i + 1), Body: b})
	}
	return s
}

// Nobody is evacuated to where their law does not let them be served; and a kill says who would be refused.
func TestWhoseLawKeepsThem(t *testing.T) {
	cordon, kill := runbook.Command{Verb: runbook.VerbCordon, Region: "eu"}, runbook.Command{Verb: runbook.VerbKill, Region: "eu"}
	alone, two := byLaw(), byLaw(topology.Region{Name: "eu-north", Jurisdiction: "EU"})
	const want = "no other region that may serve europe is up to take its users (routing policy geo); restore another region first"
	if r := Check(alone, cordon); r == nil || r.Error() != want {
		t.Errorf("a cordon: %v, want %s", r, want)
	}
	if r := Check(two, cordon); r != nil {
		t.Errorf("a cordon beside another region of the EU: %v", r)
	}
	if r := Check(alone, runbook.Command{Verb: runbook.VerbCordon, Region: "us"}); r != nil {
		t.Errorf("a cordon of us: %v", r)
	}
	const line = "europe would be refused, not moved: no region in EU is up then"
	if p, _ := Predict(alone, kill); !strings.Contains(strings.Join(p.Lines, "\n"), line) || p.Users["europe"] < 0.9 {
		t.Errorf("a kill: %v, %q", p.Users, p.Lines)
	}
	if p, _ := Predict(two, kill); strings.Contains(strings.Join(p.Lines, "\n"), "refused") {
		t.Errorf("a kill beside another region of the EU: %q", p.Lines)
	}
}
