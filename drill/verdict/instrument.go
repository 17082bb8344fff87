package verdict

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// MostNotSent is the share of requests that this program may fail to send before a drill says nothing. It may hide as large
// a share of users: half of the ten points within which what is predicted and what is measured are held to agree.
const MostNotSent = 0.05

// MostUnheard is the share of requests that may not be sent because too many wait, or hold the last descriptor: they are those of
// users whose region does not answer, so each of them hides harm. It is what a steady check of 99 % lets fail.
const MostUnheard = 0.01

// TooFewSent reports whether more requests were not sent than leave a drill anything to say.
func TooFewSent(u measure.Sent) bool {
	unheard := float64(u.NotSent - u.Why[telemetry.UnsentLate])
	return u.Share > MostNotSent || unheard > MostUnheard*float64(u.Requests+u.NotSent)
}

// mostTold is how many standstills are named for one measurement; the report lists all of them.
const mostTold = 3

// instrument says what of the measurements is the machine's doing, and not the fleet's.
func instrument(s *drill.State) []string {
	var all []string
	told := map[string]int{} // what was disturbed, by how often it was said
	for _, d := range measure.Disturbances(s) {
		if d.Rejoin == nil {
			if told[doing(d)]++; told[doing(d)] > mostTold {
				continue // a machine that stands still again and again
			}
		}
		switch {
		case d.Rejoin != nil: // it is reported, and no objective asks for it
		case d.Starved != nil:
			all = append(all, fmt.Sprintf("%s while %s: this machine did that, not the drill", format.Starved(*d.Starved), doing(d)))
		case d.Disk != nil:
			all = append(all, fmt.Sprintf("%s while %s: this machine did that, not the drill", format.DiskStood(*d.Disk), doing(d)))
		default:
			all = append(all, fmt.Sprintf("%s while %s: what was measured then is not the fleet's doing", format.StoodStill(*d.Standstill), doing(d)))
		}
	}
	if u := measure.Unsent(s); TooFewSent(u) {
		all = append(all, fmt.Sprintf("%s of %s could not be sent by this machine (%s), at most %s may be, and %s of those whose answers are missing",
			format.ExactPercent(u.Share), format.Plural(u.Requests+u.NotSent, "request", "requests"), format.NotSent(u.Why), format.ExactPercent(MostNotSent), format.ExactPercent(MostUnheard)))
	}
	return all
}

// doing is what a measurement is of.
func doing(d measure.Disturbed) string {
	switch {
	case d.Fault != nil:
		return fmt.Sprintf("users had not recovered from %s %s", format.Where(d.Fault.FaultProved), cmp.Or(d.Fault.Done, string(d.Fault.Fault)))
	case d.Check:
		return "it was checked whether the fleet is steady after the last step"
	default:
		return d.Move.Dataset + " moved from " + d.Move.From
	}
}

// NotSteady says of a drill that did not go on why its steady check did not hold, and who it was that was not served.
func NotSteady(s *drill.State) string {
	_, why := steadiness(s.SteadyBefore, s.Plan.Steady, "before the first step")
	var who []string
	for _, p := range s.Populations {
		failed, requests := measure.FailedLately(s, p, s.Plan.Steady.For)
		var reasons []string
		for _, reason := range slices.Sorted(maps.Keys(failed)) {
			reasons = append(reasons, fmt.Sprintf("%s %d", reason, failed[reason]))
		}
		if len(reasons) > 0 {
			who = append(who, fmt.Sprintf("%s (%s, of %d requests)", p.Spec.Name, strings.Join(reasons, ", "), requests))
		}
	}
	if len(who) > 0 {
		why += ": failed for " + strings.Join(who, ", ")
	}
	return strings.Join(append([]string{why}, instrument(s)...), "; ")
}
