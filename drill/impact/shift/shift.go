// Package shift predicts where users are sent by other weights of the global router, when, and what regions have to take then.
package shift

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// Shift is other weights of regions, from 0 to 1, and when the router goes by them.
type Shift struct {
	Weights map[string]float64
	From    time.Duration
}

// Of is what becomes of weights that are committed now: the newest commit is looked for at any time within an interval alike, and the
// router goes by it once each wave before the last was well for as long as the gate asks. False where nobody looks.
func Of(s *drill.State, weights map[string]float64) (Shift, bool) {
	how := s.Fleet.Config
	if how == nil || how.Mode == topology.ConfigManual || s.Config != nil && s.Config.Suspended != nil {
		return Shift{}, false
	}
	from := how.Every / 2
	if waves := len(how.Waves); waves > 1 && how.Gate != nil {
		from += time.Duration(waves-1) * (how.Every/2 + how.Gate.For)
	}
	return Shift{Weights: weights, From: from}, true
}

// Sends is where a population is sent then, of the regions that serve.
func (x Shift) Sends(s *drill.State, p topology.Population) policy.Answer {
	f := s.Fleet
	f.Routing.Weights = x.Weights
	return policy.Of(f, p, func(region string) bool {
		r := s.Region(region)
		return r != nil && r.Health.Serves()
	})
}

// Lines say who is sent elsewhere, when, and what that has regions take, beside what they can.
func (x Shift) Lines(s *drill.State) (lines []string) {
	more, kept := map[string]float64{}, time.Duration(0)
	for _, p := range s.Populations {
		kept = max(kept, s.Fleet.AnswerTTL(p.Spec))
		var moved []string
		then := x.Sends(s, p.Spec)
		for _, region := range s.Fleet.RegionNames() {
			was, is := measure.ShareServedBy(p, region), then.Part(region)
			more[region] += p.Spec.Rate * (is - was)
			if math.Abs(is-was) >= leastMoved {
				moved = append(moved, fmt.Sprintf("%s %s, now %s", region, format.Percent(is), format.Percent(was)))
			}
		}
		if len(moved) > 0 {
			lines = append(lines, fmt.Sprintf("%s then: %s", p.Spec.Name, strings.Join(moved, "; ")))
		}
	}
	if len(lines) == 0 {
		return []string{"nobody is sent elsewhere"}
	}
	when := "the router goes by it in about " + format.Span(x.From)
	if kept > 0 {
		when += "; resolvers keep what they were told for " + format.Span(kept)
	}
	lines = append(lines, when)
	for _, region := range s.Fleet.RegionNames() {
		takes, limited := measure.CapacityOf(s, region)
		if load := measure.LoadOf(s, region) + more[region]; limited && more[region] > 0 {
			line := fmt.Sprintf("%s is sent about %s/s then, and takes %s/s", region, whole(load), whole(takes))
			if over := load - takes; over > 0 {
				line += fmt.Sprintf(": %s/s too many", whole(over))
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// leastMoved is the share of a population from which on a difference is one: less is the draw of a sample.
const leastMoved = 0.05

func whole(perSecond float64) string { return format.Count(int64(math.Round(perSecond))) }
