package action

import (
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func TestCheckScale(t *testing.T) {
	s := drill.NewState()
	apply := func(bodies ...drill.Body) {
		for _, b := range bodies {
			s.Apply(drill.Event{Seq: s.LastSeq + 1, Body: b})
		}
	}
	apply(drill.DrillStarted{Fleet: topology.Fleet{Name: "f", Web: topology.Web{Replicas: 2, Capacity: 100}, Regions: []topology.Region{{Name: "a"}, {Name: "b", Web: new(0)}}}},
		drill.RegionJudged{Region: "a", Up: true}, drill.RegionUnserved{Region: "b", On: true}, drill.RegionJudged{Region: "b"})
	if got := s.Region("b").Health; got != drill.HealthNoWeb || !s.Region("b").AsWanted() {
		t.Errorf("a region that is to have no web replica is %q", got)
	}
	to := func(region string, n int) runbook.Command {
		return runbook.Command{Verb: runbook.VerbScale, Region: region, Replicas: runbook.Counted(n)}
	}
	for _, c := range []struct {
		command runbook.Command
		refused string // "" is not
	}{
		{to("a", 3), ""}, {to("a", 0), ""}, {to("b", 1), ""},
		{to("a", 2), "a has 2 web replicas already"},
		{to("b", 0), "b has 0 web replicas already"},
		{to("a", 21), "21 web replicas"}, {to("a", -1), "-1 web replicas"},
		{to("mars", 1), `there is no region "mars"`},
		{runbook.Command{Verb: runbook.VerbScale, Region: "a"}, "scale needs replicas"},
	} {
		switch r := Check(s, c.command); {
		case c.refused == "" && r != nil:
			t.Errorf("%s is refused: %s", c.command, r)
		case c.refused != "" && (r == nil || !strings.Contains(r.Why, c.refused)):
			t.Errorf("%s: %v, want %q", c.command, r, c.refused)
		}
	}
	if lines := strings.Join(Confirmed(s, to("a", 3)).Lines, "; "); !strings.Contains(lines, "a has 3 web replicas then, instead of 2") || !strings.Contains(lines, "they take 150/s") {
		t.Errorf("it is asked about: %s", lines)
	}
	apply(drill.RegionScaled{Region: "a", Was: 2, Replicas: 3})
	if Check(s, to("a", 3)) == nil || Check(s, to("a", 2)) != nil || len(s.Scaled) != 1 {
		t.Error("a scaling is not known afterwards")
	}
	for _, c := range []runbook.Command{{Verb: verbKillTier, Region: "a"}, {Verb: verbHangStore, Region: "a"}, {Verb: verbFillDisk, Region: "a"}} {
		apply(drill.FaultProved{ID: 1, Fault: drill.FaultKind(c.Verb), Region: "a", Part: EffectOf(s.Fleet, c).Weakens[0].Part, Done: "gone", Proof: "seen", Effect: EffectOf(s.Fleet, c)})
		if r := Check(s, to("a", 1)); (r != nil) != (c.Verb == verbKillTier) {
			t.Errorf("after %s: %v", c.Verb, r)
		}
		apply(drill.FaultLifted{ID: 1, Region: "a"})
	}
	apply(drill.RegionCordoned{Region: "a", On: true})
	if r := Check(s, to("a", 1)); r == nil || r.Verb != runbook.VerbUncordon {
		t.Errorf("of a cordoned region: %v", r)
	}
}
