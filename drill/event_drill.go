package drill

import "time"

// DrillStarted opens every journal. Plan is nil when an operator drills by hand.
type DrillStarted struct {
	Fleet   Fleet  `json:"fleet"`
	On      string `json:"on"` // "kind" or "local"
	Plan    *Plan  `json:"plan,omitempty"`
	Seed    uint64 `json:"seed"`
	Version string `json:"version"`
}

// Phase is what a drill is doing.
type Phase string

// The phases, in order. A drill by hand goes from PhaseBringUp to PhaseRunning.
const (
	PhaseBringUp  Phase = "bring-up"
	PhaseSteady   Phase = "steady check"
	PhaseRunning  Phase = "running"
	PhaseFinal    Phase = "final check"
	PhaseTearDown Phase = "tear-down"
	PhaseEnded    Phase = "ended"
)

// PhaseEntered marks the start of a phase.
type PhaseEntered struct {
	Phase Phase `json:"phase"`
}

// SteadyMeasured is the share of requests that succeeded in a steady check;
// When is "before" or "after". Requests is how many the share is made of.
type SteadyMeasured struct {
	When     string        `json:"when"`
	Success  float64       `json:"success"`
	Requests int           `json:"requests"`
	For      time.Duration `json:"for"`
	Met      bool          `json:"met"`
}

// StepStarted says that the step of that index (from 0) of the plan has begun.
type StepStarted struct {
	Index int `json:"index"`
}

// CommandTaken says that the engine has begun to carry out a command. ID counts
// commands from 1 and ties the other command events to it. Step is the index of the
// plan's step that it carries out, from 0; nil where it is no step.
type CommandTaken struct {
	ID      int     `json:"id"`
	Command Command `json:"command"`
	Step    *int    `json:"step,omitempty"`
}

// CommandDone says that a command took effect, and what proved it.
type CommandDone struct {
	ID      int     `json:"id"`
	Command Command `json:"command"`
	Proof   string  `json:"proof,omitempty"`
}

// CommandFailed says that a command was refused or went wrong, why, and what
// to do next.
type CommandFailed struct {
	ID      int     `json:"id"`
	Command Command `json:"command"`
	Refused bool    `json:"refused"` // nothing was changed
	Error   string  `json:"error"`
	Next    string  `json:"next,omitempty"`
}

// ImpactPredicted keeps what was predicted when a destructive command was taken,
// so that it can be held against what was measured.
type ImpactPredicted struct {
	ID     int    `json:"id"`
	Impact Impact `json:"prediction"`
}

// NoteWritten is a remark by a person or a drill file.
type NoteWritten struct {
	By   string `json:"by"`
	Text string `json:"text"`
}

// ObjectiveJudged holds a target against what was measured. Both are seconds,
// writes or a share, as the name says; Measured is nil where nothing was
// measured, which makes the drill inconclusive.
type ObjectiveJudged struct {
	Name     string   `json:"name"`
	Target   float64  `json:"target"`
	Measured *float64 `json:"measured"`
	Met      *bool    `json:"met"`
}

// Verdict is how a drill ended.
type Verdict string

// The verdicts.
const (
	Passed       Verdict = "passed"
	Failed       Verdict = "failed"
	Inconclusive Verdict = "inconclusive"
	Aborted      Verdict = "aborted"
)

// DrillEnded closes a journal.
type DrillEnded struct {
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why,omitempty"`
}
