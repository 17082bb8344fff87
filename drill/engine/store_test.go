package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// A store that hangs, or whose disk is full, in a region that looks well: every probe of the region is answered and nobody is sent
// elsewhere, and another region leads by what the store does. Once it works again it follows.
func TestTheStoreAloneFails(t *testing.T) {
	beside(t)
	for verb, why := range map[runbook.Verb]string{"hang-store": "hang", "fill-disk": "no space left on device"} {
		t.Run(string(verb), func(t *testing.T) {
			beside(t)
			attempts(t, func(t *attempt) {
				l := newLab(t, nil)
				l.undisturbed()
				l.send(runbook.Command{Verb: verb, Region: "a"})
				l.until("the authority has moved", func(s *drill.State) bool {
					return len(s.Failovers) > 0 && s.Failovers[0].Check != nil && s.Dataset("orders").Authority != "a"
				})
				f := l.state.Region("a").Parts
				if len(f) != 1 || !strings.Contains(f[0].Proof, "a write to orders") || !strings.Contains(f[0].Proof, "gateway and web tier answer") {
					t.Errorf("faults on a: %+v", f)
				}
				if l.state.Region("a").Health == drill.HealthDown {
					t.Error("a region whose store fails is called down")
				}
				if b, stalls := l.state.Dataset("orders").Stalled["a"]; !stalls || !strings.Contains(b.Why, why) {
					t.Errorf("the store of a: %+v", b)
				}
				l.send(runbook.Command{Verb: runbook.VerbRestore, Region: "a"})
				l.until("it follows again", func(s *drill.State) bool {
					return len(s.Dataset("orders").Stalled) == 0 && len(s.Region("a").Parts) == 0 && len(s.Rejoins) > 0 && s.Rejoins[0].Done != nil
				})
				moved := l.state.Failovers[0]
				if detected, known := moved.Took(drill.StageDetect); len(l.state.Failovers) != 1 || len(moved.Check.Lost) != 0 || !known || detected < time.Second {
					t.Errorf("%d failovers, the first detected within %s, %d writes lost", len(l.state.Failovers), detected, len(moved.Check.Lost))
				}
				l.end()
			})
		})
	}
}
