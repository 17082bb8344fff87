// Package legacy completes what older journals lack. They were written before a fault said what it does and how it is
// called, and have the names of the faults that there were then; nothing else goes by those.
package legacy

import (
	"cmp"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var (
	done  = map[string]string{"kill": "killed", "freeze": "frozen", "partition": "partitioned"}
	ended = map[runbook.Verb]string{runbook.VerbRestore: "restored", runbook.VerbHeal: "healed", "clear": "cleared"}
)

// Done is a fault as a word in the past: "killed". One that is not known is its own word.
func Done(fault string) string { return cmp.Or(done[fault], fault) }

// Ended is what a verb did to the fault that it lifted, in the past: "restored"; "" for one that is not known.
func Ended(undo runbook.Verb) string { return ended[undo] }

// Effect is what a fault, or the command of that name, did to those regions or on those ways; zero for one that is not known.
func Effect(fault string, regions []string, ways []topology.Way, shape topology.Shape) runbook.Effect {
	switch fault {
	case "kill", "freeze":
		return runbook.Effect{Stops: regions, Still: fault == "freeze", Undo: runbook.VerbRestore}
	case "partition":
		return runbook.Effect{Cuts: ways, Undo: runbook.VerbHeal}
	case "brownout":
		return runbook.Effect{Reshapes: ways, Shape: shape, Undo: "clear"}
	}
	return runbook.Effect{}
}
