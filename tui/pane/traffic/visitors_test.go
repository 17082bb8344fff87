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
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Where people can ask is shown until somebody does; then how each is served, and in a low pane neither takes room.
func TestVisitorsHaveARow(t *testing.T) {
	s := drill.NewState()
	s.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{Fleet: topology.Fleet{Users: []topology.Population{{Name: "europe"}, {Name: "asia"}}}}})
	s.Apply(drill.Event{Seq: 2, Body: drill.VisitorsInvited{URL: "http://127.0.0.1:4711"}})
	drawn := func(h int) (rows []string, left int) {
		c := canvas.New(70, h, style.New(style.Options{NoColor: true}))
		rest := drawVisitors(c.All(), s)
		return strings.Split(ansi.Strip(c.String()), "\n"), rest.H
	}
	if rows, left := drawn(20); !strings.HasPrefix(rows[19], "ask as a user: http://127.0.0.1:4711") || left != 19 {
		t.Errorf("before anybody asks: %q, %d rows left", rows[19], left)
	}
	if _, left := drawn(12); left != 12 {
		t.Errorf("a low pane has %d rows left of 12", left)
	}
	s.Apply(drill.Event{Seq: 3, Body: drill.VisitorsSampled{Visitors: []telemetry.Visitor{
		{Population: "europe", TotalRequests: 1200, TotalFailed: 2, LastRegion: "eu-west", LastTook: 96 * time.Millisecond},
		{Population: "asia", TotalRequests: 1, TotalFailed: 1, LastFailure: "timeout"},
	}}})
	rows, left := drawn(20)
	if left != 18 || !strings.HasPrefix(rows[18], "you, as europe  1,200 asked, 2 failed  eu-west answered in 96 ms") || !strings.HasPrefix(rows[19], "you, as asia  1 asked, 1 failed  no answer in time") {
		t.Errorf("%q, %q, %d rows left", rows[18], rows[19], left)
	}
	for h, want := range map[int]int{9: 9, tableRoom + 2: tableRoom + 2, tableRoom + 3: tableRoom + 2} {
		if _, left := drawn(h); left != want {
			t.Errorf("a pane of %d rows has %d left, not %d: the populations' table needs %d", h, left, want, tableRoom+2)
		}
	}
	s.Apply(drill.Event{Seq: 4, Body: drill.VisitorsSampled{Visitors: []telemetry.Visitor{{Population: "europe", TotalRequests: 1201, LastFailure: "timeout"}}}})
	if rows, _ := drawn(tableRoom + 3); !strings.HasPrefix(rows[tableRoom+2], "you, as europe") {
		t.Errorf("the only row is of who asked last, not %q", rows[tableRoom+2])
	}
}
