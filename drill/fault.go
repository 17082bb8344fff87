package drill

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/legacy"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func init() {
	register[FaultBegun]()
	register[FaultProved]()
	register[FaultLifted]()
}

// FaultKind names a fault.
type FaultKind string

// The faults.
const (
	FaultKill   FaultKind = "kill"
	FaultFreeze FaultKind = "freeze"
	// FaultPartition is on a link, not on a region: Between has its ends, the first
	// one's packets vanish; OneWay says that the other's do not.
	FaultPartition FaultKind = "partition"
)

// FaultBegun says that a fault is being made and is not proved yet: what it causes meanwhile
// is known to be of this drill. Its FaultProved has the same ID and says the same, with the
// proof; where none follows before its command fails, it is no fault.
type FaultBegun FaultProved

// Kind implements Body.
func (FaultBegun) Kind() string { return "fault.begun" }

func (b FaultBegun) fold(s *State, _ Event) {
	s.Proving = append(s.Proving, &Fault{FaultProved: FaultProved(b).completed()})
}

// FaultProved says that a fault took effect. From is when the first user could
// have been affected (for a kill: the moment the region's links went silent, just
// before the signal), on the engine's clock like Event.T; the event's own T is
// when the proof came.
type FaultProved struct {
	ID      int       `json:"id"`
	Fault   FaultKind `json:"fault"`
	Region  string    `json:"region,omitempty"`
	Between []string  `json:"between,omitempty"`
	OneWay  bool      `json:"one_way,omitempty"`
	// Part is what of the region is gone where the rest goes on, as its effect names it: a zone, its web tier.
	Part string `json:"part,omitempty"`
	// Shape is what the links are made of meanwhile; zero where the fault is none of shape.
	Shape topology.Shape `json:"shape,omitzero"`
	From  time.Duration  `json:"from"`
	Proof string         `json:"proof,omitempty"` // "" until there is one
	// Done is the fault as a word in the past: "killed"; "" in journals of before.
	Done string `json:"done,omitempty"`
	// Command is the id of the command that caused it; 0 in journals of before that was kept.
	Command int `json:"command,omitempty"`
	// Effect is what it does to the fleet while it holds; a journal of before has none.
	Effect runbook.Effect `json:"effect,omitzero"`
}

// Kind implements Body.
func (FaultProved) Kind() string { return "fault.proved" }

func (b FaultProved) fold(s *State, e Event) {
	b = b.completed()
	f := &Fault{FaultProved: b, Proved: s.Now}
	s.Faults = append(s.Faults, f)
	s.Proving = slices.DeleteFunc(s.Proving, func(p *Fault) bool { return p.ID == b.ID })
	for _, caused := range s.Failovers {
		if b.ID != 0 && caused.fault == b.ID {
			caused.Fault = f
		}
	}
	s.show(e)
	if r := s.Region(b.Region); r != nil {
		if b.Part != "" {
			r.Parts = append(r.Parts, f)
		} else {
			r.Fault = f
		}
		r.rejudge(s.Now)
	}
}

// FaultLifted says that the fault of that id is over, and what proved it.
type FaultLifted struct {
	ID     int    `json:"id"`
	Region string `json:"region,omitempty"`
	Proof  string `json:"proof"`
	// Done is what ended it as a word in the past: "restored"; "" in journals of before.
	Done string `json:"done,omitempty"`
}

// Kind implements Body.
func (FaultLifted) Kind() string { return "fault.lifted" }

func (b FaultLifted) fold(s *State, e Event) {
	f := s.Fault(b.ID)
	if f == nil {
		return
	}
	f.Lifted, f.Ended = ptr(s.Now), b.Done
	if f.Ended == "" {
		f.Ended = legacy.Ended(f.Effect.Undo)
	}
	s.show(e)
	if r := s.Region(f.Region); r != nil {
		if r.Fault == f {
			r.Fault = nil
		}
		r.Parts = slices.DeleteFunc(r.Parts, func(p *Fault) bool { return p == f })
		r.rejudge(s.Now)
	}
}

// Fault is one fault from its proof to its end.
type Fault struct {
	FaultProved
	Proved time.Duration
	Lifted *time.Duration
	Ended  string // what lifted it, as a word in the past
	Slowly bool   // requests succeed under it, and too many are slow
}

// completed is the fault with its effect and its word where its journal has none.
func (b FaultProved) completed() FaultProved {
	if b.Done == "" {
		b.Done = legacy.Done(string(b.Fault))
	}
	if b.Effect.IsZero() {
		b.Effect = legacy.Effect(string(b.Fault), []string{b.Region}, b.ways(), b.Shape)
	}
	return b
}

// ways is the directions of the links that the fault is on.
func (b FaultProved) ways() []topology.Way {
	if len(b.Between) != 2 {
		return nil
	}
	return b.Links().Ways()
}

// Links names the links of a fault that is on some, as a command of no verb does.
func (b FaultProved) Links() runbook.Command {
	if b.OneWay {
		return runbook.Command{From: b.Between[0], To: b.Between[1]}
	}
	return runbook.Command{Between: [2]string(b.Between)}
}

// Partitions is every fault that holds and keeps places apart, in the order of their proofs.
func (s *State) Partitions() (open []*Fault) {
	for _, f := range s.Faults {
		if len(f.Effect.Cuts) > 0 && f.Lifted == nil {
			open = append(open, f)
		}
	}
	return open
}

// Apart reports whether a fault that holds keeps two places from talking.
func (s *State) Apart(a, b string) bool {
	return slices.ContainsFunc(s.Partitions(), func(f *Fault) bool { return f.Effect.Separates(a, b) })
}

// StoreFault is the fault on a part of a region that its replicas are in; nil where there is none.
func (s *State) StoreFault(region string) *Fault {
	if r := s.Region(region); r != nil {
		for _, f := range r.Parts {
			if f.Effect.StopsStore(region) {
				return f
			}
		}
	}
	return nil
}

// FaultOn is the fault that keeps a region's replicas away from the controller: one on the region
// itself or on its store, or the newest partition between them; nil when there is none.
func (s *State) FaultOn(region string) *Fault {
	if r := s.Region(region); r != nil && r.Fault != nil {
		return r.Fault
	}
	if f := s.StoreFault(region); f != nil {
		return f
	}
	for _, f := range slices.Backward(s.Partitions()) {
		if f.Effect.Separates(region, topology.EndControl) {
			return f
		}
	}
	return nil
}

// kept reports whether a fault keeps a region away from the controller, or did so until then or later; then 0 is unknown.
func (s *State) kept(region string, then time.Duration) bool {
	was := func(f *Fault) bool { return f.Region == region || f.Effect.Separates(region, topology.EndControl) }
	return s.FaultOn(region) != nil || then > 0 && slices.ContainsFunc(s.Faults, func(f *Fault) bool { return was(f) && f.Lifted != nil && *f.Lifted >= then })
}
