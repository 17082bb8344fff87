package measure

import "github.com/fleetdrill/fleetdrill/drill"

// RTO is how long the dataset took no writes while its authority moved: of a failover from
// when the fault took effect, of a switchover from when the old authority was fenced, to
// the first write that the new authority acknowledged. A failover without such a write has
// lasted until now at least; a switchover after which nobody wrote has none.
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
		return Span{D: s.Now - start, Known: true, AtLeast: true}
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
// since which requests succeeded again as in the steady check. It is not known where no
// fault had ended that, or none was recovered from.
func Recovery(s *drill.State) Span {
	var longest Span
	for _, r := range s.Recoveries {
		if f := s.Fault(r.Fault); f != nil && r.Since > f.From {
			longest.include(Span{D: r.Since - f.From, Known: true})
		}
	}
	return longest
}
