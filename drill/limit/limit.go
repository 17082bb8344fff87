// Package limit says when a drill has gone too far: a file an abort limit, and one list. Each reads what the screen, the report and the
// verdict read (package measure), so that a drill is never ended by a number that nobody can look up. It is pure.
package limit

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
)

// Limit is one measure that may end a drill. To add one, write its file and its row in All.
type Limit struct {
	Name string // in a drill file's abort
	Help string
	// Crossed is what is past the limit, in words; "" where nothing is, the plan sets no such limit, or it is not known. What is not
	// known ends no drill.
	Crossed func(s *drill.State, a runbook.Abort) string
}

// All is every limit that the state alone shows, in the order in which they are looked at. success_below, which has to last for some
// time, is Success.
var All = []Limit{rto, servedAgain, lostWrites, usersAffected, lag}

// Crossed is the first of a plan's limits that is crossed, and what is past it; nil where none is.
func Crossed(s *drill.State, a runbook.Abort) *drill.LimitCrossed {
	for _, l := range All {
		if why := l.Crossed(s, a); why != "" {
			return &drill.LimitCrossed{Limit: l.Name, Why: why}
		}
	}
	return nil
}

// objective is the limit of an objective: the same measure against a target of its own. A lower bound that is past it counts, so that
// what still lasts need not end first.
func objective(o verdict.Objective) Limit {
	return Limit{Name: o.Name, Help: o.Help, Crossed: func(s *drill.State, a runbook.Abort) string { return o.Missed(s, a.Over) }}
}
