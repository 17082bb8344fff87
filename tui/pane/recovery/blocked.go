package recovery

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
)

// forces is the key that ends a failover which can't go on by itself.
const forces = "! forces"

// blockedLines is why a failover is blocked in a stage, in at most rows lines of w
// columns, or that it is a person's turn.
func blockedLines(s *drill.State, f *drill.Failover, stage drill.Stage, w, rows int) []string {
	if rows < 1 || stage != drill.StageDecide && stage != drill.StagePromote {
		return nil
	}
	if why, blocked := blockedReason(s, f); blocked {
		lines := canvas.Wrap(why, w)
		if !forcible(s, f.Dataset) {
			return canvas.CutLines(lines, rows, w)
		}
		return withForces(lines, w, rows)
	}
	if stage == drill.StageDecide && s.Fleet.Failover.ByOperator() {
		return []string{canvas.Cut("waits for a person: P promotes", w)}
	}
	return nil
}

// blockedReason is the last reason; journals of before have it as a failed task.
func blockedReason(s *drill.State, f *drill.Failover) (string, bool) {
	if f.Blocked != nil {
		return f.Blocked.Reason, true
	}
	for _, failed := range slices.Backward(s.Failures) {
		if failed.Failover == f.ID {
			return failed.Error, true
		}
	}
	return "", false
}

// forcible reports whether a replica answers that is whole: no other can be forced.
func forcible(s *drill.State, dataset string) bool {
	d := s.Dataset(dataset)
	return d != nil && len(measure.Copies(s, d, func(string) bool { return true })) > 0
}

// withForces adds the key to at most rows lines of a text. It is never what is cut.
func withForces(lines []string, w, rows int) []string {
	const sep = " · "
	if len(lines) == 0 {
		return nil
	}
	beside := canvas.Width(sep + forces)
	if len(lines) < rows && canvas.Width(lines[len(lines)-1])+beside > w {
		return append(lines, forces)
	}
	lines = canvas.CutLines(lines, rows, w)
	last := len(lines) - 1
	lines[last] = canvas.Cut(lines[last], w-beside) + sep + forces
	return lines
}
