package localfleet

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

// reporter sends what happens to whoever runs the drill.
type reporter struct {
	to  fleet.Report
	now func() time.Time
	log *slog.Logger
}

// commanded reports a command as the line that a person would type.
func (r reporter) commanded(region, format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	r.log.Info("command", "region", region, "line", line)
	r.to(drill.FleetCommanded{Region: region, Line: line})
}

// prove makes a proof of now.
func (r reporter) prove(format string, args ...any) fleet.Proof {
	return fleet.Proof{At: r.now(), Text: fmt.Sprintf(format, args...)}
}
