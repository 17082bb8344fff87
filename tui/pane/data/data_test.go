package data

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

var theme = style.New(style.Options{NoColor: true})

// ledBy is orders in two regions, led by east, of which nine writes are stored nowhere else, and what happened then.
func ledBy(bodies ...drill.Body) *drill.State {
	s := drill.NewState()
	fleet := topology.Fleet{
		Regions:  []topology.Region{{Name: "east"}, {Name: "west"}},
		Users:    []topology.Population{{Name: "all", Count: 10, Rate: 5}},
		Datasets: []topology.Dataset{{Name: "orders", Engine: "log", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
	}
	lag := uint64(9)
	before := []drill.Body{drill.DrillStarted{Fleet: fleet}, drill.RegionJudged{Region: "east", Up: true}, drill.RegionJudged{Region: "west", Up: true},
		drill.AuthorityTook{Dataset: "orders", Region: "east", Epoch: 1},
		drill.StoresSampled{AtRisk: map[string]uint64{"orders": 9}, Stores: []telemetry.Replica{
			{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1, Entries: 40, Bytes: 4096},
			{Dataset: "orders", Region: "west", Role: role.Fenced, Epoch: 1, Entries: 31, Bytes: 3072, LagWrites: &lag},
		}},
		drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "all", Requests: 5, OK: 5, ServedBy: map[string]int{"east": 5}}}}}
	for i, b := range append(before, bodies...) {
		s.Apply(drill.Event{Seq: uint64(i + 1), T: time.Duration(i+1) * time.Second, Body: b})
	}
	return s
}

func drawn(s *drill.State, w, h int, draw func(canvas.Area, show.Scene)) string {
	c := canvas.New(w, h, theme)
	draw(c.All(), show.Scene{State: s, Now: s.Now, Theme: theme})
	return ansi.Strip(c.String())
}

// How it is with a leader's region is never cut: what stands beside it says less, or nothing, first.
func TestHowALeaderIsIsNeverCut(t *testing.T) {
	cut := []drill.Body{drill.FaultProved{ID: 1, Fault: drill.FaultPartition, Between: []string{"east", topology.EndOthers}}, drill.RegionJudged{Region: "east", After: 3}}
	killed := []drill.Body{drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "east"}, drill.RegionJudged{Region: "east", After: 3}}
	for _, tt := range []struct {
		name   string
		bodies []drill.Body
		w      int
		want   []string
	}{
		{"all has room", nil, 72, []string{"★ east  leader, 1st term", "9 writes stored nowhere else yet"}},
		{"serving, wide", cut, 110, []string{"leader, 1st term  ╳ unreachable for us, still serving its users", "9 writes stored nowhere else yet"}},
		{"serving", cut, 72, []string{"leader, 1st term  ╳ unreachable, still serves", "9 writes at risk"}},
		{"serving, narrow", cut, 58, []string{"1st term  ╳ unreachable, serves", "9 writes at risk"}},
		{"killed", killed, 72, []string{"1st term  ✕ down", "9 writes stored nowhere else yet"}},
		{"killed, narrow", killed, 50, []string{"1st term  ✕ down", "9 writes at risk"}},
	} {
		s := ledBy(tt.bodies...)
		line, _, _ := strings.Cut(drawn(s, tt.w, 9, Draw), "\n")
		for _, want := range tt.want {
			if !strings.Contains(line, want) || strings.Contains(line, "…") {
				t.Errorf("%s: %q does not say %q, or is cut", tt.name, line, want)
			}
		}
	}
}

// A replica is called by one word, whatever it waits for, and what it has is counted all the same; columns of numbers
// stay apart where there is room.
func TestAReplicaThatIsLockedOut(t *testing.T) {
	text := drawn(ledBy(), 72, 9, Draw)
	for _, want := range []string{"west      locked out", "9 writes", "stored  still to copy  caught up in"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q:\n%s", want, text)
		}
	}
	if s := ledBy(); strings.Contains(strings.Join(show.HoldingOf(show.Scene{State: s, Now: s.Now, Theme: theme}, s.Dataset("orders"), "west").Role, " "), "fenced") {
		t.Error("the map has another word for it than the table")
	}
}
