package drill

import "time"

// Plan is a drill as its file says it: what is expected, what is done when, and
// what would count as passing.
type Plan struct {
	Name       string     `json:"name"`
	Title      string     `json:"title"`
	Hypothesis string     `json:"hypothesis,omitempty"`
	Objectives Objectives `json:"objectives"`
	Steady     Steady     `json:"steady"`
	Abort      Abort      `json:"abort"`
	Steps      []Step     `json:"steps"`
	// End is when the drill stops, counted like a step's At. It is never before
	// the last step.
	End time.Duration `json:"end"`
}

// Objectives are the targets of a drill; a nil one is not asked for.
type Objectives struct {
	RTO           *time.Duration `json:"rto,omitempty"`
	RPO           *time.Duration `json:"rpo,omitempty"`
	LostWrites    *int           `json:"lost_writes,omitempty"`
	UsersAffected *float64       `json:"users_affected,omitempty"` // share, 0 to 1
	// SplitBrain is SplitBrainNone or SplitBrainShown; "" is not asked for.
	SplitBrain string `json:"split_brain,omitempty"`
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

// Abort restores everything and stops once the share of successful requests
// has been below SuccessBelow for For. A zero For never aborts.
type Abort struct {
	SuccessBelow float64       `json:"success_below"`
	For          time.Duration `json:"for"`
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

// Verb names what a command does.
type Verb string

// The commands. Wait is only found in drill files: it holds the steps after it
// until its condition is met.
const (
	VerbKill       Verb = "kill"
	VerbFreeze     Verb = "freeze"
	VerbCordon     Verb = "cordon"
	VerbUncordon   Verb = "uncordon"
	VerbRestore    Verb = "restore"
	VerbPromote    Verb = "promote"
	VerbSwitchover Verb = "switchover"
	VerbPartition  Verb = "partition" // the link stays silent, both ways or one
	VerbHeal       Verb = "heal"
	VerbMode       Verb = "mode"
	VerbForce      Verb = "force"  // a promotion that may lose acknowledged writes
	VerbReseed     Verb = "reseed" // a replica loses its disk and is copied whole
	VerbNote       Verb = "note"
	VerbWait       Verb = "wait"
)

// Destructive reports whether the verb takes something away from users, so that
// it is asked about first.
func (v Verb) Destructive() bool {
	switch v {
	case VerbKill, VerbFreeze, VerbCordon, VerbPartition, VerbForce, VerbReseed:
		return true
	}
	return false
}

// The ends of a partition that are no region: where the failover controller and
// the global router stand, and everything but the region named first (all other
// regions and the controller; users reach it still).
const (
	EndControl = "control"
	EndOthers  = "others"
)

// The conditions of a wait.
const (
	WaitRecovered = "recovered"
	WaitSteady    = "steady"
)

// Command is what an operator or a drill's step asks of the engine. Which of
// the fields are used depends on the verb: Region for kill, freeze, cordon,
// uncordon, restore; Dataset and To for promote, switchover and force; Dataset,
// Mode and With for mode; Dataset and Region for reseed; Between, or From and To
// for one direction, for partition and heal; Text for note; For for wait.
type Command struct {
	Verb    Verb   `json:"do"`
	Region  string `json:"region,omitempty"`
	Dataset string `json:"dataset,omitempty"`
	To      string `json:"to,omitempty"`
	From    string `json:"from,omitempty"`
	// Between are the two ends of a link: regions, EndControl, or EndOthers second.
	Between [2]string `json:"between,omitzero"`
	Mode    Mode      `json:"mode,omitempty"`
	With    string    `json:"with,omitempty"`
	Text    string    `json:"text,omitempty"`
	For     string    `json:"for,omitempty"`
	// By is who asked: "operator", "drill" or a person's name.
	By string `json:"by,omitempty"`
}

// String is the command as a person would say it.
func (c Command) String() string {
	switch c.Verb {
	case VerbPromote, VerbSwitchover, VerbForce:
		return string(c.Verb) + " " + c.Dataset + " to " + c.To
	case VerbPartition, VerbHeal:
		a, b, oneWay := c.Endpoints()
		if oneWay {
			return string(c.Verb) + " from " + a + " to " + b
		}
		return string(c.Verb) + " " + a + " and " + b
	case VerbMode:
		return "mode of " + c.Dataset + ": " + Durability{Mode: c.Mode, With: c.With}.String()
	case VerbReseed:
		return "reseed " + c.Dataset + " in " + c.Region
	case VerbNote:
		return "note: " + c.Text
	case VerbWait:
		return "wait for " + c.For
	default:
		return string(c.Verb) + " " + c.Region
	}
}
