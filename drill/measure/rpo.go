package measure

import "github.com/fleetdrill/fleetdrill/drill"

// RPO is the span of acknowledged writes that a move lost: from the oldest lost
// acknowledgement to the fault, or to the newest lost one where a cut-off authority went
// on acknowledging after it. It is zero where a check since found nothing lost, and not
// known until a ledger was checked after the move.
func (m Move) RPO(s *drill.State) Span { return m.rpo(s, LostBy(s, m)) }

func (m Move) rpo(s *drill.State, lost []Loss) Span {
	n := m.lost(s, lost)
	if n.N == 0 {
		return Span{Known: n.Known, AtLeast: n.AtLeast}
	}
	oldest, end := lost[0].Acked, max(m.Began, lost[len(lost)-1].Acked)
	return Span{D: end - oldest, Known: true, AtLeast: n.AtLeast}
}

// RPO is the longest span that a dataset, or with "" any, lost. A failover whose ledger was
// not checked leaves it a lower bound, and so does a loss that no move explains. Without a
// failover it is zero once each ledger was checked at the end and nothing was lost.
func RPO(s *drill.State, dataset string) Span {
	var longest Span
	failovers := 0
	for _, m := range Moves(s, dataset) {
		if m.Failover != nil {
			failovers++
			longest.include(m.RPO(s))
		} else if lost := LostBy(s, m); len(lost) > 0 {
			longest.include(m.RPO(s))
		}
	}
	for _, l := range Losses(s, dataset) {
		longest.AtLeast = longest.AtLeast || l.By == nil
	}
	if failovers == 0 && !longest.AtLeast && audited(s, dataset) {
		longest.Known = true
	}
	return longest
}
