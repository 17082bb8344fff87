package impact

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/change"
	"github.com/fleetdrill/fleetdrill/drill/impact/ahead"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Another Secret hurts whose writes go from a region that has it to one that has not, as long as that is so: until the next wave, until
// it is taken back where the gate holds it, and nobody where all have it at once.
func TestARotationIsPredictedByWave(t *testing.T) {
	inWaves := func(waves ...[]string) topology.Config {
		how := waved
		how.Waves = waves
		return how
	}
	// refused is the share of europe who have a write refused between two times, of those who ask within all of it: every fourth request is one.
	refused := func(from, until, all time.Duration) float64 {
		return askedOf((until-from)/4, all)
	}
	const soon, long = time.Second / 2, ahead.DefaultUndone // the repository is looked at every second
	for _, tt := range []struct {
		name   string
		how    topology.Config
		text   string
		revert time.Duration // when a step takes it back; 0 is never
		want   float64       // of europe, who write from west to east
		says   string
	}{
		{"west first, and held", inWaves([]string{"west"}, []string{"east"}), "secret web-credentials-2", 0, refused(soon, long, long),
			"about 500 ms from now, once west has it: 25 % of requests in europe are refused with 401, and stay so until it is taken back: west answers 75 % of requests, the gate asks for 99 %"},
		{"east first, whose own users write there", inWaves([]string{"east"}, []string{"west"}), "secret web-credentials-2", 0, refused(0, 2500*time.Millisecond, long),
			"about 500 ms from now, once east has it: 25 % of requests in europe are refused with 401, for about 2.5 s"},
		{"everywhere at once", pulled, "secret web-credentials-2", 0, 0, "no write is refused for longer than the regions of one wave take to have it"},
		{"in one region", pulled, "secret web-credentials-2 in west", 0, refused(soon, long, long), "once west has it: 25 % of requests in europe are refused with 401, and stay so until it is taken back"},
		{"and taken back", pulled, "secret web-credentials-2 in west", 4 * time.Second, refused(soon, 4500*time.Millisecond, 4500*time.Millisecond), "once west has it"},
		{"the one that it has", pulled, "secret web-credentials-1 in west", 0, 0, ""},
		{"to nobody", byHand, "secret web-credentials-2", 0, 0, "no region gets it by itself"},
	} {
		s, c := governed(tt.how), runbook.Command{Verb: runbook.VerbCommit, Text: tt.text}
		if tt.revert > 0 {
			s.Plan = &runbook.Plan{Steps: []runbook.Step{{Command: c}, {At: tt.revert, Command: runbook.Command{Verb: runbook.VerbRevert}}}, End: 2 * tt.revert}
		}
		what, err := change.Parse(tt.text, s.Fleet.RegionNames())
		if err != nil {
			t.Fatal(err)
		}
		p := PredictCommit(s, c, what.Region, what.Fields(), runbook.VerbRevert)
		near(t, tt.name, p.Users["europe"], tt.want)
		near(t, tt.name+": americas", p.Users["americas"], 0)
		if !strings.Contains(said(p), tt.says) {
			t.Errorf("%s: nothing says %q in\n%s", tt.name, tt.says, said(p))
		}
	}
}

// What one region was given by hand it has no more once it is reconciled: two regions that were both changed by hand take each other's
// writes, and one that is to have another Secret does not take those of one that has not.
func TestSecretsAreComparedByName(t *testing.T) {
	drifted := edited("west", config.DriftSecret)
	e := func(s *drill.State) *exposure {
		return newExposure(s, s, runbook.Command{}, runbook.Effect{}, stayingOutcomes(s))
	}
	if x := e(governed(byHand, drifted)); !refusesWay(x, "west", "east", 0, "orders", true) || refusesWay(x, "west", "east", 0, "orders", false) {
		t.Error("writes of the one that was changed by hand are taken, or its reads are not")
	}
	if x := e(governed(byHand, drifted, edited("east", config.DriftSecret))); refusesWay(x, "west", "east", 0, "orders", true) {
		t.Error("both were changed by hand alike, and refuse each other")
	}
}
