package kindfleet

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

// lookEvery is how often what is awaited is looked at.
const lookEvery = 500 * time.Millisecond

// reporter sends what happens to whoever runs the drill.
type reporter struct {
	to  fleet.Report
	now func() time.Time
	log *slog.Logger
}

// commanded reports a command as the line that a person would type.
func (r reporter) commanded(region, line string, args ...any) {
	r.to(drill.FleetCommanded{Region: region, Line: fmt.Sprintf(line, args...)})
}

// typed reports a command of the whole fleet.
func (r reporter) typed(line string) { r.to(drill.FleetCommanded{Line: line}) }

// stage reports a stage of the whole fleet around do.
func (r reporter) stage(s drill.StageEntered, do func() error) error {
	s.Status = drill.StageRunning
	r.to(s)
	err := do()
	s.Status = drill.StageDone
	if err != nil {
		s.Status, s.Detail = drill.StageFailed, err.Error()
	}
	r.to(s)
	return err
}

// prove makes a proof of now.
func (r reporter) prove(format string, args ...any) fleet.Proof {
	return fleet.Proof{At: r.now(), Text: fmt.Sprintf(format, args...)}
}
