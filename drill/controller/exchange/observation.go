package exchange

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/acks"
	"github.com/fleetdrill/fleetdrill/drill/controller/cause"
	"github.com/fleetdrill/fleetdrill/drill/controller/splitbrain"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Observation is one thing that was heard. The time it was heard is Decide's now.
type Observation interface{ observation() }

// Heard is a region's answer to the question that all are asked again and again.
type Heard struct {
	Region string
	Status store.Status
}

// Judged is the router's verdict on a region. It changes rarely: After probes in a row
// had the same result.
type Judged struct {
	Region string
	Up     bool
	At     time.Duration // on the engine's clock
	Why    string
	// Gateway says that the region's gateway answered those probes for itself: it has no web replica.
	Gateway bool
	// Failing is since when the probes have failed for certain; 0 where that is not known.
	Failing time.Duration
}

// WebAlone reports whether a region has lost its web tier alone, of which the router's probes ask, and its data is as well as before:
// its gateway says so, or one of its stores has answered since they fail. heard is when a store did last; known is false where none has.
func (o Judged) WebAlone(known bool, heard time.Duration) bool {
	return !o.Up && (o.Gateway || known && o.Failing > 0 && heard > o.Failing)
}

// Conditions is what is known to be broken: it takes the place of what was known before.
type Conditions struct{ Regions []Condition }

// Condition is what this drill does to a region.
type Condition = cause.Condition

// Acked is the writes that were acknowledged since the last one.
type Acked struct{ acks.Sum }

// Asked is a command about the dataset. It gets one answer, a Step of kind StepAnswer
// with its number.
type Asked struct {
	Number  uint64
	Command runbook.Command
}

// Flush asks that what is told at intervals is told now.
type Flush struct{ Number uint64 }

// Ending says that the drill is over: nothing new is begun.
type Ending struct{}

// Tick says that time has passed.
type Tick struct{}

// Done is what came of a step. It comes once for each step that has a number, also
// where it was broken off.
type Done struct {
	Step    Step
	Err     error
	Status  store.Status        // of what asked a replica
	Number  int                 // StepNumber
	Path    string              // StepFetch: the file on the operator's disk
	Checked drill.LedgerChecked // StepAudit
	Tails   []splitbrain.Tail   // StepTails, one for each term after the first
	Targets []preflight.Target  // StepPreflight
}

// Outcome is what came of a command: its proof, or why not and what to do.
type Outcome struct {
	Proof   string
	Err     error
	Next    string
	Refused bool
}

func (Heard) observation()      {}
func (Judged) observation()     {}
func (Conditions) observation() {}
func (Acked) observation()      {}
func (Asked) observation()      {}
func (Flush) observation()      {}
func (Ending) observation()     {}
func (Tick) observation()       {}
func (Done) observation()       {}
