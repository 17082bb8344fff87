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

// Incident is something that happened to the fleet, and what it cost: the faults of one command, a
// cordon, a changed durability, or what no command of the drill did (a database that hung, a leader
// that was lost).
type Incident struct {
	// Command is what did it; nil where no command did, or the journal does not say which.
	Command *drill.CommandState
	Faults  []*drill.Fault    // in the order of their proofs; none of what is no fault
	Cordon  string            // the region that was emptied; "" for anything else
	Mode    *drill.ModeChange // of a changed durability
	Stall   *drill.StoreStalled
	Began   time.Duration  // when it could first affect a user
	Lifted  *time.Duration // when all of it was taken back; nil while a part of it holds
	// Settled is when it had run its course: users recovered and each move that it caused was
	// checked for lost writes, or the drill ended. Over says that it has.
	Settled time.Duration
	Over    bool
	Moves   []Move // that it caused, in the order in which they began

	ended  time.Duration // of a cordon, or a changed durability
	losses []Loss        // of the whole drill
}

// checkWait is how long after users recovered the check of the ledger is waited for. It takes
// milliseconds and begins with the first write of the new leader, but a leader that is lost
// again may never be checked.
const checkWait = 10 * time.Second

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
	if i.Cordon != "" {
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
			all = append(all, Incident{Command: c, Began: f.From})
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
	return slices.Contains(e.Stops, region) || e.Separates(region, topology.EndControl) ||
		slices.ContainsFunc(e.Reshapes, func(w topology.Way) bool {
			return w.Has(region, topology.EndControl) || w.Has(topology.EndControl, region)
		})
}

func cordoned(moves []Move, c *drill.CommandState, told told) Incident {
	i := Incident{Command: c, Cordon: c.Effect.Empties[0], Began: c.Began, ended: *c.Ended}
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
				all = append(all, Incident{Mode: m, Began: m.T - m.Took, ended: m.T})
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
		i := Incident{Stall: b, Began: b.Since}
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
			return i.Stall != nil && i.Stall.Dataset == m.Dataset && i.Stall.Region == m.From && (i.Lifted == nil || m.Began <= *i.Lifted)
		})
		if at < 0 {
			all = append(all, Incident{Began: m.Began, Moves: []Move{m}})
			continue
		}
		all[at].Moves = append(all[at].Moves, m)
	}
	return all
}

// settle says whether an incident has run its course, and since when.
func (i *Incident) settle(s *drill.State, told told) {
	at, over := i.ended, true
	for _, f := range i.Faults {
		recovered, known := told.recovered[f.ID]
		at, over = max(at, recovered), over && known
	}
	if i.Command != nil && AffectedBy(s, i.Command.ID, "").Open {
		over = false // its users are still counted, for a sample longer than it takes to say that they recovered
	}
	if i.Stall != nil && len(i.Moves) == 0 {
		over = i.Lifted != nil
		if over {
			at = *i.Lifted
		}
	}
	for _, m := range i.Moves {
		if m.Failover == nil {
			continue
		}
		written := m.Failover.Ends[drill.StageReroute]
		checked, known := told.checked[m.Failover.ID]
		switch {
		case !m.Failover.Written():
			over = false
		default:
			last := written + checkWait
			if known {
				last = min(max(written, checked), last)
			}
			at, over = max(at, last), over && s.Now >= last
		}
	}
	if !over && told.ended > 0 {
		at, over = told.ended, true
	}
	if i.Over = over; over {
		i.Settled = at
	}
}

// told is when the timeline says things of which the state keeps no time.
type told struct {
	recovered  map[int]time.Duration // by fault
	checked    map[int]time.Duration // by failover
	uncordoned map[string][]time.Duration
	stalled    []drill.StoreStalled
	flowing    []flowing
	ended      time.Duration // 0 while it runs
}

type flowing struct {
	drill.StoreFlows
	t time.Duration
}

func timesTold(s *drill.State) told {
	t := told{recovered: map[int]time.Duration{}, checked: map[int]time.Duration{}, uncordoned: map[string][]time.Duration{}}
	for _, e := range s.Timeline {
		switch b := e.Body.(type) {
		case drill.Recovered:
			if !b.Slowly {
				t.recovered[b.Fault] = e.T
			}
		case drill.LedgerChecked:
			if _, known := t.checked[b.Failover]; !known && b.Failover != 0 {
				t.checked[b.Failover] = e.T
			}
		case drill.RegionCordoned:
			if !b.On {
				t.uncordoned[b.Region] = append(t.uncordoned[b.Region], e.T)
			}
		case drill.StoreStalled:
			t.stalled = append(t.stalled, b)
		case drill.StoreFlows:
			t.flowing = append(t.flowing, flowing{b, e.T})
		case drill.DrillEnded:
			t.ended = e.T
		}
	}
	return t
}

// flows is when writes reached a replica's disk again after they stopped.
func (t told) flows(b drill.StoreStalled) (time.Duration, bool) {
	for _, f := range t.flowing {
		if f.Dataset == b.Dataset && f.Region == b.Region && f.t >= b.Since {
			return f.t, true
		}
	}
	return 0, false
}
