package drill

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

func init() {
	register[StoresSampled]()
	register[StoreCopying]()
	register[StoreStalled]()
	register[StoreFlows]()
	register[RejoinStarted]()
	register[RejoinDone]()
}

// StoresSampled is every replica of every dataset at one moment.
// AtRisk is, per dataset, the writes acknowledged but stored nowhere else; it
// has no entry while that is unknown.
type StoresSampled struct {
	Stores []telemetry.Replica `json:"stores"`
	AtRisk map[string]uint64   `json:"at_risk"`
}

// Kind implements Body.
func (StoresSampled) Kind() string { return "stores.sampled" }

func (b StoresSampled) fold(s *State, _ Event) {
	for i := range b.Stores {
		sample := b.Stores[i]
		d := s.Dataset(sample.Dataset)
		if d == nil {
			continue
		}
		d.Replicas[sample.Region] = &sample
		d.Replication.Sampled(sample)
		// The first authority and its epoch are known from the stores alone.
		if !sample.Stale && sample.Role == role.Authority && sample.Epoch >= d.Epoch {
			d.move(sample.Region, sample.Epoch)
		}
	}
	for _, d := range s.Datasets {
		s.leftBehind(d)
		d.AtRisk = nil
		if n, known := b.AtRisk[d.Name]; known {
			d.AtRisk, d.AtRiskAge = &n, s.Now
		}
	}
}

// leftBehind notes which replicas are not current, while the authority answers.
func (s *State) leftBehind(d *DatasetState) {
	if lead := d.Replicas[d.Authority]; lead == nil || lead.Stale || lead.Role != role.Authority {
		return
	}
	d.Behind = map[string]bool{}
	for _, region := range d.Spec.Regions {
		r := s.Region(region)
		if r == nil || region == d.Authority {
			continue
		}
		d.Behind[region] = d.Hangs(region) || r.Fault != nil || !r.Health.Answers() || s.FaultOn(region) != nil || s.openRejoin(d.Name, region) != nil
	}
}

// Hangs reports whether a region's replica answers and no write reaches its disk: then it may not
// lead, and what it is sent is not stored.
func (d *DatasetState) Hangs(region string) bool {
	_, hangs := d.Stalled[region]
	return hangs
}

// StoreCopying says that a replica begins to copy its authority's data whole, or, over, that
// it has done so or follows no longer. Why is what broke the attempt before. On says that a
// copy that takes long goes on.
type StoreCopying struct {
	Dataset   string `json:"dataset"`
	Region    string `json:"region"`
	Authority string `json:"authority"`
	telemetry.Copying
	Why  string `json:"why,omitempty"`
	Over bool   `json:"over,omitempty"`
	On   bool   `json:"on,omitempty"`
}

// Kind implements Body.
func (StoreCopying) Kind() string { return "store.copying" }

func (b StoreCopying) fold(s *State, e Event) {
	if s.Dataset(b.Dataset) != nil {
		s.show(e)
	}
}

// StoreStalled says that a replica answers and no write has reached its disk since, on the
// engine's clock, though one was tried all along: its database hangs, or its disk is full
// or read-only. A follower then applies nothing.
type StoreStalled struct {
	Dataset string        `json:"dataset"`
	Region  string        `json:"region"`
	Role    role.Role     `json:"role"` // as it said itself
	Since   time.Duration `json:"since"`
	Why     string        `json:"why"`
}

// Kind implements Body.
func (StoreStalled) Kind() string { return "store.stalled" }

func (b StoreStalled) fold(s *State, e Event) {
	if d := s.Dataset(b.Dataset); d != nil {
		if d.Stalled == nil {
			d.Stalled = map[string]StoreStalled{}
		}
		d.Stalled[b.Region] = b
		s.show(e)
	}
}

// StoreFlows says that writes reach a replica's disk again, how long after they stopped. Of one that does not lead
// no more is known than that: a disk that is all but full takes its own small writes, and none of a user's.
type StoreFlows struct {
	Dataset string        `json:"dataset"`
	Region  string        `json:"region"`
	Role    role.Role     `json:"role,omitempty"` // as it said itself; "" in a journal of before
	Took    time.Duration `json:"took"`
}

// Kind implements Body.
func (StoreFlows) Kind() string { return "store.flows" }

func (b StoreFlows) fold(s *State, e Event) {
	if d := s.Dataset(b.Dataset); d != nil {
		delete(d.Stalled, b.Region)
		s.show(e)
	}
}

// RejoinStarted says that a replica which had been away follows the authority
// again. OwedBytes is the payload bytes that it lacks; nil when unknown.
type RejoinStarted struct {
	Dataset   string `json:"dataset"`
	Region    string `json:"region"`
	Authority string `json:"authority"`
	OwedBytes *int64 `json:"owed_bytes"`
}

// Kind implements Body.
func (RejoinStarted) Kind() string { return "rejoin.started" }

// fold takes in a return. One that fell silent before it was current, and returns
// again, is one return.
func (b RejoinStarted) fold(s *State, e Event) {
	r := s.openRejoin(b.Dataset, b.Region)
	if r == nil {
		r = &Rejoin{}
		s.Rejoins = append(s.Rejoins, r)
	}
	r.RejoinStarted, r.Began = b, s.Now
	if d := s.Dataset(b.Dataset); d != nil {
		d.Replication.Left(b.Region)
	}
	s.show(e)
}

// RejoinDone says that a replica is current again. Diverged is how many entries
// of its own tail were cut because the authority never had them; Exported is
// the file that keeps them, or the folder where it cut more than once; Bytes is what
// it copied.
type RejoinDone struct {
	Dataset  string        `json:"dataset"`
	Region   string        `json:"region"`
	Diverged int           `json:"diverged"`
	Exported string        `json:"exported,omitempty"`
	Bytes    int64         `json:"bytes"`
	Took     time.Duration `json:"took"`
}

// Kind implements Body.
func (RejoinDone) Kind() string { return "rejoin.done" }

func (b RejoinDone) fold(s *State, e Event) {
	if r := s.openRejoin(b.Dataset, b.Region); r != nil {
		r.Done = &b
	}
	if d := s.Dataset(b.Dataset); d != nil {
		d.Replication.Back(b.Region, b.Bytes)
	}
	s.show(e)
}

// Rejoin is a replica's return.
type Rejoin struct {
	RejoinStarted
	Began time.Duration
	Done  *RejoinDone
}

// openRejoin is a return that is not over; nil when there is none.
func (s *State) openRejoin(dataset, region string) *Rejoin {
	for _, r := range slices.Backward(s.Rejoins) {
		if r.Dataset == dataset && r.Region == region && r.Done == nil {
			return r
		}
	}
	return nil
}
