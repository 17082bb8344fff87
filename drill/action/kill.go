package action

import "github.com/fleetdrill/fleetdrill/drill"

// kill takes a region away without a word: its process or cluster gets SIGKILL.
var kill = Action{
	Verb: drill.VerbKill,
	Words: Words{Name: "kill", Done: "killed", Help: "kill the region: SIGKILL, links go silent",
		Key: "K", Group: GroupRegion, Dangerous: true},
	Params:  []Param{theRegion},
	Check:   checkBreak,
	Confirm: confirmImpact,
	Predict: predict,
	Assume:  assumeBroken(drill.FaultKill),
	Undo:    drill.VerbRestore,
	Effect:  EffectFault,
}

// checkBreak is the rule of faults on a region: there is something left to break.
func checkBreak(s *drill.State, c drill.Command) *Refusal { return broken(s, c.Region) }

// assumeBroken takes for granted that a fault on a region takes effect.
func assumeBroken(kind drill.FaultKind) func(*drill.State, drill.Command) []drill.Body {
	return func(s *drill.State, c drill.Command) []drill.Body {
		return []drill.Body{drill.FaultProved{ID: len(s.Faults) + 1, Command: len(s.Commands), Fault: kind, Region: c.Region, From: s.Now}}
	}
}
