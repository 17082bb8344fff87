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
// for one direction, for what is done to links, and Shape for how they are; Text for note; For for wait.
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
	// Shape is what a link is made of from now on.
	Shape Shape  `json:"shape,omitzero"`
	Text  string `json:"text,omitempty"`
	For   string `json:"for,omitempty"`
	// By is who asked: "operator", "drill" or a person's name.
	By string `json:"by,omitempty"`
}

// String is the command as a person would say it, made of the fields that are set.
func (c Command) String() string {
	text := string(c.Verb)
	switch a, b, oneWay := c.Endpoints(); {
	case a != "" && oneWay:
		text += " from " + a + " to " + b
	case a != "":
		text += " " + a + " and " + b
	case c.Mode != "":
		text += " of " + c.Dataset + ": " + Durability{Mode: c.Mode, With: c.With}.String()
	case c.Dataset != "":
		text += " " + c.Dataset
		if c.Region != "" {
			text += " in " + c.Region
		}
		if c.To != "" {
			text += " to " + c.To
		}
	case c.Region != "":
		text += " " + c.Region
	}
	if !c.Shape.IsZero() {
		text += ": " + c.Shape.String()
	}
	if c.Text != "" {
		text += ": " + c.Text
	}
	if c.For != "" {
		text += " for " + c.For
	}
	return text
}
