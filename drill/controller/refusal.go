package controller

import (
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/controller/refusal"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// refused says why a command can't be done now; no error where it can.
func refused(m *Memory, c runbook.Command) exchange.Outcome {
	if m.bringUp == nil && m.ending {
		return exchange.Outcome{Err: ErrStopped}
	}
	return refusal.Of(m.situation(), c)
}

func (m *Memory) situation() refusal.Situation {
	name := m.rules.Dataset.Name
	s := refusal.Situation{
		Dataset: name, Rule: m.rule.Durability, Lost: m.failover != nil, Withholds: m.withholds(),
		Up:     m.up,
		Stalls: func(region string) bool { return m.of(region).stalls },
		Status: func(region string) store.Status { return m.of(region).status },
	}
	if m.bringUp == nil {
		s.Lead = m.lead
	}
	if f := m.failover; f != nil && f.choice != nil {
		s.Choice = &f.choice.command
	}
	if m.reseed != nil {
		s.Reseed = m.reseed.region
	}
	switch {
	case m.switchover != nil:
		s.UnderWay = &runbook.Command{Verb: runbook.VerbSwitchover, Dataset: name, To: m.switchover.done.To}
	case m.modeChange != nil:
		s.UnderWay = &runbook.Command{Verb: runbook.VerbMode, Dataset: name, Mode: m.modeChange.to.Mode, With: m.modeChange.to.With}
	}
	return s
}
