package engine

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// A drill that is aborted at whatever moment, also within a step or between two, lifts every fault and every cordon. Where one can't be
// lifted, all others are, and the failure is told.
func TestAnAbortAtAnyMomentLiftsAll(t *testing.T) {
	const last = 16 * time.Second
	stuck := map[string][]string{"": nil, "restore east": {"east"}, "restore west": {"west", "south"}}
	for breaks := range stuck {
		for seed := range uint64(50) {
			at := time.Duration(rand.New(rand.NewPCG(seed, 1)).Int64N(int64(last)))
			synctest.Test(t, func(t *testing.T) {
				d, r, m := modelDrill()
				m.breaks = breaks
				d.bus.Emit(drill.RegionCordoned{Region: "south", On: true})
				r.finish, r.quiet, r.audit = func(context.Context) {}, func() {}, func(context.Context) {}
				plan := &runbook.Plan{End: last, Steps: []runbook.Step{
					{At: 2 * time.Second, Command: runbook.Command{Verb: runbook.VerbKill, Region: "east"}},
					{At: 4 * time.Second, Command: runbook.Command{Verb: runbook.VerbFreeze, Region: "west"}},
					{At: 9 * time.Second, Command: runbook.Command{Verb: runbook.VerbRestore, Region: "east"}},
					{At: 12 * time.Second, Command: runbook.Command{Verb: runbook.VerbKill, Region: "east"}},
				}}
				var all sync.WaitGroup
				all.Go(func() {
					time.Sleep(at)
					r.recovery.cross(drill.LimitCrossed{Limit: "rto", Why: "rto is 6 s, the limit is 5 s"})
				})
				if err := r.guarded(t.Context(), plan); !errors.Is(err, errAborted) {
					t.Fatalf("at %s: %v", at, err)
				}
				all.Wait()
				r.restoreAll(t.Context())
				d.state(func(s *drill.State) {
					told := false
					for _, c := range s.Commands {
						told = told || c.Error == "the engine does not answer"
					}
					left := action.Lifting(s, runbook.ByDrill)
					switch {
					case len(left) == 0:
					case len(left) > 1 || !slices.Contains(stuck[breaks], left[0].Region):
						t.Errorf("at %s, where %q breaks: %v holds", at, breaks, left)
					case !told:
						t.Errorf("at %s: nothing says why %v holds", at, left)
					}
				})
			})
		}
	}
}
