package pane

import (
	"slices"

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
	for _, failed := range slices.Backward(s.Failures) {
		if failed.Task != "failover of "+f.Dataset {
			continue
		}
		if !saidSince(s, failed, f) {
			break
		}
		lines := canvas.Wrap(failed.Error, w)
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
	return d != nil && slices.ContainsFunc(d.Spec.Regions, func(region string) bool {
		r, sample := s.Region(region), d.Replicas[region]
		return r != nil && r.Health.Serves() && !stale(sample) && !sample.Seeding
	})
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

// saidSince reports whether a failure is from after the fault that a failover
// began with. The timeline has when it was; the failure itself does not.
func saidSince(s *drill.State, failed drill.TaskFailed, f *drill.Failover) bool {
	for _, l := range slices.Backward(s.Timeline) {
		if l.Mark == "error" && l.Text == failed.Task+": "+failed.Error {
			return l.T >= f.Ends[drill.StageFault]
		}
	}
	return true
}
