// Package refusal says why a command about a dataset can't be done at the moment of deciding. It is pure.
//
// drill/action has checked the command against the state of the drill before. What can't
// have changed since is not checked again. What is left is what only the failover controller
// knows, what was lost meanwhile, and what safety needs. Where drill/action has the same
// rule, a person reads the same words.
package refusal

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/controller/health"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Situation is what the controller of a dataset knows when a command comes.
type Situation struct {
	Dataset   string
	Lead      string // the authority; "" before the first one
	Rule      topology.Durability
	Lost      bool             // the authority is: its failover is not over
	Choice    *runbook.Command // an operator's, which that failover waits for
	UnderWay  *runbook.Command // a switchover, or a change of mode
	Reseed    string           // the region that is copied anew; "" is none
	Withholds bool             // the authority's lease is not renewed, since its writes don't get through

	Up     func(region string) bool
	Stalls func(region string) bool // its writes don't get through
	Status func(region string) store.Status
}

// Of says why a command can't be done now; no error where it can.
func Of(s Situation, c runbook.Command) exchange.Outcome {
	if s.Lead == "" {
		return Refuse("wait until one does", fmt.Errorf("no region leads %s yet", s.Dataset))
	}
	switch c.Verb {
	case runbook.VerbReseed:
		return reseed(s, c)
	case runbook.VerbMode:
		return mode(s, topology.Durability{Mode: c.Mode, With: c.With})
	case runbook.VerbSwitchover:
		return switchover(s, c)
	}
	return takeover(s, c)
}

// takeover is about promote and force.
func takeover(s Situation, c runbook.Command) exchange.Outcome {
	switch {
	case !s.Lost:
		return Serves(s.Dataset, s.Lead)
	case !s.Up(c.To):
		return down(c.To)
	case s.Stalls(c.To):
		return Refuse("choose another region", fmt.Errorf("%s can't lead: %s", c.To, health.Words(s.Status(c.To))))
	case s.Choice != nil:
		return underWay(*s.Choice)
	}
	return exchange.Outcome{}
}

func switchover(s Situation, c runbook.Command) exchange.Outcome {
	if o := moving(s); o.Err != nil {
		return o
	}
	switch {
	case s.Lost:
		return lostAuthority(s)
	case c.To == s.Lead:
		return Refuse("choose another region", fmt.Errorf("%s leads %s already", c.To, s.Dataset))
	case !s.Up(c.To):
		return down(c.To)
	case s.Stalls(c.To):
		return Refuse("choose another region", fmt.Errorf("%s can't lead: %s", c.To, health.Words(s.Status(c.To))))
	}
	if s.Withholds {
		return Refuse("wait for the failover, or promote a region then", fmt.Errorf("%s can't hand over: %s", s.Lead, health.Words(s.Status(s.Lead))))
	}
	return exchange.Outcome{}
}

// mode is about what may change after the check: who leads, what holds, which
// regions are up.
func mode(s Situation, to topology.Durability) exchange.Outcome {
	if o := moving(s); o.Err != nil {
		return o
	}
	name := s.Dataset
	switch {
	case s.Lost:
		return lostAuthority(s)
	case to == s.Rule:
		return Refuse("name another mode", fmt.Errorf("%s is %s already", name, to))
	case to.Mode == topology.ModeSync && to.With == s.Lead:
		return Refuse("name another region that keeps a replica", fmt.Errorf("%s leads %s, and sync needs a partner beside it", to.With, name))
	case to.Mode == topology.ModeSync && !s.Up(to.With):
		o := down(to.With)
		o.Err = fmt.Errorf("%w, and every write would wait for it", o.Err)
		return o
	}
	return exchange.Outcome{}
}

func reseed(s Situation, c runbook.Command) exchange.Outcome {
	if o := moving(s); o.Err != nil {
		return o
	}
	switch {
	case s.Reseed != "":
		return underWay(runbook.Command{Verb: runbook.VerbReseed, Dataset: s.Dataset, Region: s.Reseed})
	case s.Lost:
		o := lostAuthority(s)
		o.Err = fmt.Errorf("nothing can be copied: %w", o.Err)
		return o
	case c.Region == s.Lead:
		return Refuse("switch over first", fmt.Errorf("%s leads %s: writes that are nowhere else would be gone", s.Lead, s.Dataset))
	case !s.Up(c.Region):
		return down(c.Region)
	}
	if r := s.Status(c.Region); r.AuthorityPosition == nil || r.Authority != s.Lead {
		// Its own tail is compared, and exported, when it first hears from the authority.
		return Refuse("wait until it copies from "+s.Lead, fmt.Errorf("%s has not heard from %s yet: writes that it alone has would be gone", c.Region, s.Lead))
	}
	return exchange.Outcome{}
}

// moving refuses what can't begin while the dataset is switched over or its mode changes.
func moving(s Situation) exchange.Outcome {
	if s.UnderWay != nil {
		return underWay(*s.UnderWay)
	}
	return exchange.Outcome{}
}

func underWay(c runbook.Command) exchange.Outcome {
	return Refuse("wait until it is done", fmt.Errorf("“%s” is still under way", c))
}

func down(region string) exchange.Outcome {
	return Refuse("restore it first", fmt.Errorf("%s is down", region))
}

// Serves refuses to take the authority from a region that has not lost it.
func Serves(dataset, lead string) exchange.Outcome {
	return Refuse("switch over instead, which loses nothing", fmt.Errorf("%s leads %s and works", lead, dataset))
}

func lostAuthority(s Situation) exchange.Outcome {
	return Refuse("wait until it is over, or promote a region", fmt.Errorf("no region leads %s now: its failover is not over", s.Dataset))
}

// Refuse is a refusal, with what to do instead.
func Refuse(next string, err error) exchange.Outcome {
	return exchange.Outcome{Err: err, Next: next, Refused: true}
}
