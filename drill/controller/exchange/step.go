package exchange

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/splitbrain"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Kind says what a step does.
type Kind string

// The kinds of steps. Those of the second group take no time: their results come
// before anything else is heard.
const (
	StepStatus  Kind = "status"  // ask Region for its replica's status
	StepFence   Kind = "fence"   // stop writes below Epoch
	StepPromote Kind = "promote" // make it the authority of Epoch
	StepGrant   Kind = "grant"   // lease until Lease after Clock
	StepFollow  Kind = "follow"  // copy from Authority in Epoch
	StepPreload Kind = "preload" // fill a new replica; Lead is the first authority's
	StepReseed  Kind = "reseed"  // drop everything, copy anew
	StepShip    Kind = "ship"    // have Region take a snapshot of its authority's contents now (mode backup)
	StepPush    Kind = "push"    // hand Region the topology of now; "" is every region, and has no result
	StepAudit   Kind = "audit"   // hold the ledger against Region
	StepFetch   Kind = "fetch"   // bring Region's diverged tail to the operator's disk

	StepPlace  Kind = "place"  // who leads what, for the next topologies
	StepNumber Kind = "number" // the number of a failover or, with Move, of a switchover
	// StepPreflight asks how ready the regions are to lead.
	StepPreflight Kind = "preflight"

	StepTails   Kind = "tails"   // what the ledger has of Terms
	StepEmit    Kind = "emit"    // an event
	StepAnswer  Kind = "answer"  // Command's outcome
	StepFlushed Kind = "flushed" // Command was a flush
)

// Step is one thing to do. One with an ID has a result: Done with the same step.
type Step struct {
	ID     uint64
	Kind   Kind
	Region string
	Epoch  uint64
	// Limit bounds it, 0 is no bound. It also ends once its region, or Beside, goes down.
	Limit  time.Duration
	Beside string

	Authority string
	Clock     store.Clock
	Lease     time.Duration
	Lead      bool
	Dataset   topology.Dataset // StepPlace
	Terms     []splitbrain.Term
	Occasion  Occasion
	Body      drill.Body
	Command   uint64
	Outcome   Outcome
}

// Occasion is what a check of the ledger is made for.
type Occasion struct {
	Why            string
	Failover, Move int // numbers, 0 is none
}
