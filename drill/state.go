package drill

import (
	"slices"
	"time"
)

// State is a drill as its events tell it: a pure function of the journal. Make
// one with NewState and hand it every event in order. It is not safe for use by
// several goroutines; each reader keeps a state of its own.
type State struct {
	Fleet   Fleet
	On      string
	Plan    *Plan
	Version string

	Started time.Time
	Now     time.Duration // T of the last event
	LastSeq uint64
	Phase   Phase
	// SteadyEnd is when the steady check ended: plan times count from it.
	SteadyEnd *time.Duration
	Step      int // index of the step last started; -1 before the first

	Regions     []*RegionState
	Datasets    []*DatasetState
	Populations []*PopulationState
	Links       []LinkSample
	Stages      []StageEntered // of the whole fleet

	Faults     []*Fault
	Failovers  []*Failover
	Moves      []SwitchoverDone
	Rejoins    []*Rejoin
	Checks     []LedgerChecked
	Commands   []*CommandState
	Objectives []ObjectiveJudged
	Predicted  []ImpactPredicted
	Recoveries []Recovered

	SteadyBefore *SteadyMeasured
	SteadyAfter  *SteadyMeasured

	Timeline []Line
	Sent     []FleetCommanded // commands sent to clusters, newest last
	Notes    []Note
	Traffic  []TrafficPoint // answered and failed per second over time, newest last
	Failures []TaskFailed

	Verdict Verdict
	Why     string

	spans map[[2]string]StageSpan
}

// StageSpan is when a stage of bring-up or tear-down began and, once it is done
// or has failed, when it ended.
type StageSpan struct {
	Began time.Duration
	Ended *time.Duration
}

// StageSpan finds when a stage of a region ran; region "" is the whole fleet's.
// It is false for a stage that has not begun.
func (s *State) StageSpan(region, stage string) (StageSpan, bool) {
	span, ok := s.spans[[2]string{region, stage}]
	return span, ok
}

// Health is how a region is, as its glyph and word show it.
type Health string

// The healths of a region.
const (
	HealthUnknown  Health = "unknown" // nothing asked yet
	HealthStarting Health = "starting"
	HealthHealthy  Health = "healthy"
	HealthDegraded Health = "degraded"
	HealthCordoned Health = "cordoned"
	HealthFrozen   Health = "frozen"
	HealthDown     Health = "down"
)

// Serves reports whether a region of that health can be expected to answer.
func (h Health) Serves() bool { return h == HealthHealthy || h == HealthDegraded }

// RegionState is one region. Health follows from Up, Fault, Cordoned and Seen.
type RegionState struct {
	Spec     Region
	Health   Health
	Up       *bool // the router's verdict; nil before the first
	UpWhy    string
	Fault    *Fault // the fault that holds, if any
	Cordoned bool
	Seen     *RegionSeen
	Stages   []StageEntered // bring-up, each stage's last word
	// Share is the region's share of all answered requests in the last sample.
	Share   float64
	Changed time.Duration // T when Health last changed
}

// DatasetState is one dataset. Authority is "" while there is none.
type DatasetState struct {
	Name      string
	Spec      Dataset
	Authority string
	Was       string // the authority before this one
	Epoch     uint64
	AtRisk    *uint64       // nil is unknown
	AtRiskAge time.Duration // T of the last sample that knew it
	Replicas  map[string]*StoreSample
	// Waiting is what its writes wait for now; nil while they don't.
	Waiting *WritesWaiting
	// WaitingSince is T when they began to, whatever they have waited for since.
	WaitingSince time.Duration
	Modes        []ModeChanged // since the start, newest last; Spec has the mode of now
	Splits       []*SplitBrain // each split brain as it was told last
	LastCheck    *LedgerChecked
}

// PopulationState is one population.
type PopulationState struct {
	Spec   Population
	Region string // where the router sends it now
	Last   *PopulationSample
	// History is the last samples, newest last, at most HistoryLimit.
	History []PopulationSample
}

// HistoryLimit bounds what a state keeps of the past: ten minutes at two
// samples a second. The journal has all of it.
const HistoryLimit = 1200

// ShareServedBy is the share of the population's answered requests that the
// region answered in the last sample; with none answered, whether it is routed there.
func (p *PopulationState) ShareServedBy(region string) float64 {
	total := 0
	if p.Last != nil {
		for _, n := range p.Last.ServedBy {
			total += n
		}
	}
	if total > 0 {
		return float64(p.Last.ServedBy[region]) / float64(total)
	}
	if p.Region == region && region != "" {
		return 1
	}
	return 0
}

// Fault is one fault from its proof to its end.
type Fault struct {
	FaultProved
	Proved time.Duration
	Lifted *time.Duration
}

// Failover is one failover, stage by stage. Ends has the engine-clock time at
// which each stage ended.
type Failover struct {
	ID      int
	Dataset string
	From    string
	To      string
	Cause   string
	Epoch   uint64
	Ends    map[Stage]time.Duration
	Check   *LedgerChecked
	Fault   *Fault // the fault that caused it, nil for an operator's
	// Blocked is why it stood still last; nil where it never did.
	Blocked *FailoverBlocked
}

