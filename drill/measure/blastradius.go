package measure

import (
	"maps"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Affected is how many users of those who asked had a request that failed, or that was slower
// than their population's threshold. Both count distinct users. Known is false until
// anybody asked; Open says that the span which is counted over is not over yet.
type Affected struct {
	Asked, Affected int
	Share           float64 // Affected of Asked, 0 to 1
	Known, Open     bool
	// Command is the id of the command that affected them; 0 where none is known, or all do.
	Command int
}

func (a *Affected) add(asked, affected int) {
	a.Asked, a.Affected = a.Asked+asked, a.Affected+affected
	if a.Asked > 0 {
		a.Share, a.Known = float64(a.Affected)/float64(a.Asked), true
	}
}

// Plus counts the users of another population in.
func (a *Affected) Plus(b Affected) {
	a.add(b.Asked, b.Affected)
	a.Open = a.Open || b.Open
}

// AffectedNow is the users affected among those who asked in the last drill.AffectedWindow.
func AffectedNow(s *drill.State) Affected { return AffectedAmong(s.Populations...) }

// AffectedAmong is AffectedNow of some populations. Not known where none of their users asked.
func AffectedAmong(populations ...*drill.PopulationState) Affected {
	var a Affected
	for _, p := range populations {
		if p.Last != nil {
			a.add(p.Last.AskedNow, p.Last.AffectedNow)
		}
	}
	return a
}

// AffectedEver is the users affected since the first fault, over all faults, each counted once,
// among those who asked while one lasted. It is not known before one took effect. The blast
// radius is that of one command: it may be larger or smaller.
func AffectedEver(s *drill.State) Affected {
	var a Affected
	for _, p := range s.Populations {
		if p.Last != nil {
			a.add(p.Last.AskedEver, p.Last.AffectedEver)
		}
	}
	return a
}

// BlastRadius is the users affected by the worst command of the drill so far: that with the
// largest share (AffectedBy). A harmless command after it must not make the drill look
// better, as it would where the users of all commands were added up. A journal of before
// users were counted by command has the users of the whole drill.
func BlastRadius(s *drill.State) Affected {
	var worst, all Affected
	commands := map[int]bool{}
	for _, p := range s.Populations {
		if p.Last == nil {
			continue
		}
		all.add(p.Last.AskedEver, p.Last.AffectedEver)
		for _, i := range p.Last.Impacts {
			commands[i.Command] = true
		}
	}
	if len(commands) == 0 {
		for _, c := range s.Commands {
			if len(s.Faults) == 1 && caused(s, c.ID) {
				all.Command = c.ID
				break
			}
		}
		return all
	}
	for _, command := range slices.Sorted(maps.Keys(commands)) {
		if a := AffectedBy(s, command, ""); a.Known && (!worst.Known || a.Share > worst.Share) {
			worst = a
		}
	}
	return worst
}

// AffectedBy is the users affected by one command, among those who asked between its fault
// and the recovery from it, when the count is frozen; with a population's name only those
// of that one. A journal of before users were counted by command has the drill's one
// fault only.
func AffectedBy(s *drill.State, command int, population string) Affected {
	a := Affected{Command: command}
	byCommand := false
	for _, p := range s.Populations {
		if p.Last == nil || population != "" && p.Spec.Name != population {
			continue
		}
		for _, i := range p.Last.Impacts {
			byCommand = true
			if i.Command == command {
				a.add(i.Asked, i.Affected)
				a.Open = a.Open || !i.Closed
			}
		}
	}
	if byCommand || len(s.Faults) != 1 || !caused(s, command) {
		return a
	}
	for _, p := range s.Populations {
		if p.Last != nil && (population == "" || p.Spec.Name == population) {
			a.add(p.Last.AskedEver, p.Last.AffectedEver)
		}
	}
	return a
}

// caused reports whether a command caused the drill's one fault, in a journal that does not
// say: it was under way when the fault was proved.
func caused(s *drill.State, command int) bool {
	f, c := s.Faults[0], s.Command(command)
	if f.Command != 0 || c == nil {
		return f.Command == command
	}
	return c.Began <= f.Proved && (c.Ended == nil || *c.Ended >= f.Proved)
}

// Prediction is what was predicted of a command beside what was measured of the same one.
type Prediction struct {
	Command   *drill.CommandState // nil in a journal that lost it
	ID        int
	Predicted runbook.Impact
	Measured  Affected
	// Moves are what became of the datasets that were to lose their authority.
	Moves map[string]Move
}

// Predictions is every prediction with its own measurement, in the order of the commands. That
// of a command which failed before anything was measured of it is left out: nothing of what
// was predicted was done.
func Predictions(s *drill.State) []Prediction {
	var all []Prediction
	for _, p := range s.Predicted {
		if c := s.Command(p.ID); c != nil && c.Error != "" && !AffectedBy(s, p.ID, "").Known {
			continue
		}
		one := Prediction{ID: p.ID, Command: s.Command(p.ID), Predicted: p.Impact, Measured: AffectedBy(s, p.ID, ""), Moves: map[string]Move{}}
		for dataset := range p.Impact.WritesAtRisk {
			if m, found := moveOf(s, p.ID, dataset); found {
				one.Moves[dataset] = m
			}
		}
		all = append(all, one)
	}
	return all
}

// Lost is how many acknowledged writes of a dataset the command lost: those of the move that it caused. Where it caused
// none, it is known once the check at the end has found that nothing at all is lost.
func (p Prediction) Lost(s *drill.State, dataset string) Count {
	if m, moved := p.Moves[dataset]; moved {
		return m.Lost(s)
	}
	return Count{Known: audited(s, dataset) && len(Losses(s, dataset)) == 0}
}

// moveOf is the move of a dataset that a command caused: the failover that answers its
// fault, else (a switchover before a cordon, an old journal) the first that began after
// the command and before the next command that was predicted.
func moveOf(s *drill.State, command int, dataset string) (Move, bool) {
	c := s.Command(command)
	if c == nil {
		return Move{}, false
	}
	next := s.Now + 1
	for _, p := range s.Predicted {
		if later := s.Command(p.ID); later != nil && p.ID > command {
			next = min(next, later.Began)
		}
	}
	for _, m := range Moves(s, dataset) {
		if m.Failover != nil && m.Failover.Fault != nil && m.Failover.Fault.Command != 0 {
			if m.Failover.Fault.Command == command {
				return m, true
			}
			continue
		}
		if m.Began >= c.Began && m.Began < next {
			return m, true
		}
	}
	return Move{}, false
}
