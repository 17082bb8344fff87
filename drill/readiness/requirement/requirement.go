// Package requirement says what a drill requires before its first step and is not so: a file a requirement, and one list. Each asks the
// checks of the preflight (package readiness), so that a drill never begins where a failover's gate would refuse. It is pure.
package requirement

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Requirement is one thing that a drill file may require. To add one, write its file and its row in All.
type Requirement struct {
	Name string // in a drill file's require
	// Unmet is what is not so, each with what to do; nil where all is, or the plan does not ask for it. What is not known is not so.
	Unmet func(s *drill.State, asked runbook.Require) []string
}

// All is every requirement, in the order in which they are told.
var All = []Requirement{lag, nMinusOne, ready}

// Unmet is all that a plan requires and is not so.
func Unmet(s *drill.State, asked runbook.Require) (all []string) {
	for _, r := range All {
		for _, why := range r.Unmet(s, asked) {
			all = append(all, r.Name+": "+why)
		}
	}
	return all
}
