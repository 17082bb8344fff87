package fleetmap

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// A hub has a card at every size at which the regions have some: how it is, what looks at the regions from there, and where
// it stands; and once it is lost, what nobody does.
func TestTheHubHasACard(t *testing.T) {
	for _, in := range []string{"", regionName(0)} {
		s, apply := fleetOf(2, "orders")
		spec := s.Fleet
		spec.Hub = &topology.Hub{Name: "hub", In: in, Place: "Oregon", RTT: map[string]time.Duration{regionName(1): 120 * time.Millisecond}}
		apply(drill.DrillStarted{Fleet: spec})
		s.Regions, s.Datasets, s.Populations = s.Regions[:2], s.Datasets[:1], s.Populations[:2] // told twice
		apply(drill.RegionJudged{Region: "hub", Up: true})
		for _, size := range sizes {
			h := Rows(s, size[0], size[1])
			if h > size[1] {
				t.Fatalf("it wants %d of %d rows", h, size[1])
			}
			place := "a cluster of its own, Oregon"
			if in != "" {
				place = "in " + in + ", and lost with it"
			}
			text := drawn(s, size[0], h)
			for _, want := range []string{"╭─ hub ─", "● healthy  failover controller and router's probes ask ", place, regionName(1) + " ", "users1"} {
				if !strings.Contains(text, want) {
					t.Errorf("in %v there is no %q:\n%s", size, want, text)
				}
			}
		}
		apply(drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "hub", Done: "killed", Effect: runbook.Effect{Stops: []string{"hub"}}})
		for _, size := range sizes {
			text := drawn(s, size[0], Rows(s, size[0], size[1]))
			if !strings.Contains(text, "✕ down  nobody sees the regions, fails over or renews a lease") {
				t.Errorf("in %v nothing says what is lost:\n%s", size, text)
			}
		}
	}
}

// Who is served is named where requests fail too: the share gives way before the name.
func TestWhoFailsIsNamed(t *testing.T) {
	s, apply := fleetOf(3, "orders")
	sample := drill.TrafficSampled{Window: 500 * time.Millisecond}
	for _, p := range s.Populations {
		sample.Populations = append(sample.Populations, telemetry.Population{
			Population: p.Spec.Name, Requests: 5, OK: 3, Failed: 2, AskedNow: 50, AffectedNow: 19, ServedBy: map[string]int{p.Region: 3},
		})
	}
	apply(sample)
	text := drawn(s, 76, 7)
	for _, want := range []string{"users0 ✕ 38 %", "users1 ✕ 38 %", "users2 ✕ 38 %"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q:\n%s", want, text)
		}
	}
}

// A label stands in its line where no other line crosses it, and the crossings stay to be seen.
func TestALabelHidesNoCrossing(t *testing.T) {
	for line, want := range map[string]string{
		"────────────────────": "────── 95 ms ───────",
		"──────────┼─────────": "─── 95 ms ┼─────────",
		"──┼──┼──┼──┼──┼──┼──": "──┼──┼ 95 ms ─┼──┼──", // there is no place
	} {
		c := canvas.New(len([]rune(line)), 1, style.Theme{})
		c.All().Text(0, 0, style.Text, line)
		labelLine(c.All(), style.Text, " 95 ms ")
		if got := c.String(); got != want {
			t.Errorf("%s is %s, want %s", line, got, want)
		}
	}
}
