package impact

import (
	"math"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/impact/ahead"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Retries without a budget make an overload worse than it would be; a budget bounds that. A later step that scales ends it.
func TestRetriesAddToAnOverload(t *testing.T) {
	of := func(r topology.Retries, rate float64, at time.Duration) (overload, failed float64) {
		s := drill.NewState()
		s.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{Fleet: topology.Fleet{
			Name: "f", Regions: []topology.Region{{Name: "a"}}, Web: topology.Web{Replicas: 2, Capacity: 100},
			Users: []topology.Population{{Name: "u", Rate: rate, Retries: r}},
		}}})
		k := class{pop: s.Population("u"), share: 1, stays: []stay{{to: only("a")}}}
		e := &exposure{s: s, all: []class{k}, Steps: ahead.Steps{Undone: never, Scaled: []ahead.Scaling{{Region: "a", Replicas: 4, At: 5 * time.Second}}}}
		return e.turnAt("a", at).shed, e.again(k, at, e.attempt(k, at)).refused
	}
	near := func(got, want float64) bool { return math.Abs(got-want) < 0.02 }
	if overload, failed := of(topology.Retries{}, 80, 4*time.Second); overload != 0 || failed != 0 {
		t.Errorf("below the capacity %.2f is shed", overload)
	}
	if overload, failed := of(topology.Retries{}, 125, 4*time.Second); !near(overload, 0.2) || !near(failed, 0.2) {
		t.Errorf("125/s of 100/s: %.2f shed, %.2f failed", overload, failed)
	}
	storm, failed := of(topology.Retries{Most: 3}, 150, 4*time.Second)
	if storm < 0.55 || failed < 0.2 {
		t.Errorf("without a budget %.2f of attempts are shed and %.2f of requests fail", storm, failed)
	}
	held, failed := of(topology.Retries{Most: 3, Budget: 0.2}, 150, 4*time.Second)
	if want := 1 - 100/(150*1.2); !near(held, want) || !near(failed, 1.0/3) {
		t.Errorf("with a budget %.2f of attempts are shed, want %.2f; %.2f of requests fail", held, want, failed)
	}
	if overload, _ := of(topology.Retries{}, 125, 900*time.Millisecond); overload != 0 { // a second's excess fits into what it takes at once
		t.Errorf("before its burst is used up %.2f is shed", overload)
	}
	if overload, _ := of(topology.Retries{Most: 3}, 150, 6*time.Second); overload != 0 {
		t.Errorf("once it is scaled to 200/s %.2f is shed", overload)
	}
}
