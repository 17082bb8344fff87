package postgres

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store/postgres/history"
)

// What was done and brought no stream is not done for ever.
func TestAStrategyThatDoesNotHelp(t *testing.T) {
	var e escalation
	for i, step := range []struct {
		todo, want history.Strategy
		streamed   bool
	}{
		{todo: history.ToStream, want: history.ToStream}, {todo: history.ToStream, want: history.ToStream}, {todo: history.ToStream, want: history.ToStream}, {todo: history.ToStream, want: history.ToStream}, {todo: history.ToStream, want: history.ToStream},
		{todo: history.ToStream, want: history.ToClone}, {todo: history.ToStream, want: history.ToClone, streamed: true},
		{todo: history.ToStream, want: history.ToStream}, {todo: history.ToDemote, want: history.ToDemote}, {todo: history.ToRewind, want: history.ToRewind}, {todo: history.ToStream, want: history.ToStream},
		{todo: history.ToRewind, want: history.ToRewind}, {todo: history.ToRewind, want: history.ToRewind}, {todo: history.ToRewind, want: history.ToClone}, {todo: history.ToClone, want: history.ToClone}, {todo: history.ToClone, want: history.ToClone}, {todo: history.ToRewind, want: history.ToRewind},
	} {
		if got := e.next(step.todo); got != step.want {
			t.Errorf("step %d: strategy %d, want %d", i, got, step.want)
		}
		if step.streamed {
			e.times = 0
		}
	}
}
