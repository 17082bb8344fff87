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

// What waits, is shed and is sent again has a row from the first retry on, and none before; a narrow one keeps who sends most.
func TestTheWebTierHasARow(t *testing.T) {
	drawn := func(w, h, retries int) (row string, left int) {
		s := drill.NewState()
		s.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{Fleet: topology.Fleet{
			Regions: []topology.Region{{Name: "eu-west"}}, Users: []topology.Population{{Name: "europe"}, {Name: "americas"}}}}})
		s.Apply(drill.Event{Seq: 2, T: time.Second, Body: drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{
			{Population: "europe", Requests: 20, OK: 20, Retries: retries / 10, TotalRetries: retries / 10, ServedBy: map[string]int{"eu-west": 10}, Queued: map[string]telemetry.Queued{"eu-west": {N: 10, Sum: 2 * time.Second, Max: 200 * time.Millisecond}}},
			{Population: "americas", Requests: 20, OK: 10, Failed: 10 * min(retries, 1), Failures: map[string]int{"shed": 10 * min(retries, 1)}, Retries: retries, TotalRetries: retries},
		}}})
		c := canvas.New(w, h, style.New(style.Options{NoColor: true}))
		left = drawWebTier(c.All(), s).H
		rows := strings.Split(ansi.Strip(c.String()), "\n")
		return strings.TrimSpace(rows[h-1]), left
	}
	for _, tt := range []struct {
		w, h, retries int
		want          string
	}{
		{78, 20, 40, "shed 25 % · each sent americas 3.00 times, europe 1.20 · queued eu-west 200 ms"},
		{42, 20, 40, "shed 25 % · each sent americas 3.00 times"},
		{78, 9, 40, "shed 25 % · each sent americas 3.00 times, europe 1.20 · queued eu-west 200 ms"},
		{78, 20, 0, ""},
		{78, 10, 40, ""}, // it would cost the table of the populations
		{78, 8, 40, ""},
	} {
		got, left := drawn(tt.w, tt.h, tt.retries)
		if got != tt.want || (left < tt.h) != (tt.want != "") {
			t.Errorf("%d×%d, %d retries: %q with %d rows left, want %q", tt.w, tt.h, tt.retries, got, left, tt.want)
		}
	}
}
