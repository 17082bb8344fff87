package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A link is browned out by a step's command, which is proved by a probe's round trip and by
// what had to be sent again, and cleared; a partition of it meanwhile is lifted by itself.
func TestALinkIsBrownedOutAndCleared(t *testing.T) {
	beside(t)
	attempts(t, func(t *attempt) {
		l := newLab(t, nil)
		l.undisturbed()
		n := 0
		do := func(c runbook.Command) string {
			l.send(c)
			n++
			l.until(c.String(), func(s *drill.State) bool { return len(s.Commands) == n && s.Commands[n-1].Ended != nil })
			if done := l.state.Commands[n-1]; done.Error != "" {
				t.Fatalf("%s: %s", c, done.Error)
			}
			return l.state.Commands[n-1].Proof
		}
		link := [2]string{"a", "b"}
		proof := do(runbook.Command{Verb: "brownout", Between: link, Shape: topology.Shape{RTT: 120 * time.Millisecond, Loss: 0.1}})
		if !strings.Contains(proof, "segments sent again, before ") {
			t.Errorf("proof %q", proof)
		}
		if rtt := l.engine.parts.network.Shape("a", "b").RTT; rtt != 120*time.Millisecond {
			t.Errorf("round trip %s", rtt)
		}
		f := l.state.Faults[0]
		if f.Command != 1 || f.Shape.Loss != 0.1 || len(l.state.Predicted) != 1 || l.state.Predicted[0].ID != 1 {
			t.Errorf("fault %+v, predictions %+v", f, l.state.Predicted)
		}
		do(runbook.Command{Verb: runbook.VerbPartition, From: "a", To: "b"})
		if do(runbook.Command{Verb: "clear", Between: [2]string{"b", "a"}}); !l.engine.parts.network.Silent("a", "b") {
			t.Error("the partition went with the brownout")
		}
		do(runbook.Command{Verb: runbook.VerbHeal, From: "a", To: "b"})
		if rtt := l.engine.parts.network.Shape("a", "b").RTT; rtt != 5*time.Millisecond || l.engine.parts.network.Silent("a", "b") {
			t.Errorf("round trip %s afterwards", rtt)
		}
		l.until("recovered", func(s *drill.State) bool { return len(s.Recoveries) == 2 })
		l.end()
	})
}
