package controller

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/candidate"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// tentative is a promotion whose lease may have been taken though nobody heard so: writes
// may be acknowledged by that region, under that rule.
type tentative struct {
	lead string
	rule candidate.Rule
}

// base is who certainly has every acknowledged write, and under what: the last authority
// whose lease was confirmed, or one that may have taken writes since. It is not always the
// one promoted last, which may never have been granted a lease.
func (m *Memory) base() (string, candidate.Rule) {
	if t := m.tentative; t != nil {
		return t.lead, t.rule
	}
	return m.confirmed, m.rule
}

// question is what a candidate is looked for in now.
func (m *Memory) question() candidate.Question {
	q := candidate.Question{Dataset: m.rules.Dataset, Links: m.rules.Links, Breach: m.rules.breach.candidate}
	q.Lead, q.Rule = m.base()
	q.Heard = map[string]store.Status{}
	for i := range m.replicas {
		if r := &m.replicas[i]; r.known {
			q.Heard[r.region] = r.status
		}
		if m.replicas[i].outage != nil {
			q.Behind = append(q.Behind, m.replicas[i].region)
		}
	}
	return q
}

// choose is the candidate of a failover, or the operator's choice; passed is who would be it, and is not ready to lead.
func (m *Memory) choose(f *failover, answers map[string]store.Status) (to string, passed []string, reason string) {
	if f.chosen != "" {
		to, reason = m.question().Chosen(f.chosen, f.forced, answers)
		return to, nil, reason
	}
	if to, reason = m.question().Certain(answers); to == "" || !m.rules.Policy.Refuses() {
		return to, nil, reason
	}
	return m.question().Gated(f.targets, answers, to)
}

// next is the durability once a region leads: sync can't have the authority for
// its partner. Another live replica takes its place, else the authority of
// before, and then writes wait for that one.
func (m *Memory) next(now time.Duration, to string, forced bool) candidate.Rule {
	from, rule := m.base()
	switch {
	case forced && (m.rule.Mode == topology.ModeSync || m.rule.Mode == topology.ModeQuorum):
		// The durability of before is given up, and with it what it asks of writes.
		return candidate.Rule{Durability: topology.Durability{Mode: topology.ModeAsync}}
	case rule.With != to || rule.Mode != topology.ModeSync && rule.Mode != topology.ModeBackup:
		return rule
	case rule.Mode == topology.ModeBackup: // snapshots go the other way from here on
		return candidate.Rule{Durability: topology.Durability{Mode: topology.ModeBackup, With: from}}
	}
	// The authority of before has everything that was acknowledged, as the partner
	// of before has; a third region has not yet.
	next := candidate.Rule{Durability: topology.Durability{Mode: topology.ModeSync, With: from}, CaughtUp: true}
	if !m.up(from) || m.of(from).stalls {
		for i := range m.replicas {
			r := &m.replicas[i]
			if r.region != to && r.region != from && r.up && r.fresh(now) && r.status.Whole() && !r.stalls {
				next.With, next.CaughtUp = r.region, false
				break
			}
		}
	}
	return next
}

// promoteLimit bounds a promotion: a store that is made from a snapshot is loaded first.
func (m *Memory) promoteLimit() time.Duration {
	if m.rule.Mode == topology.ModeBackup {
		return max(m.rules.StepLimit, store.PreloadLimit(m.rules.Dataset))
	}
	return m.rules.StepLimit
}

// adopt makes the durability of a new authority the one that is promoted by.
func adopt(d *decision, lead string, next candidate.Rule) {
	was := d.m.rule
	d.m.confirmed, d.m.rule, d.m.since, d.m.tentative = lead, next, d.now, nil
	if was.Durability != next.Durability {
		d.emit(drill.ModeChanged{Dataset: d.name(), Was: was.Durability, Now: next.Durability, By: runbook.ByController, Why: lead + " leads"})
	}
}

// updateCaughtUp learns that sync's partner has everything: the position that the
// authority began with is kept, or a write was acknowledged in its epoch, which
// the partner stored behind all that came before.
func updateCaughtUp(d *decision) {
	m := &d.m
	lead := m.of(m.lead)
	if m.rule.Mode != topology.ModeSync || m.rule.CaughtUp || lead == nil {
		return
	}
	s := lead.status
	kept := lead.fresh(d.now) && s.Role == role.Authority && s.Epoch == m.epoch && s.Mode == topology.ModeSync && s.DurableIndex >= m.began
	m.rule.CaughtUp = kept || (m.lastAck.epoch == m.epoch && m.since < m.lastAck.at)
}
