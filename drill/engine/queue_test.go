package engine

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Whatever was taken is answered, also when the drill ends first; then nothing is taken.
func TestEveryQueuedCommandIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _, m := modelDrill()
		q := newQueue()
		ctx, end := context.WithCancel(t.Context())
		close(q.ready) // as run does: they wait while it has not looked yet
		for _, region := range []string{"east", "west"} {
			if err := q.put(runbook.Command{Verb: runbook.VerbKill, Region: region}, nil); err != nil {
				t.Fatal(err)
			}
		}
		end()
		q.take(ctx, d)
		d.state(func(s *drill.State) {
			if len(s.Commands) != 2 {
				t.Fatalf("%d commands are in the journal, want 2", len(s.Commands))
			}
			for _, c := range s.Commands {
				if c.Ended == nil || c.Error != "the drill was stopped first" {
					t.Errorf("%s: ended %v, %q", c.Command, c.Ended, c.Error)
				}
			}
		})
		if len(m.ops) != 0 {
			t.Errorf("ops %v after the end", m.ops)
		}
		if err := q.put(runbook.Command{Verb: runbook.VerbKill, Region: "east"}, nil); err == nil {
			t.Error("a command was taken after the end")
		}
	})
}
