package action

import "github.com/fleetdrill/fleetdrill/drill"

// wait holds the steps of a plan until the fleet is recovered, or steady.
var wait = Action{
	Verb:  drill.VerbWait,
	Words: Words{Name: "wait", Done: "waited", Help: "hold the steps after it until users are served, or all is as before", Group: GroupProgram},
	Params: []Param{{Name: "for", Kind: KindCondition, Example: "recovered or steady", Help: "what is waited for",
		field: func(c *drill.Command) any { return &c.For }}},
	Check: func(*drill.State, drill.Command) *Refusal { return nil },
	Holds: true,
}
