package measure

import (
	"cmp"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// IncidentKind is what an incident was.
type IncidentKind int

// The kinds of incidents. The last two are what no command of the drill did.
const (
	IncidentFault      IncidentKind = iota + 1 // the faults of one command
	IncidentCordon                             // a region was emptied on purpose
	IncidentDurability                         // somebody changed what an acknowledgement guarantees
	IncidentHang                               // a database that led hung
	IncidentLeaderless                         // a leader was lost
)

// Incident is something that happened to the fleet, and what it cost.
type Incident struct {
	Kind IncidentKind
	// Command is what did it; nil where no command did, or the journal does not say which.
	Command *drill.CommandState
	Faults  []*drill.Fault      // of an IncidentFault, in the order of their proofs
	Cordon  string              // of an IncidentCordon, the region
	Mode    *drill.ModeChange   // of an IncidentDurability
	Stall   *drill.StoreStalled // of an IncidentHang
	Began   time.Duration       // when it could first affect a user
	Lifted  *time.Duration      // when all of it was taken back; nil while a part of it holds
	// Settled is when it had run its course: users recovered and each move that it caused was
	// checked for lost writes, or the drill ended. Over says that it has.
	Settled time.Duration
	Over    bool
	Moves   []Move // that it caused, in the order in which they began

	ended  time.Duration // of a cordon, or a changed durability
	losses []Loss        // of the whole drill
}

// Incidents is every incident of a drill: those that are over first, in the order in which they
// were, then the others as they began.
func Incidents(s *drill.State) []Incident {
	told, moves := timesTold(s), Moves(s, "")
	all := faultIncidents(s, moves)
	for _, c := range s.Commands {
		if len(c.Effect.Empties) > 0 && c.Ended != nil && c.Error == "" {
			all = append(all, cordoned(moves, c, told))
		}
	}
	all = append(all, modeIncidents(s)...)
	claimed := func(m Move) bool {
		return slices.ContainsFunc(all, func(i Incident) bool { return i.has(m) })
	}
	all = append(all, alone(moves, claimed, told)...)
	losses := Losses(s, "")
	for i := range all {
		all[i].losses = losses
		all[i].settle(s, told)
	}
	slices.SortStableFunc(all, func(a, b Incident) int {
		switch {
		case a.Over && b.Over:
			return cmp.Compare(a.Settled, b.Settled)
		case a.Over:
			return -1
		case b.Over:
			return 1
		}
		return cmp.Compare(a.Began, b.Began)
	})
	return all
}

// Users is the users that it affected. What no command did has no count of its own.
func (i Incident) Users(s *drill.State) Affected {
	if i.Command == nil {
		return Affected{}
	}
	return AffectedBy(s, i.Command.ID, "")
}

// Hurt is from when it could first affect a user until requests were as good again as before; of a
// cordon, until it was done.
func (i Incident) Hurt(s *drill.State) Span {
	var longest Span
	for _, f := range i.Faults {
		longest.include(recoveryOf(s, f))
	}
	if i.Kind == IncidentCordon {
		longest.include(Span{D: i.ended - i.Began, Known: true})
	}
	return longest
}

// Beside is the commands whose users may be among those that it affected.
func (i Incident) Beside(s *drill.State) []Beside {
	if i.Command == nil {
		return nil
	}
	return HarmBeside(s, i.Command.ID)
}

// Splits is the split brains between an old leader and the one that this incident made.
func (i Incident) Splits(s *drill.State) (all []*drill.SplitBrain) {
	for _, m := range i.Moves {
		if d := s.Dataset(m.Dataset); d != nil && m.Epoch > 0 {
			for _, b := range d.Splits {
				if b.NewEpoch == m.Epoch {
					all = append(all, b)
				}
			}
		}
	}
	return all
}

// Grows reports whether more of what it lost may come to light (Move.LosesMore): its count is so far.
func (i Incident) Grows(s *drill.State) bool {
	return slices.ContainsFunc(i.Moves, func(m Move) bool { return m.LosesMore(s) })
}

// LostBy is how many acknowledged writes one of its moves lost (Move.Lost), and over which span (Move.RPO).
func (i Incident) LostBy(s *drill.State, m Move) (Count, Span) {
	mine := m.among(i.losses)
	return m.lost(s, mine), m.rpo(s, mine)
}

// Lost is how many acknowledged writes it lost where it moved no leader: none once the check at the end
// has explained every loss by a move; those that no move explains else.
func (i Incident) Lost(s *drill.State) Count {
	if !audited(s, "") {
		return Count{}
	}
	n := 0
	for _, l := range i.losses {
		if l.By == nil {
			n++
		}
	}
	return Count{N: n, Known: true}
}

func (i Incident) has(m Move) bool {
	return slices.ContainsFunc(i.Moves, func(own Move) bool { return own.same(m) })
}

// faultIncidents is the faults of each command; each of a journal that does not name commands by itself.
func faultIncidents(s *drill.State, moves []Move) (all []Incident) {
	for _, f := range s.Faults {
		c := commandOf(s, f)
		at := slices.IndexFunc(all, func(i Incident) bool { return c != nil && i.Command == c })
		if at < 0 {
			at = len(all)
			all = append(all, Incident{Kind: IncidentFault, Command: c, Began: f.From})
		}
		all[at].Faults = append(all[at].Faults, f)
		all[at].Began = min(all[at].Began, f.From)
	}
	for i := range all {
		all[i].Lifted = liftedAt(all[i].Faults)
		for _, m := range moves {
			if all[i].caused(m) {
				all[i].Moves = append(all[i].Moves, m)
			}
		}
	}
	return all
}

// commandOf is the command that caused a fault; in a journal that does not say, the one of that verb
// which was under way at its proof.
func commandOf(s *drill.State, f *drill.Fault) *drill.CommandState {
	if f.Command != 0 {
		return s.Command(f.Command)
	}
	for _, c := range s.Commands {
		if string(c.Command.Verb) == string(f.Fault) && c.Began <= f.Proved && (c.Ended == nil || *c.Ended >= f.Proved) {
			return c
		}
	}
	return nil
}

func liftedAt(faults []*drill.Fault) *time.Duration {
	var last time.Duration
	for _, f := range faults {
		if f.Lifted == nil {
			return nil
		}
		last = max(last, *f.Lifted)
	}
	return &last
}

// caused reports whether a failover answers one of the faults; one that names none, whether a fault
// was on the region that it took the lead from.
func (i Incident) caused(m Move) bool {
	if m.Failover == nil {
		return false
	}
	if m.Failover.Fault != nil {
		return slices.Contains(i.Faults, m.Failover.Fault)
	}
	from := i.Began
	if i.Command != nil {
		from = min(from, i.Command.Began)
	}
	for _, f := range i.Faults {
		held := from <= m.Began && (f.Lifted == nil || m.Began <= *f.Lifted)
		if held && touches(f.Effect, m.From) {
			return true
		}
	}
	return false
}

// touches reports whether an effect is on a region, or between it and the controller.
func touches(e runbook.Effect, region string) bool {
	return e.StopsStore(region) || e.Separates(region, topology.EndControl) ||
		slices.ContainsFunc(e.Reshapes, func(w topology.Way) bool {
			return w.Has(region, topology.EndControl) || w.Has(topology.EndControl, region)
		})
}

func cordoned(moves []Move, c *drill.CommandState, told told) Incident {
	i := Incident{Kind: IncidentCordon, Command: c, Cordon: c.Effect.Empties[0], Began: c.Began, ended: *c.Ended}
	for _, at := range told.uncordoned[i.Cordon] {
		if at > i.ended && i.Lifted == nil {
			i.Lifted = &at
		}
	}
	for _, m := range moves {
		if m.Switchover != nil && m.From == i.Cordon && m.Switchover.T >= c.Began && m.Switchover.T <= i.ended {
			i.Moves = append(i.Moves, m)
		}
	}
	return i
}

// modeIncidents is the durabilities that somebody changed. What the controller changes is a part of a move.
func modeIncidents(s *drill.State) (all []Incident) {
	for _, d := range s.Datasets {
		for n := range d.Modes {
			m := &d.Modes[n]
			if m.By != runbook.ByController {
				all = append(all, Incident{Kind: IncidentDurability, Mode: m, Began: m.T - m.Took, ended: m.T})
			}
		}
	}
	return all
}

// alone is what no command did: databases that hung while they led, and leaders that were lost.
func alone(moves []Move, claimed func(Move) bool, told told) (all []Incident) {
	for n := range told.stalled {
		b := &told.stalled[n]
		if b.Role != role.Authority {
			continue // nobody waits for a copy that applies nothing
		}
		i := Incident{Kind: IncidentHang, Stall: b, Began: b.Since}
		if at, flows := told.flows(*b); flows {
			i.Lifted = &at
		}
		all = append(all, i)
	}
	for _, m := range moves {
		if m.Failover == nil || m.Cause == "operator" || claimed(m) {
			continue
		}
		at := slices.IndexFunc(all, func(i Incident) bool {
			return i.Kind == IncidentHang && i.Stall.Dataset == m.Dataset && i.Stall.Region == m.From && (i.Lifted == nil || m.Began <= *i.Lifted)
		})
		if at < 0 {
			all = append(all, Incident{Kind: IncidentLeaderless, Began: m.Began, Moves: []Move{m}})
			continue
		}
		all[at].Moves = append(all[at].Moves, m)
	}
	return all
}
