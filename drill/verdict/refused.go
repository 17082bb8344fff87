package verdict

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// refusedSteps has no line of its own in a drill file: steps with "expect: refused" ask for it.
var refusedSteps = Objective{
	Name: "refused_steps", Label: "steps refused", Unit: Number, One: "step", Many: "steps",
	Help: "steps that are there to show what is refused, and were",
	Says: []string{"refused"},
	Asked: func(s *drill.State) []Goal {
		n := len(measure.Refusals(s))
		if n == 0 {
			return nil
		}
		return []Goal{{N: float64(n), AtLeast: true}}
	},
	Measure: func(s *drill.State, _ string) Value {
		v, taken := Value{Known: true}, false
		for _, r := range measure.Refusals(s) {
			switch {
			case r.Refused:
				v.N++
			case r.Known:
				taken = true
			default:
				v.Bound = true
			}
		}
		v.Bound = v.Bound && !taken // one that was taken misses the goal, whatever the others would have come to
		return v
	},
	Detail: func(s *drill.State) string {
		var taken []string
		for _, r := range measure.Refusals(s) {
			if r.Known && !r.Refused {
				taken = append(taken, fmt.Sprintf("%s was to be refused and was not", r.Command))
			}
		}
		return strings.Join(taken, "; ")
	},
}
