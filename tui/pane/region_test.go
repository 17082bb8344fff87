package pane

import (
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// Nobody says how a node and its pods are while the API server is gone: what is shown of them is from before, and the region
// serves all the same.
func TestWhatAGoneAPIServerSaidIsFromBefore(t *testing.T) {
	up := drill.RegionJudged{Region: "east", Up: true}
	seen := drill.RegionSeen{Region: "east", Node: "n1", NodeReady: true, WebReady: 1, WebWanted: 1, Pods: []telemetry.Pod{{Name: "web-1", Role: "web", Phase: "Running", Ready: true}}}
	killed := drill.FaultProved{
		ID: 1, Fault: "kill-control-plane", Done: "killed", Region: "east", Part: runbook.PartControlPlane, Proof: "API server of n1 does not answer, east answers",
		Effect: runbook.Effect{Weakens: []runbook.Weakening{{Region: "east", Part: runbook.PartControlPlane, Web: 1}}},
	}
	ready := theme.Glyphs.Healthy + " web-1"
	if text := flat(drawn(viewOf(Region, up, seen), Region, 90, 16)); !strings.Contains(text, "n1, ready") || strings.Contains(text, "when last heard") || !strings.Contains(text, ready) {
		t.Errorf("with an API server: %s", text)
	}
	text := flat(drawn(viewOf(Region, up, seen, killed), Region, 90, 16))
	for _, want := range []string{"API server gone, still serving", "n1, ready when last heard", "does not answer, east answers"} {
		if !strings.Contains(text, want) {
			t.Errorf("without one it lacks %q: %s", want, text)
		}
	}
	if strings.Contains(text, ready) {
		t.Errorf("a pod of which nothing is heard is called ready: %s", text)
	}
}
