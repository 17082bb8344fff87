package gitops

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Done is the commands of a verb that were carried out, by their numbers.
func Done(s *drill.State, verb runbook.Verb) (ids []int) {
	for _, c := range s.Commands {
		if c.Command.Verb == verb && c.Ended != nil && c.Error == "" {
			ids = append(ids, c.ID)
		}
	}
	return ids
}
