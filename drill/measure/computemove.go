package measure

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// ComputeMove is how soon compute served in a region, as it was measured, beside what its data takes to get there. One of Scaled
// and Move is set: web replicas were added, or a dataset is led there now.
type ComputeMove struct {
	Region string
	Took   time.Duration
	At     time.Duration // when it was done
	Scaled *drill.ScaledAt
	Move   *Move
	Data   []Haul
}

// Haul is a dataset's bytes on their way from a region. Took is of a copy that was made in the drill where it is Measured, not
// longer than that where it is AtMost; else it is what the link's bandwidth and round trip say of the whole dataset.
type Haul struct {
	Dataset, From string
	Bytes         int64
	Took          time.Duration
	Measured      bool
	AtMost        bool
}

// Slowest is the dataset that takes longest; false where none has to be copied.
func (m ComputeMove) Slowest() (slowest Haul, ok bool) {
	for _, h := range m.Data {
		if !ok || h.Took > slowest.Took {
			slowest, ok = h, true
		}
	}
	return slowest, ok
}

// ComputeMoves is every time that a region got more web replicas, where somebody waited until they were ready, or became the leader of a dataset, in the order in which that
// was done.
func ComputeMoves(s *drill.State) (all []ComputeMove) {
	for i := range s.Scaled {
		if x := &s.Scaled[i]; x.Replicas > x.Was && x.Took > 0 {
			m := ComputeMove{Region: x.Region, Took: x.Took, At: x.At, Scaled: x}
			for _, d := range s.Datasets {
				if h, ok := haulOf(s, d, d.Authority, x.Region); ok {
					m.Data = append(m.Data, h)
				}
			}
			all = append(all, m)
		}
	}
	for _, move := range Moves(s, "") {
		took, ok := move.came()
		if !ok {
			continue
		}
		m := ComputeMove{Region: move.To, Took: took, At: move.Began + took, Move: &move}
		if h, ok := haulOf(s, s.Dataset(move.Dataset), move.From, move.To); ok {
			m.Data = append(m.Data, h)
		}
		all = append(all, m)
	}
	slices.SortStableFunc(all, func(a, b ComputeMove) int { return int(a.At - b.At) })
	return all
}

// slowData is from when on data counts as slow beside a leader that moved: a second, in which small data is anywhere.
const slowData = time.Second

// ComputeBesideData is the move whose data takes longest, with that dataset: of those by which compute was scaled, or came sooner
// than data that takes slowData at least could; false where there is none.
func ComputeBesideData(s *drill.State) (m ComputeMove, h Haul, ok bool) {
	for _, x := range ComputeMoves(s) {
		if data, is := x.Slowest(); is && (x.Scaled != nil || data.Took > max(x.Took, slowData)) && (!ok || data.Took >= h.Took) {
			m, h, ok = x, data, true
		}
	}
	return m, h, ok
}

// came is how long a move took until a write of a user was acknowledged there; false where none was.
func (m Move) came() (time.Duration, bool) {
	if m.Switchover != nil {
		return m.Switchover.Blocked, true
	}
	return m.Failover.RTO()
}

// haulOf is what a dataset takes from one region to another; false where it need not be copied there, or how much it is, or
// how fast the link, is not known. A copy that the drill made of it goes before what its link says.
func haulOf(s *drill.State, d *drill.DatasetState, from, to string) (Haul, bool) {
	if d == nil || from == to || from == "" {
		return Haul{}, false
	}
	if kept, _ := Kept(s, d, to); !kept {
		return Haul{}, false
	}
	var whole int64
	for _, r := range d.Replicas {
		whole = max(whole, r.Bytes)
	}
	if whole == 0 {
		return Haul{}, false
	}
	for _, r := range slices.Backward(s.Rejoins) {
		// What was missed alone says little of the whole.
		if r.Dataset == d.Name && r.Region == to && r.Done != nil && r.Done.Bytes >= whole/2 {
			back := ReturnOf(s, r)
			return Haul{Dataset: d.Name, From: r.Authority, Bytes: r.Done.Bytes, Took: back.Took, Measured: true, AtMost: back.AtMost}, true
		}
	}
	took, bandwidth := Transfer(s, from, to, whole)
	if bandwidth == 0 { // nothing says how fast it is
		return Haul{}, false
	}
	return Haul{Dataset: d.Name, From: from, Bytes: whole, Took: took}, true
}
