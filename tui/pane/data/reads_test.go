package data

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

// How stale reads are stands in a row by population, of those that use the dataset and have read.
func TestStaleReadsHaveARow(t *testing.T) {
	age := 2500 * time.Millisecond
	s := drill.NewState()
	s.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{Fleet: topology.Fleet{
		Users:    []topology.Population{{Name: "near"}, {Name: "leader"}, {Name: "other", Datasets: []string{"carts"}}, {Name: "silent"}},
		Datasets: []topology.Dataset{{Name: "orders"}, {Name: "carts"}},
	}}})
	s.Apply(drill.Event{Seq: 2, T: time.Second, Body: drill.TrafficSampled{Populations: []telemetry.Population{
		{Population: "near", Reads: &telemetry.Reads{Answered: 400, Stale: 80, AgeMax: &age, Own: 100, OwnMissed: 25}},
		{Population: "leader", Reads: &telemetry.Reads{Answered: 400, Own: 90}},
		{Population: "other", Reads: &telemetry.Reads{Answered: 10, Stale: 10}},
		{Population: "silent"},
	}}})
	theme := style.New(style.Options{NoColor: true})
	drawn := func(y int) (string, int) {
		c := canvas.New(80, 2, theme)
		rows := drawReads(c.All(), show.Scene{State: s, Theme: theme}, s.Dataset("orders"), y)
		return strings.TrimRight(strings.Split(ansi.Strip(c.String()), "\n")[1], " "), rows
	}
	if got, rows := drawn(1); rows != 1 || got != "stale reads  near 20 %, ≤ 2.5 s, own 75 % · leader 0 %" {
		t.Errorf("%d rows, %q", rows, got)
	}
	if got, rows := drawn(2); rows != 0 || got != "" {
		t.Errorf("without room: %d rows, %q", rows, got)
	}
}
