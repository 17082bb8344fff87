package format

import (
	"cmp"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure/curve"
)

// Picture is what a drill measured over time, with its words.
type Picture struct {
	Key   string // as it is named in JSON: "answered", "moved"
	Title string
	curve.Curve
}

// Pictures is every picture that there is to draw of a drill.
func Pictures(s *drill.State) (all []Picture) {
	if c, ok := curve.Answered(s); ok {
		all = append(all, Picture{"answered", "share of requests answered", c})
	}
	if c, ok := curve.Moved(s); ok {
		all = append(all, Picture{"moved", "how soon compute was there, and its data", c})
	}
	return all
}

// CurveLine is what a line is of.
func CurveLine(l curve.Line) string {
	switch l.Kind {
	case curve.Compute:
		return fmt.Sprintf("web in %s, of %s", l.Name, Plural(l.Whole, "replica", "replicas"))
	case curve.Data:
		return fmt.Sprintf("%s in %s, of %s", l.Dataset, l.Name, Bytes(l.Whole))
	}
	return cmp.Or(l.Name, "all users")
}

// CurveMark is what was done at a mark: "us-east killed", "us-east restored".
func CurveMark(m curve.Mark) string {
	if m.Over {
		return Where(m.Fault.FaultProved) + " " + cmp.Or(m.Fault.Ended, "restored")
	}
	return Where(m.Fault.FaultProved) + " " + m.Fault.Done
}
