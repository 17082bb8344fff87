package measure

import (
	"cmp"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Move is a dataset's authority going from one region to another: a failover, or a planned
// switchover. One of Failover and Switchover is set.
type Move struct {
	Dataset  string
	From, To string // To is "" while nobody was chosen
	Epoch    uint64 // 0 while nobody was promoted
	// Cause is "fault", "operator" (a promotion that a command caused) or "switchover".
	Cause      string
	Began      time.Duration // when the fault took effect, or writes were stopped
	Durability topology.Durability

	Failover   *drill.Failover
	Switchover *drill.Switchover
}

// CauseSwitchover is the cause of a planned move.
const CauseSwitchover = "switchover"

// Moves is every move of a dataset's authority, or with "" of every dataset's, in the order
// in which they began.
func Moves(s *drill.State, dataset string) []Move {
	var all []Move
	for _, f := range s.Failovers {
		if dataset == "" || f.Dataset == dataset {
			all = append(all, Move{Dataset: f.Dataset, From: f.From, To: f.To, Epoch: f.Epoch, Cause: f.Cause,
				Began: f.Ends[drill.StageFault], Durability: f.Durability, Failover: f})
		}
	}
	for i := range s.Moves {
		m := &s.Moves[i]
		if dataset == "" || m.Dataset == dataset {
			all = append(all, Move{Dataset: m.Dataset, From: m.From, To: m.To, Epoch: m.Epoch, Cause: CauseSwitchover,
				Began: m.T - m.Blocked, Durability: m.Durability, Switchover: m})
		}
	}
	slices.SortStableFunc(all, func(a, b Move) int { return cmp.Compare(a.Began, b.Began) })
	return all
}

// Step is a named part of a move.
type Step struct {
	Name string
	Took time.Duration
}

// Steps is what a move that is over, or a stage of one, was spent on, in order. Those of a
// move that came to a write add up to its RTO.
func (m Move) Steps() []Step {
	if m.Switchover != nil {
		return SwitchoverSteps(m.Switchover.SwitchoverDone)
	}
	var steps []Step
	for _, stage := range drill.FailoverStages {
		if took, ended := m.Failover.Took(stage); ended {
			steps = append(steps, Step{string(stage), took})
		}
	}
	return steps
}

// SwitchoverSteps is what the time without writes was spent on: fence (the old authority
// takes no more), catch up (the new one copies the last of it), promote, and reroute (from
// the promotion to the first write that a user had acknowledged). They add up to Blocked;
// a journal of before reroute was timed has it as what is left. What a switchover
// prepares while writes are still taken is no part of it.
func SwitchoverSteps(m drill.SwitchoverDone) []Step {
	steps := []Step{{"fence", m.Fence}, {"catch up", m.CatchUp}, {"promote", m.Promote}}
	reroute := m.Reroute
	if reroute == 0 {
		reroute = m.Blocked - m.Fence - m.CatchUp - m.Promote
	}
	if reroute > 0 {
		steps = append(steps, Step{"reroute", reroute})
	}
	return steps
}
