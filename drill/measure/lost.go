package measure

import (
	"cmp"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Loss is an acknowledged write that is not there any more, and the move that lost it; By is
// nil where no move explains it.
type Loss struct {
	drill.LostWrite
	Dataset string
	By      *Move
}

// Losses is every acknowledged write of a dataset, or with "" of any, that some check of the
// ledger missed: each once, in the order of acknowledgement.
func Losses(s *drill.State, dataset string) []Loss {
	var all []Loss
	seen, moves := map[[2]string]bool{}, map[string]*movesOf{}
	for _, c := range s.Checks {
		if dataset != "" && c.Dataset != dataset {
			continue
		}
		if moves[c.Dataset] == nil {
			moves[c.Dataset] = newMovesOf(s, c.Dataset)
		}
		for _, w := range c.Lost {
			if key := [2]string{c.Dataset, w.ID}; !seen[key] {
				seen[key] = true
				all = append(all, Loss{LostWrite: w, Dataset: c.Dataset, By: moves[c.Dataset].lost(c, w)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Loss) int { return cmp.Compare(a.Acked, b.Acked) })
	return all
}

// movesOf is a dataset's moves as they began, and by their epochs.
type movesOf struct{ began, epochs []Move }

func newMovesOf(s *drill.State, dataset string) *movesOf {
	m := &movesOf{began: Moves(s, dataset)}
	m.epochs = slices.Clone(m.began)
	slices.SortStableFunc(m.epochs, func(a, b Move) int { return cmp.Compare(a.Epoch, b.Epoch) })
	return m
}

// lost is the move that lost a write: the first to an epoch after the one in which it was
// acknowledged. A journal without epochs goes by the failover after which the write was
// missed first, else by the first fault after its acknowledgement.
func (all *movesOf) lost(c drill.LedgerChecked, w drill.LostWrite) *Move {
	moves := all.began
	if w.Epoch > 0 {
		moves = all.epochs
	}
	for i, m := range moves {
		switch {
		case w.Epoch > 0 && m.Epoch > w.Epoch,
			w.Epoch == 0 && c.Failover != 0 && m.Failover != nil && m.Failover.ID == c.Failover,
			w.Epoch == 0 && c.Failover == 0 && m.Failover != nil && w.Acked <= m.Began:
			return &moves[i]
		}
	}
	return nil
}

// LostBy is the writes that a move lost.
func LostBy(s *drill.State, m Move) []Loss { return m.among(Losses(s, m.Dataset)) }

// among is what of some losses a move lost.
func (m Move) among(losses []Loss) (mine []Loss) {
	for _, l := range losses {
		if l.By.same(m) {
			mine = append(mine, l)
		}
	}
	return mine
}

// Check is the check of the ledger that followed a move, whatever it found; nil until there was one.
func (m Move) Check(s *drill.State) *drill.LedgerChecked {
	if m.Failover != nil {
		return m.Failover.Check
	}
	for i, c := range s.Checks {
		if c.Move != 0 && c.Move == m.Switchover.ID {
			return &s.Checks[i]
		}
	}
	return nil
}

// Lost is how many acknowledged writes a move lost. It is measured once the ledger was checked
// after the move; what another check missed until then is a lower bound, and so is what was
// found while more of it may come to light (LosesMore).
func (m Move) Lost(s *drill.State) Count { return m.lost(s, LostBy(s, m)) }

func (m Move) lost(s *drill.State, mine []Loss) Count {
	n, checked := len(mine), m.Check(s) != nil
	return Count{N: n, Known: checked || n > 0, AtLeast: !checked || m.LosesMore(s)}
}

// LosesMore reports whether a move may have lost more acknowledged writes than the checks of the
// ledger have found: its old leader was not locked out, so it may go on acknowledging what
// nobody else has, or did so after the last check.
func (m Move) LosesMore(s *drill.State) bool {
	d := s.Dataset(m.Dataset)
	if d == nil || m.Failover == nil || m.Epoch == 0 {
		return false
	}
	if _, done := finalCheck(s, m.Dataset); done {
		return false
	}
	for _, b := range d.Splits {
		if b.NewEpoch == m.Epoch {
			return !b.Over || d.CheckedAt < d.SplitsOver
		}
	}
	return !s.Fleet.Failover.Fence && !m.oldLeaderGone(s)
}

// oldLeaderGone reports whether the process that led before a failover is gone, or follows by now.
func (m Move) oldLeaderGone(s *drill.State) bool {
	if f := m.Failover.Fault; f != nil && f.Effect.StopsStore(m.From) && !f.Effect.Still {
		return true
	}
	promoted := m.Failover.Ends[drill.StagePromote]
	return slices.ContainsFunc(s.Rejoins, func(r *drill.Rejoin) bool {
		return r.Dataset == m.Dataset && r.Region == m.From && r.Began >= promoted
	})
}

func (m *Move) same(other Move) bool {
	return m != nil && m.Failover == other.Failover && m.Switchover == other.Switchover
}

// Lost is how many acknowledged writes of a dataset, or with "" of all, are lost. It is
// known once a ledger was checked, and a lower bound until each was checked at the end.
func Lost(s *drill.State, dataset string) Count {
	return Count{N: len(Losses(s, dataset)), Known: len(s.Checks) > 0 && checked(s, dataset), AtLeast: !audited(s, dataset)}
}

// Altered is how many writes of a dataset, or with "" of all, some check found with other
// contents than were sent, or more than once.
func Altered(s *drill.State, dataset string) int {
	ids := map[[2]string]bool{}
	for _, c := range s.Checks {
		if dataset == "" || c.Dataset == dataset {
			for _, id := range c.Mismatched {
				ids[[2]string{c.Dataset, id}] = true
			}
		}
	}
	return len(ids)
}

// Checked reports whether the ledger of the dataset, or with "" of each, was checked since its last
// failover began, its leader was lost last, and its last split brain was over: else what was found
// before says nothing of that.
func Checked(s *drill.State, dataset string) bool {
	for _, d := range s.Datasets {
		if (dataset == "" || d.Name == dataset) && !checkedSince(s, d) {
			return false
		}
	}
	return true
}

func checkedSince(s *drill.State, d *drill.DatasetState) bool {
	if _, done := finalCheck(s, d.Name); done || d.LastCheck == nil {
		return done
	}
	if slices.ContainsFunc(d.Splits, func(b *drill.SplitBrain) bool { return !b.Over }) || d.CheckedAt < d.SplitsOver {
		return false
	}
	for _, f := range slices.Backward(s.Failovers) {
		if f.Dataset != d.Name {
			continue
		}
		if f.Check == nil {
			return false
		}
		break
	}
	for _, f := range s.Faults {
		if f.Effect.StopsStore(d.Authority) && f.Proved > d.CheckedAt {
			return false
		}
	}
	leader := s.Region(d.Authority)
	return leader == nil || leader.Health != drill.HealthDown || leader.Changed <= d.CheckedAt
}

func checked(s *drill.State, dataset string) bool {
	return slices.ContainsFunc(s.Checks, func(c drill.LedgerChecked) bool { return dataset == "" || c.Dataset == dataset })
}

// audited reports whether the ledger of the dataset, or with "" of each, was checked at the end.
func audited(s *drill.State, dataset string) bool {
	for _, d := range s.Datasets {
		if _, done := finalCheck(s, d.Name); !done && (dataset == "" || d.Name == dataset) {
			return false
		}
	}
	return true
}

// Writes is what a ledger's check at the end found, over all datasets.
type Writes struct {
	Acknowledged, Unacknowledged, PresentUnacknowledged, Lost int
	Known                                                     bool
}

// FinalWrites sums the checks at the end of a dataset, or with "" of all; not known until
// each was checked.
func FinalWrites(s *drill.State, dataset string) Writes {
	out := Writes{Known: len(s.Datasets) > 0}
	for _, d := range s.Datasets {
		if dataset != "" && d.Name != dataset {
			continue
		}
		c, done := finalCheck(s, d.Name)
		if !done {
			return Writes{}
		}
		out.Acknowledged += c.Acknowledged
		out.Unacknowledged += c.Unacknowledged
		out.PresentUnacknowledged += c.PresentUnacknowledged
		out.Lost += len(Losses(s, d.Name))
	}
	return out
}
