package pane

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
)

// forces is the way out of a failover that can't go on by itself.
const forces = "! forces"

// heldUp is why a failover stands still in a stage, in at most rows lines of w
// columns: what the engine could not do, or that it is a person's turn. The footer
// drops the same after a while, though the failover still stands.
func heldUp(s *drill.State, f *drill.Failover, stage drill.Stage, w, rows int) []string {
	if rows < 1 || stage != drill.StageDecide && stage != drill.StagePromote {
		return nil
	}
	if f.Blocked != nil {
		lines := canvas.Wrap(f.Blocked.Reason, w)
		if !forcible(s, f.Dataset) {
			return canvas.CutLines(lines, rows, w)
		}
		return withForces(lines, w, rows)
	}
	if stage == drill.StageDecide && s.Fleet.Failover.Decide == "operator" {
		return []string{canvas.Cut("waits for a person: P promotes", w)}
	}
	return nil
}

// forcible reports whether a replica answers that is whole: no other can be forced.
func forcible(s *drill.State, dataset string) bool {
	d := s.Dataset(dataset)
	return d != nil && len(s.Copies(d, func(string) bool { return true })) > 0
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
