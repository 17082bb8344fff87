package measure

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Elapsed is the drill's clock at a time t of the engine's. It is zero when the steady check
// ends, which plan times count from; while the check runs it counts down to that, and stays
// at zero where the check takes longer than planned, so that it never jumps back. Before
// the check, and in a drill that has none, it is the time since the engine started.
func Elapsed(s *drill.State, t time.Duration) time.Duration {
	check := runbook.HandSteady.For
	if s.Plan != nil {
		check = s.Plan.Steady.For
	}
	switch {
	case s.SteadyEnd != nil:
		return t - *s.SteadyEnd
	case s.SteadyBegan != nil:
		return min(0, t-*s.SteadyBegan-check)
	}
	return t
}
