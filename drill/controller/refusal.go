package controller

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/controller/health"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// refusal says why a command can't be done now; no error where it can.
//
// drill/action has checked the command against the state of the drill before. What can't
// have changed since is not checked again. What is left is what only this controller knows,
// what was lost meanwhile, and what safety needs at the moment of deciding. Where
// drill/action has the same rule, a person reads the same words.
func refusal(m *Memory, c runbook.Command) exchange.Outcome {
	switch {
	case m.bringUp != nil:
		return refuse("wait until one does", fmt.Errorf("no region leads %s yet", m.rules.Dataset.Name))
	case m.ending:
		return exchange.Outcome{Err: ErrStopped}
	}
	switch c.Verb {
	case runbook.VerbReseed:
		return refuseReseed(m, c)
	case runbook.VerbMode:
		return refuseMode(m, topology.Durability{Mode: c.Mode, With: c.With})
	case runbook.VerbSwitchover:
		return refuseSwitchover(m, c)
	}
	return refuseTakeover(m, c)
}

// refuseTakeover is about promote and force.
func refuseTakeover(m *Memory, c runbook.Command) exchange.Outcome {
	switch {
	case m.failover == nil:
		return serves(m.rules.Dataset.Name, m.lead)
	case !m.up(c.To):
		return down(c.To)
	case m.of(c.To).stalls:
		return refuse("choose another region", fmt.Errorf("%s can't lead: %s", c.To, health.Words(m.of(c.To).status)))
	case m.failover.choice != nil:
		return underWay(m.failover.choice.command)
	}
	return exchange.Outcome{}
}

func refuseSwitchover(m *Memory, c runbook.Command) exchange.Outcome {
	if o := moving(m); o.Err != nil {
		return o
	}
	switch {
	case m.failover != nil:
		return lostAuthority(m)
	case c.To == m.lead:
		return refuse("choose another region", fmt.Errorf("%s leads %s already", c.To, m.rules.Dataset.Name))
	case !m.up(c.To):
		return down(c.To)
	case m.of(c.To).stalls:
		return refuse("choose another region", fmt.Errorf("%s can't lead: %s", c.To, health.Words(m.of(c.To).status)))
	}
	if m.withholds() {
		return refuse("wait for the failover, or promote a region then", fmt.Errorf("%s can't hand over: %s", m.lead, health.Words(m.of(m.lead).status)))
	}
	return exchange.Outcome{}
}

// refuseMode is about what may change after the check: who leads, what holds, which
// regions are up.
func refuseMode(m *Memory, to topology.Durability) exchange.Outcome {
	if o := moving(m); o.Err != nil {
		return o
	}
	name := m.rules.Dataset.Name
	switch {
	case m.failover != nil:
		return lostAuthority(m)
	case to == m.rule.Durability:
		return refuse("name another mode", fmt.Errorf("%s is %s already", name, to))
	case to.Mode == topology.ModeSync && to.With == m.lead:
		return refuse("name another region that keeps a replica", fmt.Errorf("%s leads %s, and sync needs a partner beside it", to.With, name))
	case to.Mode == topology.ModeSync && !m.up(to.With):
		o := down(to.With)
		o.Err = fmt.Errorf("%w, and every write would wait for it", o.Err)
		return o
	}
	return exchange.Outcome{}
}

func refuseReseed(m *Memory, c runbook.Command) exchange.Outcome {
	if o := moving(m); o.Err != nil {
		return o
	}
	switch {
	case m.reseed != nil:
		return underWay(runbook.Command{Verb: runbook.VerbReseed, Dataset: m.rules.Dataset.Name, Region: m.reseed.region})
	case m.failover != nil:
		o := lostAuthority(m)
		o.Err = fmt.Errorf("nothing can be copied: %w", o.Err)
		return o
	case c.Region == m.lead:
		return refuse("switch over first", fmt.Errorf("%s leads %s: writes that are nowhere else would be gone", m.lead, m.rules.Dataset.Name))
	case !m.up(c.Region):
		return down(c.Region)
	}
	if s := m.of(c.Region).status; s.AuthorityPosition == nil || s.Authority != m.lead {
		// Its own tail is compared, and exported, when it first hears from the authority.
		return refuse("wait until it copies from "+m.lead, fmt.Errorf("%s has not heard from %s yet: writes that it alone has would be gone", c.Region, m.lead))
	}
	return exchange.Outcome{}
}

// moving refuses what can't begin while the dataset is switched over or its mode changes.
func moving(m *Memory) exchange.Outcome {
	name := m.rules.Dataset.Name
	if s := m.switchover; s != nil {
		return underWay(runbook.Command{Verb: runbook.VerbSwitchover, Dataset: name, To: s.done.To})
	}
	if c := m.modeChange; c != nil {
		return underWay(runbook.Command{Verb: runbook.VerbMode, Dataset: name, Mode: c.to.Mode, With: c.to.With})
	}
	return exchange.Outcome{}
}

func underWay(c runbook.Command) exchange.Outcome {
	return refuse("wait until it is done", fmt.Errorf("“%s” is still under way", c))
}

func down(region string) exchange.Outcome {
	return refuse("restore it first", fmt.Errorf("%s is down", region))
}

// serves refuses to take the authority from a region that has not lost it.
func serves(dataset, lead string) exchange.Outcome {
	return refuse("switch over instead, which loses nothing", fmt.Errorf("%s leads %s and works", lead, dataset))
}

func lostAuthority(m *Memory) exchange.Outcome {
	return refuse("wait until it is over, or promote a region", fmt.Errorf("no region leads %s now: its failover is not over", m.rules.Dataset.Name))
}

func refuse(next string, err error) exchange.Outcome {
	return exchange.Outcome{Err: err, Next: next, Refused: true}
}
