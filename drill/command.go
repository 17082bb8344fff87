package drill

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/legacy"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

func init() {
	register[CommandTaken]()
	register[CommandBegun]()
	register[CommandDone]()
	register[CommandFailed]()
	register[ImpactPredicted]()
}

// CommandTaken says that the engine has taken a command and begins it at once, or after
// the one that it waits for. ID counts commands from 1 and ties the other command events to it.
type CommandTaken struct {
	ID      int             `json:"id"`
	Command runbook.Command `json:"command"`
	// Step is the index (from 0) of the plan's step that it carries out; nil for an
	// operator's command, and in journals of before steps were named.
	Step *int `json:"step,omitempty"`
	// After is the id of the command that it waits for, 0 for none: CommandBegun follows then.
	After int `json:"after,omitempty"`
	// Effect is what it is to do to the fleet; a journal of before has none.
	Effect runbook.Effect `json:"effect,omitzero"`
}

// Kind implements Body.
func (CommandTaken) Kind() string { return "command.taken" }

func (b CommandTaken) fold(s *State, e Event) {
	if b.Effect.IsZero() {
		b.Effect = legacy.Effect(string(b.Command.Verb), s.Fleet.Domain(b.Command.Region), b.Command.Ways(), b.Command.Shape)
	}
	s.Commands = append(s.Commands, &CommandState{ID: b.ID, Command: b.Command, Step: b.Step, Effect: b.Effect, Began: s.Now, After: b.After})
	if b.Command.Verb != runbook.VerbNote && b.Command.Verb != runbook.VerbWait {
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
	ID      int             `json:"id"`
	Command runbook.Command `json:"command"`
	Proof   string          `json:"proof,omitempty"`
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
	ID      int             `json:"id"`
	Command runbook.Command `json:"command"`
	Refused bool            `json:"refused"` // nothing was changed
	Error   string          `json:"error"`
	Next    string          `json:"next,omitempty"`
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

// ImpactPredicted keeps what was predicted when a command that breaks or moves something was taken,
// so that it can be held against what was measured.
type ImpactPredicted struct {
	ID     int            `json:"id"`
	Impact runbook.Impact `json:"prediction"`
}

// Kind implements Body. The name stays, so that older journals can be read.
func (ImpactPredicted) Kind() string { return "harm.predicted" }

func (b ImpactPredicted) fold(s *State, _ Event) { s.Predicted = append(s.Predicted, b) }

// CommandState is a command and what came of it.
type CommandState struct {
	ID      int
	Command runbook.Command
	Step    *int // the plan's step that it carries out; nil where that is not known
	Effect  runbook.Effect
	// Began is when it was begun; while it waits, when it was taken.
	Began   time.Duration
	After   int // the id of the command that it waits for; 0 once it is begun
	Ended   *time.Duration
	Proof   string
	Error   string
	Next    string
	Refused bool
}
