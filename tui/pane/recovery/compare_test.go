package recovery

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// What a prediction is of is told to its end: beside the heads of the columns, or in rows of its own, which count.
func TestAPredictionNamesItsCommand(t *testing.T) {
	theme := style.New(style.Options{NoColor: true})
	s := drill.NewState()
	c := runbook.Command{Verb: runbook.VerbPartition, Between: [2]string{"us-east", topology.EndOthers}}
	for i, b := range []drill.Body{
		drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "us-east"}, {Name: "eu-west"}}, Users: []topology.Population{{Name: "americas", Count: 9}}}},
		drill.CommandTaken{ID: 1, Command: c}, drill.ImpactPredicted{ID: 1, Impact: runbook.Impact{Users: map[string]float64{"americas": 0.5}, Share: 0.5}},
	} {
		s.Apply(drill.Event{Seq: uint64(i + 1), T: time.Duration(i) * time.Second, Body: b})
	}
	sc := show.Scene{State: s, Now: s.Now, Theme: theme}
	for w, rows := range map[int]int{60: 3, 38: 4} {
		canvas := canvas.New(w, 20, theme)
		Draw(canvas.All(), Look{Scene: sc})
		text := strings.Join(strings.Fields(ansi.Strip(canvas.String())), " ")
		if got := compare(sc, w).height(); got != rows || !strings.Contains(text, c.String()) || !strings.Contains(text, "all users") {
			t.Errorf("in %d columns it takes %d rows, want %d: %s", w, got, rows, text)
		}
	}
}

// What within a stage was measured by itself stands below it, and takes a row.
func TestAStageSaysWhatItConsistsOf(t *testing.T) {
	theme := style.New(style.Options{NoColor: true})
	s := drill.NewState()
	staged := func(stage drill.Stage, end time.Duration, made *drill.Restored) drill.Body {
		return drill.FailoverStaged{ID: 1, Dataset: "orders", From: "us-east", To: "eu-west", Cause: "fault", Stage: stage, End: end, Restored: made}
	}
	for i, b := range []drill.Body{
		drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "us-east"}, {Name: "eu-west"}}, Datasets: []topology.Dataset{{Name: "orders", Authority: "us-east", Regions: []string{"us-east", "eu-west"}}}}},
		staged(drill.StageFault, 0, nil), staged(drill.StageDetect, time.Second, nil), staged(drill.StageDecide, time.Second, nil), staged(drill.StageFence, time.Second, nil),
		staged(drill.StagePromote, 3100*time.Millisecond, &drill.Restored{Took: 1800 * time.Millisecond}),
	} {
		s.Apply(drill.Event{Seq: uint64(i + 1), T: time.Duration(i) * time.Second, Body: b})
	}
	l := Look{Scene: show.Scene{State: s, Now: s.Now, Theme: theme}}
	c := canvas.New(40, 12, theme)
	Draw(c.All(), l)
	text := strings.Join(strings.Fields(ansi.Strip(c.String())), " ")
	if !strings.Contains(text, "2.1 s of which restoring 1.8 s reroute") || l.stageRows(40) != len(drill.FailoverStages)+3 {
		t.Errorf("%d rows: %s", l.stageRows(40), text)
	}
}
