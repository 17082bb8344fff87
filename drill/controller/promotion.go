package controller

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/controller/candidate"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// purpose is what a region is promoted for.
type purpose int

const (
	forBringUp purpose = iota
	forFailover
	forSwitchover
	forReturn // a switchover that broke gives the authority its role back
)

// promotion makes a region the authority: promote, its durability, the first lease;
// then everybody is told and follows.
type promotion struct {
	purpose purpose
	to      string
	epoch   uint64
	next    candidate.Rule
	forced  bool
	until   time.Duration
	step    uint64
	made    *store.Restored // what it was made from, in mode backup
	clock   store.Clock
}

// promote begins a promotion. What comes of it goes to whom it is for.
func promote(d *decision, p promotion) {
	limit := d.m.promoteLimit()
	p.until = d.now + limit
	p.step = d.ask(exchange.Step{Kind: exchange.StepPromote, Region: p.to, Epoch: p.epoch, Limit: limit})
	d.m.promotion = &p
}

// promoted takes a promotion one step on.
func promoted(d *decision, o exchange.Done) bool {
	m := &d.m
	p := m.promotion
	if p == nil || o.Step.ID != p.step {
		return false
	}
	if o.Err != nil {
		unpromoted(d, o.Err)
		return true
	}
	left := max(p.until-d.now, time.Millisecond)
	switch o.Step.Kind {
	case exchange.StepPromote:
		m.lead, m.epoch = p.to, p.epoch
		m.leaseEnds = d.now + m.lease()
		m.began, p.clock, p.made = o.Status.Position, o.Status.Clock, o.Status.Restored
		for i := range m.replicas { // from whom they are to hear is another now
			m.replicas[i].follows = false
		}
		config := m.rules.Dataset
		config.Mode, config.With = p.next.Mode, p.next.With
		d.do(exchange.Step{Kind: exchange.StepPlace, Dataset: config, Authority: p.to, Epoch: p.epoch})
		p.step = d.ask(exchange.Step{Kind: exchange.StepPush, Region: p.to, Limit: left})
	case exchange.StepPush:
		// From here on it may take the lease, and writes, without anybody hearing so.
		if !p.forced {
			m.tentative = &tentative{lead: p.to, rule: p.next}
		}
		p.step = d.ask(exchange.Step{Kind: exchange.StepGrant, Region: p.to, Epoch: p.epoch, Clock: p.clock, Lease: m.lease(), Limit: left})
	case exchange.StepGrant:
		startRenewing(d, o.Status.Clock)
		m.promotion = nil
		adopt(d, p.to, p.next)
		d.do(exchange.Step{Kind: exchange.StepPush})
		for i := range m.replicas {
			if region := m.replicas[i].region; region != p.to {
				follow(d, region)
			}
		}
		switch p.purpose {
		case forBringUp:
			broughtUp(d, *p)
		case forFailover:
			failedOver(d, *p)
		case forSwitchover:
			switchedOver(d)
		case forReturn:
			returned(d, nil)
		}
	}
	return true
}

// unpromoted ends a promotion that broke.
func unpromoted(d *decision, err error) {
	p := *d.m.promotion
	d.m.promotion = nil
	switch p.purpose {
	case forBringUp:
		d.m.bringUp.asked = nil // at the next tick
	case forFailover:
		notFailedOver(d, p, err)
	case forSwitchover:
		giveBack(d, fmt.Errorf("promote %s: %w", p.to, err))
	case forReturn:
		returned(d, err)
	}
}

// follow asks a region to copy from the authority. One that does not answer is asked
// again once it does.
func follow(d *decision, region string) uint64 {
	r := d.m.of(region)
	r.asked = d.ask(exchange.Step{Kind: exchange.StepFollow, Region: region, Authority: d.m.lead, Epoch: d.m.epoch, Limit: AskLimit})
	return r.asked
}

// followed notes that a region has answered whom it is to follow.
func followed(d *decision, o exchange.Done) {
	if r := d.m.of(o.Step.Region); o.Step.Kind == exchange.StepFollow && r.asked == o.Step.ID {
		r.asked = 0
	}
}
