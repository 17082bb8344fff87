package engine

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// TestADatabaseOverAThinLine cuts a line of 350 kbit/s for longer than a stream bears, and
// heals it: the stream goes on where it stopped, and nothing is copied anew. A whole copy, 7 MB
// at least, takes 160 s over it, so the copy at the beginning is made before the line is thin.
func TestADatabaseOverAThinLine(t *testing.T) {
	if !processes() || !slices.Contains(dataEngines(t), "postgres") {
		t.Skip("SKIPPED: it runs PostgreSQL servers (make test-data)")
	}
	spec := dataSpec("postgres", topology.Durability{Mode: topology.ModeAsync})
	for i := range spec.Users {
		spec.Users[i].Rate = 8
	}
	attempts(t, func(t *attempt) {
		l := newDataLab(t, spec, 7)
		l.written(10)
		thin := runbook.Command{Verb: "brownout", Between: [2]string{"a", "b"}}
		thin.Shape.Bandwidth = 350_000
		l.must(thin)
		l.written(10)
		l.must(cut(runbook.VerbPartition, "a", "b", false))
		time.Sleep(5 * time.Second) // the authority's server gives a stream up that is silent for 3 s
		l.written(10)
		began := time.Now()
		l.must(cut(runbook.VerbHeal, "a", "b", false))
		l.until("the other end of the line is current", 20*time.Second, func(s *drill.State) bool {
			d := s.Dataset(dataset)
			b := d.Replicas["b"]
			return b != nil && !b.Stale && !b.Seeding && b.Error == "" && b.LagWrites != nil && *b.LagWrites <= 2
		})
		t.Logf("current %s after the heal", time.Since(began).Round(100*time.Millisecond))
		l.look(func(s *drill.State) {
			for _, e := range l.events {
				if c, is := e.Body.(drill.StoreCopying); is && e.T > s.Faults[0].From && !c.Over && !c.On {
					t.Errorf("a copy began anew: %s", fmt.Sprint(c))
				}
			}
			if n := len(s.Failovers); n != 0 {
				t.Errorf("%d failovers", n)
			}
		})
		l.equal()
		l.end()
	})
}
