package show

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// A link is drawn as it stands, and not as the fleet file or a region's fault would have it.
func TestALinkIsDrawnAsItStands(t *testing.T) {
	slow := drill.FaultProved{ID: 1, Fault: "brownout", Between: []string{"east", "west"}, Effect: runbook.Effect{
		Reshapes: []topology.Way{{From: "east", To: "west"}, {From: "west", To: "east"}}, Shape: topology.Shape{RTT: 600 * time.Millisecond, Bandwidth: 5e6}}}
	frozen := drill.FaultProved{ID: 1, Fault: drill.FaultFreeze, Region: "east", Effect: runbook.Effect{Stops: []string{"east"}, Still: true}}
	cut := drill.FaultProved{ID: 1, Fault: drill.FaultPartition, Between: []string{"east", "west"}, Effect: runbook.Effect{
		Cuts: []topology.Way{{From: "east", To: "west"}, {From: "west", To: "east"}}}}
	for name, tt := range map[string]struct {
		faults []drill.Body
		line   string
		st     style.Style
		rtt    string
		bits   string
	}{
		"whole":               {nil, "─", style.Frame, "80 ms", "200 Mbps"},
		"one region frozen":   {[]drill.Body{frozen}, "─", style.Frame, "80 ms", "200 Mbps"},
		"browned out":         {[]drill.Body{slow}, "┄", style.Caution, "600 ms", "5 Mbps"},
		"browned out, lifted": {[]drill.Body{slow, drill.FaultLifted{ID: 1}}, "─", style.Frame, "80 ms", "200 Mbps"},
		"cut":                 {[]drill.Body{cut}, "╌", style.Danger, "80 ms", "200 Mbps"},
	} {
		s := drill.NewState()
		bodies := append([]drill.Body{drill.DrillStarted{Fleet: topology.Fleet{
			Regions: []topology.Region{{Name: "east"}, {Name: "west"}},
			Links:   []topology.Link{{Between: [2]string{"east", "west"}, RTT: 80 * time.Millisecond, Bandwidth: 200e6}},
		}}}, tt.faults...)
		for i, b := range bodies {
			s.Apply(drill.Event{Seq: uint64(i + 1), T: time.Duration(i) * time.Second, Body: b})
		}
		l := LinkBetween(s, "east", "west")
		if bits := Bandwidth(s, "east", "west"); l.Line != tt.line || l.Style != tt.st || l.RTT != tt.rtt || bits != tt.bits {
			t.Errorf("%s: %s (style %v), %s, %s, want %s (style %v), %s, %s", name, l.Line, l.Style, l.RTT, bits, tt.line, tt.st, tt.rtt, tt.bits)
		}
	}
}
