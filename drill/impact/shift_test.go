package impact

import (
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Other weights move users, which hurts those whom a region that they are sent to does not take, and nobody where it takes them all.
func TestWeightsMoveUsersToWhatARegionTakes(t *testing.T) {
	weighted := func(how topology.Config, capacity float64) *drill.State {
		s := governed(how)
		s.Fleet.Routing.Policy, s.Fleet.Routing.Weights = "weighted", map[string]float64{"east": 0.75, "west": 0.25}
		s.Fleet.Web.Capacity = capacity
		slow := 500 * time.Millisecond
		for _, p := range s.Populations {
			p.Region, p.Shares = "east", map[string]float64{"east": 0.75, "west": 0.25}
			p.Last = &telemetry.Population{Population: p.Spec.Name, Slow: &slow, ServedBy: map[string]int{"east": 75, "west": 25}}
		}
		return s
	}
	predict := func(s *drill.State) runbook.Impact {
		return PredictWeights(s, runbook.Command{Verb: runbook.VerbCommit}, map[string]float64{"west": 1}, runbook.VerbRevert)
	}
	fits := predict(weighted(pulled, 600))
	want := []string{
		"no user is predicted to be hurt", "americas then: east 0 %, now 75 %; west 100 %, now 25 %", "europe then: east 0 %, now 75 %; west 100 %, now 25 %",
		"the router goes by it in about 500 ms", "west is sent about 200/s then, and takes 600/s",
	}
	if fits.Share > 0.01 || !slices.Equal(fits.Lines, want) {
		t.Errorf("what fits hurts %g: %q", fits.Share, fits.Lines)
	}
	tight := predict(weighted(pulled, 120))
	if tight.Share < 0.3 || tight.Lines[len(tight.Lines)-1] != "west is sent about 200/s then, and takes 120/s: 80/s too many" {
		t.Errorf("80 requests a second too many hurt %g: %q", tight.Share, tight.Lines)
	}
	manual := predict(weighted(byHand, 120))
	if manual.Share != 0 || !slices.Equal(manual.Lines, []string{"the router does not go by it: nobody reconciles"}) {
		t.Errorf("in manual mode it hurts %g: %q", manual.Share, manual.Lines)
	}
	same := PredictWeights(weighted(pulled, 120), runbook.Command{}, map[string]float64{"east": 0.75, "west": 0.25}, runbook.VerbRevert)
	if last := same.Lines[len(same.Lines)-1]; last != "nobody is sent elsewhere" {
		t.Errorf("the same weights: %q", same.Lines)
	}
}
