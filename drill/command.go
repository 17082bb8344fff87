package drill

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func init() {
	register[CommandTaken]()
	register[CommandBegun]()
	register[CommandDone]()
	register[CommandFailed]()
	register[ImpactPredicted]()
}

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
	Between [2]string     `json:"between,omitzero"`
	Mode    topology.Mode `json:"mode,omitempty"`
	With    string        `json:"with,omitempty"`
	// Shape is what a link is made of from now on.
	Shape topology.Shape `json:"shape,omitzero"`
	Text  string         `json:"text,omitempty"`
	For   string         `json:"for,omitempty"`
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
		text += " of " + c.Dataset + ": " + topology.Durability{Mode: c.Mode, With: c.With}.String()
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

// Endpoints are the two ends of a partition that a command names, and whether only what
// goes from the first to the second is meant.
func (c Command) Endpoints() (a, b string, oneWay bool) {
	if c.Between[0] != "" {
		return c.Between[0], c.Between[1], false
	}
	return c.From, c.To, true
}

// Separates reports whether a cut of the links that it names keeps two places from talking.
func (c Command) Separates(x, y string) bool { return Effect{Cuts: c.Ways()}.Separates(x, y) }

// CommandTaken says that the engine has taken a command and begins it at once, or after
// the one that it waits for. ID counts commands from 1 and ties the other command events to it.
type CommandTaken struct {
	ID      int     `json:"id"`
	Command Command `json:"command"`
	// Step is the index (from 0) of the plan's step that it carries out; nil for an
	// operator's command, and in journals of before steps were named.
	Step *int `json:"step,omitempty"`
	// After is the id of the command that it waits for, 0 for none: CommandBegun follows then.
	After int `json:"after,omitempty"`
	// Effect is what it is to do to the fleet; a journal of before has none.
	Effect Effect `json:"effect,omitzero"`
}

// Kind implements Body.
func (CommandTaken) Kind() string { return "command.taken" }

func (b CommandTaken) fold(s *State, e Event) {
	b.Effect = b.Effect.orBefore(FaultKind(b.Command.Verb), s.Fleet.Domain(b.Command.Region), b.Command.Ways(), b.Command.Shape)
	s.Commands = append(s.Commands, &CommandState{ID: b.ID, Command: b.Command, Step: b.Step, Effect: b.Effect, Began: s.Now, After: b.After})
	if b.Command.Verb != VerbNote && b.Command.Verb != VerbWait {
		s.show(e)
	}
}

// CommandBegun says that a command which had to wait is begun.
type CommandBegun struct {
	ID int `json:"id"`
}

// Kind implements Body.
func (CommandBegun) Kind() string { return "command.begun" }

func (b CommandBegun) fold(s *State, _ Event) {
	if c := s.Command(b.ID); c != nil {
		c.Began, c.After = s.Now, 0
	}
}

// CommandDone says that a command took effect, and what proved it.
type CommandDone struct {
	ID      int     `json:"id"`
	Command Command `json:"command"`
	Proof   string  `json:"proof,omitempty"`
}

// Kind implements Body.
func (CommandDone) Kind() string { return "command.done" }

func (b CommandDone) fold(s *State, _ Event) {
	if c := s.Command(b.ID); c != nil {
		c.Ended, c.Proof = ptr(s.Now), b.Proof
	}
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

// Kind implements Body.
func (CommandFailed) Kind() string { return "command.failed" }

func (b CommandFailed) fold(s *State, e Event) {
	if c := s.Command(b.ID); c != nil {
		c.Ended, c.Error, c.Next, c.Refused = ptr(s.Now), b.Error, b.Next, b.Refused
	}
	s.Proving = slices.DeleteFunc(s.Proving, func(f *Fault) bool { return f.Command == b.ID })
	s.show(e)
}

// Impact is what a destructive command is expected to break, from what was
// last measured. It is a prediction and is shown as one.
type Impact struct {
	// Users is, of each population, the share of the users asking between the fault and the
	// recovery from it who have a request that fails or is too slow.
	Users map[string]float64 `json:"users"`
	// Share is the same over all users.
	Share float64 `json:"share"`
	// WritesAtRisk is, per dataset that would lose its authority, the most acknowledged writes
	// that it would lose; nil when no bound is known.
	WritesAtRisk map[string]*uint64 `json:"writes_at_risk"`
	// RTO is detection and the lease as configured, whichever takes longer: a model.
	RTO time.Duration `json:"rto"`
	// LastCopy names the datasets of which no other healthy replica would be left.
	LastCopy []string `json:"last_copy,omitempty"`
	// Waits says, per dataset whose writes would wait until the region is back or an
	// operator gives its durability up, what its mode would lack.
	Waits map[string]string `json:"waits,omitempty"`
	// Lines say the same to a person.
	Lines []string `json:"lines"`
}

// ImpactPredicted keeps what was predicted when a destructive command was taken,
// so that it can be held against what was measured.
type ImpactPredicted struct {
	ID     int    `json:"id"`
	Impact Impact `json:"prediction"`
}

// Kind implements Body. The name stays, so that older journals can be read.
func (ImpactPredicted) Kind() string { return "harm.predicted" }

func (b ImpactPredicted) fold(s *State, _ Event) { s.Predicted = append(s.Predicted, b) }

// CommandState is a command and what came of it.
type CommandState struct {
	ID      int
	Command Command
	Step    *int // the plan's step that it carries out; nil where that is not known
	Effect  Effect
	// Began is when it was begun; while it waits, when it was taken.
	Began   time.Duration
	After   int // the id of the command that it waits for; 0 once it is begun
	Ended   *time.Duration
	Proof   string
	Error   string
	Next    string
	Refused bool
}
