package runbook

import "time"

// Plan is a drill as its file says it: what is expected, what is done when, and
// what would count as passing.
type Plan struct {
	Name       string `json:"name"`
	Title      string `json:"title"`
	Hypothesis string `json:"hypothesis,omitempty"`
	// Question is what the drill answers, one of Questions or the author's own; Teaches what
	// is learned from it. Both are for who chooses a drill, and "" where the file has none.
	Question   string     `json:"question,omitempty"`
	Teaches    string     `json:"teaches,omitempty"`
	Objectives Objectives `json:"objectives"`
	Steady     Steady     `json:"steady"`
	// Require is what else must be so before the first step; nil is nothing.
	Require *Require `json:"require,omitempty"`
	Abort   Abort    `json:"abort"`
	Steps   []Step   `json:"steps"`
	// End is when the drill stops, counted like a step's At. It is never before
	// the last step.
	End time.Duration `json:"end"`
}

// Objectives are the targets of a drill; a nil one is not asked for.
type Objectives struct {
	RTO        *time.Duration `json:"rto,omitempty"`
	RPO        *time.Duration `json:"rpo,omitempty"`
	LostWrites *int           `json:"lost_writes,omitempty"`
	// StaleEndpoints is for how long calls may be sent to stale endpoints.
	StaleEndpoints *time.Duration `json:"stale_endpoints,omitempty"`
	// LostAtLeast is for a drill that shows a loss: how many it must at least be.
	LostAtLeast *int `json:"lost_writes_at_least,omitempty"`
	// LostBy is for a drill of several datasets that differ: what is asked of each by name.
	LostBy        map[string]LostGoal `json:"lost_writes_by_dataset,omitempty"`
	UsersAffected *float64            `json:"users_affected,omitempty"` // share, 0 to 1
	// ServedAgain is how long requests of any population may fail after a fault.
	ServedAgain *time.Duration `json:"served_again,omitempty"`
	// Moved is how often the router may send a population elsewhere, or, in a drill that shows that, does.
	Moved *MovedGoal `json:"moved,omitempty"`
	// Retries is how often clients may send a failed request again, or, in a drill that shows a retry storm, do.
	Retries *CountGoal `json:"retries,omitempty"`
	// Forbidden is how many requests may be refused for want of a role, or, in a drill that shows that, are.
	Forbidden *CountGoal `json:"forbidden,omitempty"`
	// StaleReads is the share of reads, from 0 to 1, that may lack what was confirmed before; OwnReads the share of those that look
	// for a user's own write that must at least find it.
	StaleReads *float64 `json:"stale_reads,omitempty"`
	OwnReads   *float64 `json:"own_reads,omitempty"`
	// SplitBrain is SplitBrainNone or SplitBrainShown; "" is not asked for.
	SplitBrain string `json:"split_brain,omitempty"`
}

// LostGoal is how many acknowledged writes of a dataset may be lost at most, or, for one that
// shows a loss, are lost at least.
type LostGoal struct {
	N       int  `json:"n"`
	AtLeast bool `json:"at_least,omitempty"`
}

// MovedGoal is how often a population is moved at most, or, in a drill that shows it, at least.
type MovedGoal struct {
	N       int  `json:"n"`
	AtLeast bool `json:"at_least,omitempty"`
}

// CountGoal is how many of a thing there are at most, or, in a drill that shows them, at least.
type CountGoal struct {
	N       int  `json:"n"`
	AtLeast bool `json:"at_least,omitempty"`
}

// What a drill expects of two authorities at once: that there are none, or, where
// it is to show what fencing is for, that there are.
const (
	SplitBrainNone  = "none"
	SplitBrainShown = "shown"
)

// Steady is the state that must hold before the first step and at the end:
// the share of requests that succeed, over For.
type Steady struct {
	For     time.Duration `json:"for"`
	Success float64       `json:"success"` // share, 0 to 1
}

// HandSteady is the steady check of a drill by hand: long enough to know each
// population's p99, short enough not to keep an operator waiting.
var HandSteady = Steady{For: 3 * time.Second, Success: 0.99}

// Abort restores everything and stops once the share of successful requests
// has been below SuccessBelow for For, or another limit is crossed. A zero For never aborts.
type Abort struct {
	SuccessBelow float64       `json:"success_below"`
	For          time.Duration `json:"for"`
	// Over is the limits that are measured as objectives are; a nil one is none.
	Over Objectives `json:"over,omitzero"`
	// Lag is how many writes a replica that answers may be behind its leader.
	Lag *int `json:"lag,omitempty"`
}

// Step is one thing done at a time counted from the end of the steady check.
type Step struct {
	At      time.Duration `json:"at"`
	Command Command       `json:"command"`
	// Expect is ExpectRefused where the engine is to refuse the command, or "".
	Expect string `json:"expect,omitempty"`
}

// ExpectRefused marks a step that shows what the engine refuses.
const ExpectRefused = "refused"
