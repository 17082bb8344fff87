package engine

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// What a plan requires is looked at in each steady check: a lag that goes is waited for, one that stays keeps the drill from its first step
// well before the time is over that a fleet may take to be steady.
func TestADrillDoesNotBeginWithoutWhatItRequires(t *testing.T) {
	for _, gone := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			d, r, m := modelDrill()
			lags := func(n uint64) {
				all := drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "east", Role: role.Authority, Epoch: 1}}}
				for _, region := range []string{"west", "south"} {
					all.Stores = append(all.Stores, telemetry.Replica{Dataset: "orders", Region: region, Role: role.Follower, Epoch: 1, LagWrites: &n})
				}
				d.bus.Emit(all)
			}
			r.users = noMeter{}
			r.recovery.ok = stretch{good: true}
			lags(40)
			time.AfterFunc(4*time.Second, func() {
				if gone {
					lags(4)
				}
			})
			under := 5
			plan := &runbook.Plan{Steady: runbook.Steady{For: time.Second, Success: 0.9}, Require: &runbook.Require{LagUnder: &under},
				Steps: []runbook.Step{{Command: runbook.Command{Verb: runbook.VerbKill, Region: "east"}}}}
			d.state(func(s *drill.State) { s.Plan = plan }) // as the drill's first event has it
			if !gone {
				verdict, why := r.run(t.Context(), plan)
				if verdict != drill.Inconclusive || !strings.HasPrefix(why, "required before the first step and not so: lag: orders in west is 40 writes behind, under 5 writes is required (wait until it catches up") {
					t.Errorf("%s: %s", verdict, why)
				}
				if len(m.ops) > 0 || d.bus.Now() > requireLimit+5*time.Second {
					t.Errorf("ops %v, by %s", m.ops, d.bus.Now())
				}
				return
			}
			if is, err := r.steady(t.Context(), plan.Steady, plan.Require, r.missing); err != nil || !is.Met || len(is.Unmet) > 0 || d.bus.Now() < 4*time.Second {
				t.Errorf("%+v, %v, at %s", is, err, d.bus.Now())
			}
		})
	}
}