// stageBefore is the stage whose end starts each timed stage.
var stageBefore = map[Stage]Stage{
	StageDetect: StageFault, StageDecide: StageDetect, StageFence: StageDecide,
	StagePromote: StageFence, StageReroute: StagePromote,
}

// Took is how long a stage took; false until it has ended.
func (f *Failover) Took(stage Stage) (time.Duration, bool) {
	end, ok := f.Ends[stage]
	start, began := f.Ends[stageBefore[stage]]
	if !ok || !began {
		return 0, false
	}
	return end - start, true
}

// Current is the stage that runs now and since when; "" once rerouted.
func (f *Failover) Current() (Stage, time.Duration) {
	for _, stage := range FailoverStages {
		if _, done := f.Ends[stage]; !done {
			return stage, f.Ends[stageBefore[stage]]
		}
	}
	return "", 0
}

// RTO is from the moment the fault took effect to the first write that the
// new authority acknowledged; false until then.
func (f *Failover) RTO() (time.Duration, bool) {
	start, began := f.Ends[StageFault]
	end, done := f.Ends[StageReroute]
	return end - start, began && done
}

// RPO is the span from the oldest lost acknowledgement to the fault, or to the newest
// lost one where the old authority went on acknowledging after the fault; zero when
// a check found nothing lost, false until the ledger was checked.
func (f *Failover) RPO() (time.Duration, bool) {
	if f.Check == nil {
		return 0, false
	}
	return f.lostSpan(f.Check.Lost), true
}

func (f *Failover) lostSpan(lost []LostWrite) time.Duration {
	if len(lost) == 0 {
		return 0
	}
	oldest, end := lost[0].Acked, f.Ends[StageFault]
	for _, l := range lost {
		oldest, end = min(oldest, l.Acked), max(end, l.Acked)
	}
	return end - oldest
}

// Rejoin is a replica's return.
type Rejoin struct {
	RejoinStarted
	Began time.Duration
	Done  *RejoinDone
}

// CommandState is a command and what came of it.
type CommandState struct {
	ID      int
	Command Command
	Began   time.Duration
	Ended   *time.Duration
	Proof   string
	Error   string
	Next    string
	Refused bool
}

// Line is one line of the timeline. Mark is "fault", "data", "traffic",
// "operator", "error" or "" and says how to show it.
type Line struct {
	T    time.Duration
	Mark string
	Text string
}

// Note is a remark with its time.
type Note struct {
	T time.Duration
	NoteWritten
}

// TrafficPoint is all populations in one sample, per second.
type TrafficPoint struct {
	T      time.Duration // end of the window
	OK     float64
	Failed float64
}

// NewState is the state before the first event.
func NewState() *State { return &State{Step: -1} }

// Region finds a region's state by name; nil when there is none.
func (s *State) Region(name string) *RegionState {
	for _, r := range s.Regions {
		if r.Spec.Name == name {
			return r
		}
	}
	return nil
}

// FaultOn is the fault that keeps a region away from the controller: one on the region
// itself, or the newest partition between them; nil when there is none.
func (s *State) FaultOn(region string) *Fault {
	if r := s.Region(region); r != nil && r.Fault != nil {
		return r.Fault
	}
	for _, f := range slices.Backward(s.Partitions()) {
		if f.separates(region, EndControl) {
			return f
		}
	}
	return nil
}

// Dataset finds a dataset's state by name; nil when there is none.
func (s *State) Dataset(name string) *DatasetState {
	for _, d := range s.Datasets {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// Population finds a population's state by name; nil when there is none.
func (s *State) Population(name string) *PopulationState {
	for _, p := range s.Populations {
		if p.Spec.Name == name {
			return p
		}
	}
	return nil
}

// Harm is how many users are hurt, as counts of distinct users who asked.
type Harm struct {
	Asked, Hurt int // distinct users
	Share       float64
	Known       bool // false until anybody asked
}

func (h Harm) withShare() Harm {
	if h.Asked > 0 {
		h.Share, h.Known = float64(h.Hurt)/float64(h.Asked), true
	}
	return h
}

// AffectedNow is how many of the users who asked in the last HurtWindow were hurt.
func (s *State) AffectedNow() Harm {
	var h Harm
	for _, p := range s.Populations {
		if p.Last != nil {
			h.Asked += p.Last.AskedNow
			h.Hurt += p.Last.AffectedNow
		}
	}
	return h.withShare()
}

// AffectedEver is how many of the users who asked during an outage were hurt: the
// measured blast radius.
func (s *State) AffectedEver() Harm {
	var h Harm
	for _, p := range s.Populations {
		if p.Last != nil {
			h.Asked += p.Last.AskedEver
			h.Hurt += p.Last.AffectedEver
		}
	}
	return h.withShare()
}
