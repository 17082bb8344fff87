package verdict

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

var splitBrain = Objective{
	Name: "split_brain", Label: "split brains", Unit: Number,
	Help: "how often two leaders of a dataset confirmed writes at once",
	Says: []string{"split brain", "writes at once", "beside the new", "takes no write"},
	Input: &Input{
		Word:  func(o *runbook.Objectives, word string) { o.SplitBrain = word },
		Words: []string{runbook.SplitBrainNone, runbook.SplitBrainShown},
	},
	Asked: func(s *drill.State) []Goal {
		switch s.Plan.Objectives.SplitBrain {
		case runbook.SplitBrainNone:
			return []Goal{{}}
		case runbook.SplitBrainShown:
			return []Goal{{N: 1, AtLeast: true}}
		}
		return nil
	},
	Measure: func(s *drill.State, _ string) Value { return count(measure.SplitBrains(s)) },
	Detail: func(s *drill.State) string {
		var seen []string
		for _, d := range s.Datasets {
			for _, b := range d.Splits {
				seen = append(seen, fmt.Sprintf("%s and %s both confirmed writes of %s", b.Old, b.New, d.Name))
			}
		}
		if len(seen) == 0 {
			return "no split brain was seen, and the drill is to show one"
		}
		return strings.Join(seen, "; ")
	},
}
