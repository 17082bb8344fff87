package drill

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/fate"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/series"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// State is what a drill has come to: a pure function of the journal. Make
// one with NewState and hand it every event in order. It is not safe for use by
// several goroutines; each reader keeps a state of its own.
type State struct {
	Fleet   topology.Fleet
	On      string
	Plan    *runbook.Plan
	Version string

	// Machine is what the drill runs on; nil in journals that do not say.
	Machine *Machine
	// Took is how long what is waited for took before this drill: see package estimate.
	Took map[string]time.Duration

	Started     time.Time
	Now         time.Duration // T of the last event
	LastSeq     uint64
	Phase       Phase
	Undisturbed telemetry.Undisturbed // what links carried before anything was broken
	SteadyBegan *time.Duration        // when the steady check began
	// SteadyEnd is when the steady check ended: plan times count from it.
	SteadyEnd *time.Duration
	Step      int // index of the step last started; -1 before the first

	Regions []*RegionState
	// Hub is what the controller asks by way of; nil where the fleet has none.
	Hub         *RegionState
	Datasets    []*DatasetState
	Populations []*PopulationState
	Links       []telemetry.Link
	// Config is what the regions are to run by their repository, and do; nil where no repository governs them.
	Config     *config.State
	Discovery  []*DiscoveryState // of each region that finds authorities by itself, and each dataset
	Identities []*IdentityState  // of each region, the hub and the failover controller, where the fleet has identities
	Lookups    []NameLookedUp    // of another cluster's store by the name that it has there
	Stages     []StageEntered    // of the whole fleet
	Spans      []StageSpan       // of stages of the fleet and its regions, in the order in which they began
	Limits     []runbook.Limit   // what the platform can't do
	Names      string            // where the fleet's name server listens; "" where it has none, or not yet

	VisitorURL string               // where people ask as users; "" where they can't, or not yet
	Visitors   []*telemetry.Visitor // a population as one of whose users somebody asked; who asked last is the last

	Faults     []*Fault
	Proving    []*Fault // begun, and neither proved nor given up
	Failovers  []*Failover
	Moves      []Switchover
	Rejoins    []*Rejoin
	Checks     []LedgerChecked
	Commands   []*CommandState
	Scaled     []ScaledAt
	Objectives []ObjectiveJudged
	Predicted  []ImpactPredicted
	Recoveries []Recovered
	// Standstills is when fleetdrill itself did not run.
	Standstills []StandstillNoticed
	Starved     []RegionStarved

	SteadyBefore *SteadyMeasured
	SteadyAfter  *SteadyMeasured
	Returned     *FleetReturned // of a drill that was called off

	// Timeline is the events that a person reads, oldest first; package format words them.
	Timeline []Event
	Sent     []FleetCommanded // commands sent to clusters, newest last
	Notes    []Note
	Written  []*fate.Write // of people's own words, oldest first
	Failures []TaskFailed

	Traffic   series.Of[series.Count] // all populations' requests over the whole drill
	SampledAt time.Duration           // T of the last TrafficSampled; 0 before the first

	Verdict Verdict
	Why     string
}

// RecentLimit bounds the samples of which a state keeps each one's requests: half a minute, at two a second. Of
// the whole drill it has series.
const RecentLimit = 60

// NewState is the state before the first event.
func NewState() *State { return &State{Step: -1} }

// Apply takes the next event in. It never fails: an event about something that
// the fleet does not have is kept out of the state and stays in the journal.
func (s *State) Apply(e Event) {
	if s.LastSeq == 0 {
		s.Started = e.At.Add(-e.T)
	}
	s.LastSeq, s.Now = e.Seq, e.T
	if known, ok := e.Body.(kind); ok {
		known.fold(s, e)
	}
}

// show puts an event on the timeline.
func (s *State) show(e Event) { s.Timeline = append(s.Timeline, e) }

// Region finds the state of a region, or of the hub, by name; nil when there is none.
func (s *State) Region(name string) *RegionState {
	if s.Hub != nil && s.Hub.Spec.Name == name {
		return s.Hub
	}
	return find(s.Regions, func(x *RegionState) bool { return x.Spec.Name == name })
}

// HubLost is the hub while nobody reaches the regions by way of it; nil where it works, or there is none.
func (s *State) HubLost() *RegionState {
	if s.Hub != nil && (s.Hub.Fault != nil || s.Hub.Health == HealthDown) {
		return s.Hub
	}
	return nil
}

// Dataset finds a dataset's state by name; nil when there is none.
func (s *State) Dataset(name string) *DatasetState {
	return find(s.Datasets, func(x *DatasetState) bool { return x.Name == name })
}

// Population finds a population's state by name; nil when there is none.
func (s *State) Population(name string) *PopulationState {
	return find(s.Populations, func(x *PopulationState) bool { return x.Spec.Name == name })
}

// Failover finds a failover by its id; nil when there is none.
func (s *State) Failover(id int) *Failover {
	return find(s.Failovers, func(x *Failover) bool { return x.ID == id })
}

// Command finds a command by its id; nil when there is none.
func (s *State) Command(id int) *CommandState {
	return find(s.Commands, func(x *CommandState) bool { return x.ID == id })
}

// Fault finds a fault by its id; nil when there is none.
func (s *State) Fault(id int) *Fault {
	return find(s.Faults, func(x *Fault) bool { return x.ID == id })
}

func find[T any](list []*T, is func(*T) bool) *T {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i]
	}
	return nil
}

func ptr[T any](v T) *T { return &v }

func keepLast[T any](list []T, n int) []T { return list[max(0, len(list)-n):] } // append copies, now and then
