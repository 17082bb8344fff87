package drill

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func init() {
	register[FailoverStaged]()
	register[SwitchoverDone]()
}

// Stage names a stage of a failover.
type Stage string

// The stages, in order. Each is entered when the one before it ended; the
// fault stage starts a failover.
const (
	StageFault   Stage = "fault"
	StageDetect  Stage = "detect"
	StageDecide  Stage = "decide"
	StageFence   Stage = "fence"
	StagePromote Stage = "promote"
	StageReroute Stage = "reroute"
)

// FailoverStages is the order of the timed stages.
var FailoverStages = []Stage{StageDetect, StageDecide, StageFence, StagePromote, StageReroute}

// stageBefore is the stage whose end starts each timed stage.
var stageBefore = map[Stage]Stage{
	StageDetect: StageFault, StageDecide: StageDetect, StageFence: StageDecide,
	StagePromote: StageFence, StageReroute: StagePromote,
}

// FailoverStaged says that a stage of a failover ended at End on the engine's
// clock. The stage fault opens the failover (End is when the fault took
// effect); detect ends when the router calls the region down; decide when the
// candidate is chosen; fence when the old lease has certainly run out; promote
// when the new authority holds a lease of its own; reroute when it acknowledged
// the first write. When users are served as before is Recovered's to say.
type FailoverStaged struct {
	ID      int           `json:"id"`
	Dataset string        `json:"dataset"`
	From    string        `json:"from"`
	To      string        `json:"to,omitempty"`
	Cause   string        `json:"cause"` // "fault" or "operator" (a promote command)
	Epoch   uint64        `json:"epoch,omitempty"`
	Stage   Stage         `json:"stage"`
	End     time.Duration `json:"end"`
	Detail  string        `json:"detail,omitempty"`
	// Fault is the id of the fault that it answers; 0 for an operator's, and in journals of
	// before that was kept.
	Fault int `json:"fault,omitempty"`
	// Restored is what the new authority's store was made from, at the stage promote in mode backup; nil otherwise.
	Restored *Restored `json:"restored,omitempty"`
}

// Restored is what came of making a store from a snapshot, as the region measured it.
type Restored struct {
	Age    time.Duration `json:"age"` // of the snapshot, when it began to be loaded
	Bytes  int64         `json:"bytes"`
	Writes uint64        `json:"writes"`
	Took   time.Duration `json:"took"`
}

// Kind implements Body.
func (FailoverStaged) Kind() string { return "failover.staged" }

func (b FailoverStaged) fold(s *State, e Event) {
	f := s.Failover(b.ID)
	if f == nil {
		f = &Failover{ID: b.ID, Dataset: b.Dataset, From: b.From, Cause: b.Cause, Ends: map[Stage]time.Duration{}}
		if d := s.Dataset(b.Dataset); d != nil {
			f.Durability = d.Spec.Durability()
		}
		if b.Cause == "fault" && b.Fault == 0 {
			f.Fault = s.FaultOn(b.From) // a journal of before the fault was named
		}
		s.Failovers = append(s.Failovers, f)
	}
	if b.Fault != 0 {
		f.fault, f.Fault = b.Fault, s.Fault(b.Fault)
	}
	f.Ends[b.Stage] = b.End
	if b.To != "" {
		f.To = b.To
	}
	if b.Epoch != 0 {
		f.Epoch = b.Epoch
	}
	if b.Restored != nil {
		f.Restored = b.Restored
	}
	_, timed := f.Took(b.Stage)
	switch {
	case b.Stage == StagePromote:
		s.Dataset(b.Dataset).move(b.To, b.Epoch)
		s.show(e)
	case b.Stage == StageReroute, timed && b.Detail != "":
		s.show(e)
	}
}

// Failover is one failover, stage by stage. Ends has the engine-clock time at
// which each stage ended.
type Failover struct {
	ID         int
	Dataset    string
	From       string
	To         string
	Cause      string
	Epoch      uint64
	Durability topology.Durability // the mode when it began
	Ends       map[Stage]time.Duration
	Check      *LedgerChecked
	Fault      *Fault // the fault that caused it, nil for an operator's and until it is proved
	fault      int    // its number, also while it is being proved
	// Blocked is why it stood still last; nil where it never did.
	Blocked *FailoverBlocked
	// Restored is what the new authority's store was made from, in mode backup; nil otherwise.
	Restored *Restored
	// Preflight is how ready regions were when it was decided; nil in journals of before, and until then.
	Preflight *preflight.Taken
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

// Open reports whether nobody was promoted yet: the dataset has no leader.
func (f *Failover) Open() bool {
	_, promoted := f.Ends[StagePromote]
	return !promoted
}

// Written reports whether the new authority has acknowledged its first write: the failover is over.
func (f *Failover) Written() bool {
	_, written := f.Ends[StageReroute]
	return written
}

// OpenFailover is the failover of a dataset that has promoted nobody yet; nil where none is.
func (s *State) OpenFailover(dataset string) *Failover {
	for _, f := range slices.Backward(s.Failovers) {
		if f.Dataset == dataset {
			if f.Open() {
				return f
			}
			return nil
		}
	}
	return nil
}

// RTO is from the moment the fault took effect to the first write that the
// new authority acknowledged; false until then.
func (f *Failover) RTO() (time.Duration, bool) {
	start, began := f.Ends[StageFault]
	end, done := f.Ends[StageReroute]
	return end - start, began && done
}

// Switchover is a planned move that was made.
type Switchover struct {
	SwitchoverDone
	T          time.Duration       // when it was done
	Durability topology.Durability // the mode when it was done
}

// SwitchoverDone is a planned move of the authority, stage by stage: Prepare while the
// replica comes near and writes are still taken, then Fence, CatchUp (with the last
// writes), Promote and Reroute (until the new authority acknowledged its first write).
// Blocked is how long no writes were taken: the sum of the stages after Prepare. Open says
// that none was acknowledged within some seconds, perhaps because nobody writes:
// Reroute is then how long that was waited for.
type SwitchoverDone struct {
	ID      int           `json:"id"`
	Dataset string        `json:"dataset"`
	From    string        `json:"from"`
	To      string        `json:"to"`
	Epoch   uint64        `json:"epoch"`
	Prepare time.Duration `json:"prepare,omitempty"`
	Fence   time.Duration `json:"fence"`
	CatchUp time.Duration `json:"catch_up"`
	Promote time.Duration `json:"promote"`
	Reroute time.Duration `json:"reroute,omitempty"`
	Blocked time.Duration `json:"blocked"`
	Open    bool          `json:"open,omitempty"`
}

// Kind implements Body.
func (SwitchoverDone) Kind() string { return "switchover.done" }

func (b SwitchoverDone) fold(s *State, e Event) {
	m := Switchover{SwitchoverDone: b, T: s.Now}
	d := s.Dataset(b.Dataset)
	if d != nil {
		m.Durability = d.Spec.Durability()
	}
	s.Moves = append(s.Moves, m)
	d.move(b.To, b.Epoch)
	s.show(e)
}
