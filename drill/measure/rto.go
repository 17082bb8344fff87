package measure

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// RTO is how long the dataset took no writes while its authority moved: of a failover from
// when the fault took effect, of a switchover from when the old authority was fenced, to
// the first write that the new authority acknowledged. A failover without such a write has
// lasted until the last sample at least; a switchover after which nobody wrote has none.
func (m Move) RTO(s *drill.State) Span {
	if m.Switchover != nil {
		if m.Switchover.Open {
			return Span{AtLeast: true}
		}
		return Span{D: m.Switchover.Blocked, Known: true}
	}
	if rto, done := m.Failover.RTO(); done {
		return Span{D: rto, Known: true}
	}
	if start, began := m.Failover.Ends[drill.StageFault]; began {
		return SoFar(s, start)
	}
	return Span{}
}

// RTO is the longest that a dataset, or with "" any, took no writes while its authority
// moved, switchovers included: a planned move costs its users the same. It is not known
// without a move.
func RTO(s *drill.State, dataset string) Span {
	var longest Span
	for _, m := range Moves(s, dataset) {
		longest.include(m.RTO(s))
	}
	return longest
}

// Recovery is the longest that it took from when a fault could first affect a user to the moment
// since which requests were as good again as in the steady check. A fault that users have not
// recovered from has lasted until the last sample at least. It is not known where no fault
// had ended that.
func Recovery(s *drill.State) Span {
	var longest Span
	for _, f := range s.Faults {
		longest.include(recoveryOf(s, f))
	}
	return longest
}

// recoveryOf is that of one fault; not known where it affected nobody for any time.
func recoveryOf(s *drill.State, f *drill.Fault) Span {
	r := recoveryFrom(s, f)
	if r == nil {
		return SoFar(s, f.From)
	}
	took := r.After(f)
	return Span{D: took, Known: took > 0}
}

func recoveryFrom(s *drill.State, f *drill.Fault) *drill.Recovered {
	for i, r := range s.Recoveries {
		if r.Fault == f.ID {
			return &s.Recoveries[i]
		}
	}
	return nil
}

// SoFar is how long what began at a time and is not over has lasted at least: until the last sample,
// as the fleet may be taken down since.
func SoFar(s *drill.State, began time.Duration) Span {
	return Span{D: max(0, lastSample(s)-began), Known: true, AtLeast: true}
}

// lastSample is until when users were measured.
func lastSample(s *drill.State) time.Duration {
	if s.SampledAt > 0 {
		return s.SampledAt
	}
	return s.Now
}

// Unrecovered is the faults that a wait is for, until users have recovered from them, in the order of
// their proofs. One that holds and under which requests are only slow is left out, as is a
// brownout that holds: what is slow recovers once it is put right.
func Unrecovered(s *drill.State) (open []*drill.Fault) {
	for _, f := range s.Faults {
		slow := f.Lifted == nil && (f.Slowly || len(f.Effect.Reshapes) > 0)
		if recoveryFrom(s, f) == nil && !slow {
			open = append(open, f)
		}
	}
	return open
}
