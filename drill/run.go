package drill

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func init() {
	register[DrillStarted]()
	register[PhaseEntered]()
	register[SteadyMeasured]()
	register[StepStarted]()
	register[NoteWritten]()
	register[TaskFailed]()
	register[FleetReturned]()
	register[LimitCrossed]()
	register[ObjectiveJudged]()
	register[DrillEnded]()
}

// DrillStarted opens every journal. Plan is nil when an operator drills by hand.
type DrillStarted struct {
	Fleet   topology.Fleet `json:"fleet"`
	On      string         `json:"on"` // "kind" or "local"
	Plan    *runbook.Plan  `json:"plan,omitempty"`
	Seed    uint64         `json:"seed"`
	Version string         `json:"version"`
	// Machine is what it ran on; nil in journals of before.
	Machine *Machine `json:"machine,omitempty"`
	// Took is how long what is waited for took on this machine before, by what package estimate
	// calls it, so that a replay says what the screen said.
	Took map[string]time.Duration `json:"took,omitempty"`
}

// Kind implements Body.
func (DrillStarted) Kind() string { return "drill.started" }

func (b DrillStarted) fold(s *State, _ Event) {
	s.Fleet, s.On, s.Plan, s.Version, s.Took = b.Fleet, b.On, b.Plan, b.Version, b.Took
	s.Machine = b.Machine
	s.Phase = PhaseBringUp
	for _, r := range b.Fleet.Regions {
		s.Regions = append(s.Regions, &RegionState{Spec: r, Health: HealthUnknown, Web: topology.WebReplicas(s.Fleet, r.Name)})
	}
	if b.Fleet.Hub != nil {
		standing := b.Fleet.Standing().Regions
		s.Hub = &RegionState{Spec: standing[len(standing)-1], Health: HealthUnknown}
	}
	for _, d := range b.Fleet.Datasets {
		s.Datasets = append(s.Datasets, &DatasetState{Name: d.Name, Spec: d, Replicas: map[string]*telemetry.Replica{}})
	}
	for _, p := range b.Fleet.Users {
		s.Populations = append(s.Populations, &PopulationState{Spec: p})
	}
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
	// Limits is what the platform can't do where it runs. It comes with the first phase after
	// the bring-up, since a platform may have to be up to know; nil where it can do everything.
	Limits []runbook.Limit `json:"limits,omitempty"`
}

// Kind implements Body.
func (PhaseEntered) Kind() string { return "phase.entered" }

func (b PhaseEntered) fold(s *State, e Event) {
	if b.Phase == PhaseSteady && s.SteadyBegan == nil {
		s.SteadyBegan = ptr(s.Now)
	}
	if s.Phase == PhaseSteady && b.Phase != PhaseSteady {
		s.SteadyEnd = ptr(s.Now)
		for _, p := range s.Populations {
			p.Steady = p.Last
		}
	}
	if b.Phase != s.Phase {
		s.show(e)
	}
	s.Phase = b.Phase
	if b.Limits != nil {
		s.Limits = b.Limits
	}
}

// SteadyMeasured is the share of requests that succeeded in a steady check;
// When is "before" or "after". Requests is how many the share is made of.
type SteadyMeasured struct {
	When     string        `json:"when"`
	Success  float64       `json:"success"`
	Requests int           `json:"requests"`
	For      time.Duration `json:"for"`
	Met      bool          `json:"met"`
	// Missing is which replicas had not all of their data, and what they were at.
	Missing []string `json:"missing,omitempty"`
	// Unmet is what the plan requires before its first step, and was not so.
	Unmet []string `json:"unmet,omitempty"`
}

// Kind implements Body.
func (SteadyMeasured) Kind() string { return "steady.measured" }

func (b SteadyMeasured) fold(s *State, e Event) {
	if b.When == "before" {
		s.SteadyBefore = &b
	} else {
		s.SteadyAfter = &b
	}
	s.show(e)
}

// StepStarted says that the step of that index (from 0) of the plan has begun.
type StepStarted struct {
	Index int `json:"index"`
}

// Kind implements Body.
func (StepStarted) Kind() string { return "step.started" }

func (b StepStarted) fold(s *State, _ Event) { s.Step = b.Index }

// NoteWritten is a remark by a person or a drill file.
type NoteWritten struct {
	By   string `json:"by"`
	Text string `json:"text"`
}

// Kind implements Body.
func (NoteWritten) Kind() string { return "note.written" }

// Note is a remark with its time.
type Note struct {
	T time.Duration
	NoteWritten
}

func (b NoteWritten) fold(s *State, e Event) {
	s.Notes = append(s.Notes, Note{T: s.Now, NoteWritten: b})
	s.show(e)
}

// TaskFailed is a background task of the engine that went wrong without being
// a command's answer (an informer that stopped, a journal on a full disk).
// Failover is the one that stands still for it, 0 where none does.
type TaskFailed struct {
	Task     string `json:"task"`
	Failover int    `json:"failover,omitempty"`
	Error    string `json:"error"`
	Next     string `json:"next,omitempty"`
}

// Kind implements Body.
func (TaskFailed) Kind() string { return "task.failed" }

func (b TaskFailed) fold(s *State, e Event) {
	if f := s.Failover(b.Failover); f != nil { // in a journal of before FailoverBlocked
		f.Blocked = &FailoverBlocked{ID: f.ID, Dataset: f.Dataset, Reason: b.Error, Next: b.Next}
	}
	s.Failures = append(s.Failures, b)
	s.show(e)
}

// LimitCrossed says which abort limit of the plan ended the drill, and what was past it.
type LimitCrossed struct {
	Limit string `json:"limit"`
	Why   string `json:"why"`
}

// Kind implements Body.
func (LimitCrossed) Kind() string { return "limit.crossed" }

func (LimitCrossed) fold(s *State, e Event) { s.show(e) }

// FleetReturned says, of a drill that was called off, whether the fleet was as before once all
// faults were lifted: users recovered, every region serves, every replica is current. After is how
// long that took, or was waited for; Missing says what was not so by then.
type FleetReturned struct {
	Returned bool          `json:"returned"`
	After    time.Duration `json:"after"`
	Missing  []string      `json:"missing,omitempty"`
}

// Kind implements Body.
func (FleetReturned) Kind() string { return "fleet.returned" }

func (b FleetReturned) fold(s *State, e Event) {
	s.Returned = &b
	s.show(e)
}

// ObjectiveJudged holds a target against what was measured. Both are seconds, a count, a
// share or bytes, as the name says; Measured is nil where nothing was
// measured, which makes the drill inconclusive.
type ObjectiveJudged struct {
	Name     string   `json:"name"`
	Target   float64  `json:"target"`
	Measured *float64 `json:"measured"`
	Met      *bool    `json:"met"`
	// AtLeast says that the target is to be reached, not to be kept below.
	AtLeast bool `json:"at_least,omitempty"`
	// Dataset is the one that it is asked of; "" is of all together.
	Dataset string `json:"dataset,omitempty"`
}

// Kind implements Body.
func (ObjectiveJudged) Kind() string { return "objective.judged" }

func (b ObjectiveJudged) fold(s *State, _ Event) { s.Objectives = append(s.Objectives, b) }

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

// Kind implements Body.
func (DrillEnded) Kind() string { return "drill.ended" }

func (b DrillEnded) fold(s *State, e Event) {
	s.Phase, s.Verdict, s.Why = PhaseEnded, b.Verdict, b.Why
	s.show(e)
}
