package show

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/condition"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

func story(bodies ...drill.Body) *drill.State {
	s := drill.NewState()
	fleet := topology.Fleet{
		Regions:  []topology.Region{{Name: "east", Jurisdiction: "US"}, {Name: "west", Jurisdiction: "EU"}},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModePinned, Jurisdiction: "US", Authority: "east", Regions: []string{"east"}}},
	}
	for i, b := range append([]drill.Body{drill.DrillStarted{Fleet: fleet}}, bodies...) {
		s.Apply(drill.Event{Seq: uint64(i + 1), T: time.Duration(i) * time.Second, Body: b})
	}
	return s
}

// A region is cut off by whatever the state says keeps the controller from it, though the
// partition names other ends, and not by a fault of its own.
func TestCutOffIsTheStatesRule(t *testing.T) {
	cut := func(a, b string) drill.Body {
		return drill.FaultProved{ID: 1, Fault: drill.FaultPartition, Between: []string{a, b}}
	}
	for name, tt := range map[string]struct {
		s    *drill.State
		want bool
	}{
		"by name":            {story(cut("east", topology.EndControl)), true},
		"with all others":    {story(cut(topology.EndControl, topology.EndOthers)), true},
		"from a region only": {story(cut("east", "west")), false},
		"and killed":         {story(cut("east", topology.EndControl), drill.FaultProved{ID: 2, Fault: drill.FaultKill, Region: "east"}), false},
	} {
		if got := condition.CutOff(tt.s, "east") != nil; got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// What a region without a web tier has left goes by whether its gateway answers, and not by what was killed.
func TestARegionWithoutAWebTier(t *testing.T) {
	killed := drill.FaultProved{ID: 1, Fault: "kill-tier", Region: "east", Part: runbook.PartWeb, Effect: runbook.Effect{Weakens: []runbook.Weakening{{Region: "east", Part: runbook.PartWeb}}}}
	unserved, down := drill.RegionUnserved{Region: "east", On: true}, drill.RegionJudged{Region: "east"}
	for want, s := range map[string]*drill.State{
		"web tier killed, its data is served": story(killed, unserved, down),
		"no web tier, its data is served":     story(drill.RegionScaled{Region: "east"}, unserved, down),
		"down":                                story(killed, unserved, down, drill.RegionUnserved{Region: "east"}),
	} {
		if got := StandingOf(s, s.Region("east"), style.Glyphs{}).Words[0]; got != want {
			t.Errorf("east is %q, want %q", got, want)
		}
	}
}

func TestNotKept(t *testing.T) {
	s := story()
	d := s.Dataset("orders")
	if why := NotKept(s, d, "east"); why != "" {
		t.Errorf("east: %q", why)
	}
	if why := NotKept(s, d, "west"); !strings.HasPrefix(why, "orders is not kept here: ") {
		t.Errorf("west: %q", why)
	}
}

// A region whose API server is gone goes on serving, and is not called down for it; one that is down is, whatever else it lacks.
func TestARegionWithoutItsAPIServer(t *testing.T) {
	killed := drill.FaultProved{ID: 1, Fault: "kill-control-plane", Region: "east", Part: runbook.PartControlPlane, Effect: runbook.Effect{Weakens: []runbook.Weakening{{Region: "east", Part: runbook.PartControlPlane, Web: 1}}}}
	up := drill.RegionJudged{Region: "east", Up: true}
	seen := drill.RegionSeen{Region: "east", Node: "n1", NodeReady: true, WebReady: 2, WebWanted: 2}
	for _, tt := range []struct {
		s     *drill.State
		words string
		web   string
		noAPI bool
	}{
		{story(up, seen), "healthy", "2 of 2", false},
		{story(up, seen, killed), "API server gone, still serving", "unknown", true},
		{story(up, seen, killed, drill.RegionJudged{Region: "east"}), "down", "– of 2", true},
		{story(up, seen, killed, drill.FaultLifted{ID: 1, Region: "east"}), "healthy", "2 of 2", false},
	} {
		east := tt.s.Region("east")
		if got := StandingOf(tt.s, east, style.Glyphs{}).Words[0]; got != tt.words || east.NoAPI() != tt.noAPI {
			t.Errorf("east is %q, its API server gone: %v; want %q, %v", got, east.NoAPI(), tt.words, tt.noAPI)
		}
		if got := condition.Web(east); got != tt.web {
			t.Errorf("%s: %s web replicas, want %s", tt.words, got, tt.web)
		}
	}
}

// A region whose store or disk fails is not called by its web tier, which goes on: it says what it lacks.
func TestARegionWhoseStoreFails(t *testing.T) {
	up := drill.RegionJudged{Region: "east", Up: true}
	for part, want := range map[string]string{runbook.PartStore: "store hangs, still serving", runbook.PartDisk: "disk full, still serving", runbook.PartWeb: "degraded"} {
		s := story(up, drill.FaultProved{ID: 1, Region: "east", Part: part, Effect: runbook.Effect{Weakens: []runbook.Weakening{{Region: "east", Part: part, Web: 1, Store: part != runbook.PartWeb}}}})
		if got := StandingOf(s, s.Region("east"), style.Glyphs{}).Words[0]; got != want {
			t.Errorf("without its %s east is %q, want %q", part, got, want)
		}
	}
}

// A region of which only the trust is broken serves whom it did: its card says what is broken, not that it is degraded.
func TestARegionWhoseTrustIsBroken(t *testing.T) {
	s := story(drill.RegionJudged{Region: "east", Up: true}, drill.FaultProved{ID: 1, Region: "east", Part: runbook.PartRenewal,
		Effect: runbook.Effect{Weakens: []runbook.Weakening{{Region: "east", Part: runbook.PartRenewal, Web: 1, Trust: true}}}})
	if got := StandingOf(s, s.Region("east"), style.Glyphs{}).Words[0]; got != "trust broken, still serving" {
		t.Errorf("east is %q", got)
	}
}
