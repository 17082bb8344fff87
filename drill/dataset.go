package drill

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/replication"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func init() {
	register[AuthorityTook]()
	register[ModeChanged]()
	register[WritesWaiting]()
	register[SplitBrain]()
}

// DatasetState is one dataset. Authority is "" while there is none.
type DatasetState struct {
	Name      string
	Spec      topology.Dataset
	Authority string
	Was       string // the authority before this one
	Epoch     uint64
	AtRisk    *uint64       // nil is unknown
	AtRiskAge time.Duration // T of the last sample that knew it
	Replicas  map[string]*telemetry.Replica
	// Replication is what they stored, from one answer to the next.
	Replication replication.Answers
	// Behind is the regions whose replicas were away, or still catching up, when the authority
	// last answered: what they lack is no tail that was on its way.
	Behind map[string]bool
	// Stalled is, by region, the replicas whose writes don't reach their disk now.
	Stalled map[string]StoreStalled
	// Waiting is what its writes wait for now; nil while they don't.
	Waiting *WritesWaiting
	// WaitingSince is T when they began to, whatever they have waited for since.
	WaitingSince time.Duration
	Waits        []Wait        // each time in which they did, newest last
	Modes        []ModeChange  // since the start, newest last; Spec has the mode of now
	Splits       []*SplitBrain // each split brain with all its writes so far
	SplitsOver   time.Duration // T when the last of them was seen to be over; 0 before
	LastCheck    *LedgerChecked
	CheckedAt    time.Duration // T of LastCheck
}

// move takes in who leads; an older epoch than the one known changes nothing.
func (d *DatasetState) move(to string, epoch uint64) {
	if d == nil || epoch < d.Epoch || (epoch == d.Epoch && d.Authority == to) {
		return
	}
	if d.Authority != "" && d.Authority != to {
		d.Was = d.Authority
	}
	d.Authority, d.Epoch = to, epoch
}

// AuthorityTook says that a dataset has its first authority, and that the first
// user's write was acknowledged by it at At on the engine's clock.
type AuthorityTook struct {
	Dataset string        `json:"dataset"`
	Region  string        `json:"region"`
	Epoch   uint64        `json:"epoch"`
	At      time.Duration `json:"at"`
}

// Kind implements Body.
func (AuthorityTook) Kind() string { return "authority.took" }

func (b AuthorityTook) fold(s *State, e Event) {
	s.Dataset(b.Dataset).move(b.Region, b.Epoch)
	s.show(e)
}

// ModeChanged says that a dataset's durability is another from now on: every write
// acknowledged so far keeps it. By is who asked for it: runbook.ByOperator, runbook.ByDrill, or
// runbook.ByController where sync got another partner because the authority moved.
type ModeChanged struct {
	Dataset string              `json:"dataset"`
	Was     topology.Durability `json:"was"`
	Now     topology.Durability `json:"now"`
	By      string              `json:"by"`
	Why     string              `json:"why,omitempty"`
	Took    time.Duration       `json:"took"` // from the request until the durability held
}

// ModeChange is a change of a dataset's durability, and when the new one held.
type ModeChange struct {
	ModeChanged
	T time.Duration
}

// Kind implements Body.
func (ModeChanged) Kind() string { return "mode.changed" }

func (b ModeChanged) fold(s *State, e Event) {
	d := s.Dataset(b.Dataset)
	if d == nil {
		return
	}
	d.Modes = append(d.Modes, ModeChange{b, s.Now})
	d.Spec.Mode, d.Spec.With = b.Now.Mode, b.Now.With
	s.show(e)
}

// WritesWaiting says that writes of a dataset began to wait for the regions that
// its mode needs, or (For empty) that they no longer do. Since, on the engine's clock, is
// when the last write was acknowledged, or the durability that they wait by came into force:
// earlier than it is said, since a write always waits for a while.
type WritesWaiting struct {
	Dataset string        `json:"dataset"`
	Region  string        `json:"region"` // the authority
	For     []string      `json:"for"`
	Mode    topology.Mode `json:"mode"`
	Since   time.Duration `json:"since"`
}

// Wait is a time in which writes of a dataset waited for the same regions; Ended is nil while they do.
type Wait struct {
	WritesWaiting
	Began time.Duration
	Ended *time.Duration
}

// Kind implements Body.
func (WritesWaiting) Kind() string { return "writes.waiting" }

func (b WritesWaiting) fold(s *State, e Event) {
	d := s.Dataset(b.Dataset)
	if d == nil {
		return
	}
	s.show(e)
	began := s.Now // for others than before
	if d.Waiting == nil {
		began = cmp.Or(b.Since, s.Now) // a journal of before has no Since
	} else {
		d.Waits[len(d.Waits)-1].Ended = ptr(s.Now)
	}
	if len(b.For) == 0 {
		d.Waiting = nil
		return
	}
	if d.Waiting == nil {
		d.WaitingSince = began
	}
	d.Waiting, d.Waits = &b, append(d.Waits, Wait{b, began, nil})
}

// SplitBrain says that users had writes acknowledged by two authorities of one
// dataset at the same time: that of OldEpoch went on after that of NewEpoch had
// acknowledged its first. Tails lists by region the ids acknowledged meanwhile, and
// in each event only those that none before it had. Over says that the old one
// takes no more.
type SplitBrain struct {
	Dataset  string              `json:"dataset"`
	Old      string              `json:"old"`
	OldEpoch uint64              `json:"old_epoch"`
	New      string              `json:"new"`
	NewEpoch uint64              `json:"new_epoch"`
	Began    time.Duration       `json:"began"`
	Tails    map[string][]string `json:"tails"`
	Over     bool                `json:"over,omitempty"`
}

// Kind implements Body.
func (SplitBrain) Kind() string { return "split.brain" }

func (b SplitBrain) fold(s *State, e Event) {
	d := s.Dataset(b.Dataset)
	if d == nil {
		return
	}
	known := d.Split(b.OldEpoch, b.NewEpoch)
	if known == nil {
		tails := map[string][]string{}
		maps.Copy(tails, b.Tails)
		first := b
		first.Tails = tails
		d.Splits = append(d.Splits, &first)
		s.show(e)
		return
	}
	for region, ids := range b.Tails {
		known.Tails[region] = slices.Concat(known.Tails[region], ids)
	}
	known.Over = b.Over
	if b.Over {
		d.SplitsOver = s.Now
		s.show(e)
	}
}

// Split finds the split brain of two epochs; nil when there was none.
func (d *DatasetState) Split(oldEpoch, newEpoch uint64) *SplitBrain {
	for _, known := range d.Splits {
		if known.OldEpoch == oldEpoch && known.NewEpoch == newEpoch {
			return known
		}
	}
	return nil
}
