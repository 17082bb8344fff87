package traffic

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// How soon each population was served again stands in its row once a fault was measured, where there is room beside its
// sparkline.
func TestHowSoonEachIsServedAgain(t *testing.T) {
	const s = time.Second
	drawn := func(w int, impacts ...telemetry.UserImpact) []string {
		state := drill.NewState()
		var sample drill.TrafficSampled
		sample.Window = s / 2
		var users []topology.Population
		for i, name := range []string{"dns", "lb", "far"}[:max(1, len(impacts))] {
			users = append(users, topology.Population{Name: name})
			p := telemetry.Population{Population: name}
			if len(impacts) > 0 {
				p.Impacts = impacts[i : i+1]
			}
			sample.Populations = append(sample.Populations, p)
		}
		state.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{Fleet: topology.Fleet{Users: users}}})
		state.Apply(drill.Event{Seq: 2, T: 30 * s, Body: sample})
		theme := style.New(style.Options{NoColor: true})
		row := canvas.New(w, 1+len(users), theme)
		drawPopulations(row.All(), show.Scene{State: state, Now: state.Now, Theme: theme})
		return strings.Split(ansi.Strip(row.String()), "\n")
	}
	impacts := []telemetry.UserImpact{
		{Command: 1, From: 10 * s, LastFailed: 16200 * time.Millisecond, LastOK: 20 * s, Closed: true},
		{Command: 1, From: 10 * s, LastFailed: 12 * s, LastOK: 11 * s},
		{Command: 1, From: 10 * s, LastOK: 20 * s, Closed: true},
	}
	for i, want := range []string{"back in", "6.2 s", "≥2.0 s", "all along"} {
		if got := drawn(80, impacts...)[i]; !strings.Contains(got, want) {
			t.Errorf("row %d is %q, want %q in it", i, got, want)
		}
		if got := drawn(44, impacts...)[i]; strings.Contains(got, want) {
			t.Errorf("row %d of a narrow pane is %q", i, got)
		}
	}
	if got := drawn(80)[0]; strings.Contains(got, "back in") {
		t.Errorf("before a fault: %q", got)
	}
}
