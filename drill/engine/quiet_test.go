package engine

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Traffic and ledgers are counted up to one moment: what users had acknowledged is what
// the ledger has as acknowledged, at the end of a plan and of a drill by hand.
func TestTrafficAndLedgersEndAtOneMoment(t *testing.T) {
	plan := &runbook.Plan{Name: "still", Steady: runbook.Steady{For: time.Second, Success: 0.5}, End: time.Second}
	for name, plan := range map[string]*runbook.Plan{"by hand": nil, "a plan": plan} {
		t.Run(name, func(t *testing.T) {
			attempts(t, func(t *attempt) {
				l := newLab(t, func(c *Config) { c.Plan = plan })
				if plan == nil {
					l.undisturbed()
				} else {
					l.until("judged", func(s *drill.State) bool { return s.Verdict != "" })
				}
				l.end()
				w := measure.FinalWrites(l.state, "")
				acknowledged, leftOut := 0, 0
				for _, p := range l.state.Populations {
					leftOut += p.Last.TotalLeftOut
					for _, d := range p.Last.Datasets {
						acknowledged += d.Acknowledged
					}
				}
				if !w.Known || w.Acknowledged == 0 {
					t.Fatalf("no ledger was checked: %+v", w)
				}
				// What was left out for a standstill of this machine is in the ledger alone.
				if w.Acknowledged < acknowledged || w.Acknowledged > acknowledged+leftOut {
					t.Errorf("the ledger has %d acknowledged writes, users had %d, %d requests were left out", w.Acknowledged, acknowledged, leftOut)
				}
			})
		})
	}
}
