package controller

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// durability is what the controller promotes by: what every acknowledged write of
// the dataset keeps. It lags behind what the authority is configured with while
// a mode is being changed, and never leads.
type durability struct {
	drill.Durability
	// caughtUp says, for sync, that the partner certainly has every write that was
	// acknowledged in epochs before this authority's. Until then the authority alone has.
	caughtUp bool
}

// tentative is a promotion whose lease may have been taken though nobody heard so: writes
// may be acknowledged by that region, under that durability.
type tentative struct {
	lead       string
	durability durability
}

// base is who certainly has every acknowledged write, and under what: the last authority
// whose lease was confirmed, or one that may have taken writes since. It is not always the
// one promoted last, which may never have been granted a lease.
func (m *Memory) base() (string, durability) {
	if t := m.tentative; t != nil {
		return t.lead, t.durability
	}
	return m.confirmed, m.durability
}

// whole leaves out the replicas that are being copied: they do not have yet what
// they once reported as stored.
func (m *Memory) whole(answers map[string]store.Status) map[string]store.Status {
	out := map[string]store.Status{}
	for region, s := range answers {
		if !s.Seeding || m.rules.breach.wholeReplicas {
			out[region] = s
		}
	}
	return out
}

// newer compares replicas by their last entry: the epoch first, then the position,
// since a longer log of an older epoch holds writes that a newer authority never had.
func newer(a, b store.Status) int {
	return cmp.Or(cmp.Compare(a.LastIn, b.LastIn), cmp.Compare(a.Position, b.Position))
}

// mostAdvanced is the replica with the newest last entry. Equals go by the operator's
// order: the one that the fleet file names as authority, then as it lists the regions.
func mostAdvanced(replicas map[string]store.Status, d drill.Dataset) string {
	best := ""
	for _, region := range append([]string{d.Authority}, d.Regions...) {
		if s, answered := replicas[region]; answered && (best == "" || newer(s, replicas[best]) > 0) {
			best = region
		}
	}
	return best
}

func (m *Memory) mostAdvanced(replicas map[string]store.Status) string {
	best := mostAdvanced(replicas, m.rules.Dataset)
	if m.rules.breach.mostAdvanced {
		for region, s := range replicas {
			if n := newer(s, replicas[best]); n < 0 || n == 0 && region < best {
				best = region
			}
		}
	}
	return best
}

// candidate is the region to promote: one that is certain to have every write that
// the mode has promised to keep, as far as those that answered can tell. The
// reason says what is missing where there is none.
func (m *Memory) candidate(answers map[string]store.Status) (to, reason string) {
	answers = m.whole(answers)
	spec := m.rules.Dataset
	lead, rule := m.base()
	mode := rule.Mode
	if m.rules.breach.durability {
		mode = drill.ModeAsync
	}
	switch mode {
	case drill.ModeSync:
		has := map[string]store.Status{}
		certain := []string{lead}
		if rule.caughtUp {
			certain = append(certain, rule.With)
		}
		for _, region := range certain {
			if s, ok := answers[region]; ok {
				has[region] = s
			}
		}
		if len(has) == 0 {
			return "", fmt.Sprintf("sync: only %s is certain to have every acknowledged write, and it does not answer", strings.Join(slices.Compact(certain), " or "))
		}
		return m.mostAdvanced(has), ""
	case drill.ModeQuorum:
		// Any so many regions have one in common with every majority.
		if need := len(spec.Regions) - spec.Majority() + 1; len(answers) < need {
			return "", fmt.Sprintf("quorum: %d of %d replicas answer, %d are needed to be certain of every acknowledged write",
				len(answers), len(spec.Regions), need)
		}
		return m.mostAdvanced(answers), ""
	}
	if len(answers) == 0 {
		return "", "no region that holds a replica answers"
	}
	if reason := m.mayLose(answers); reason != "" && !m.rules.breach.durability {
		return "", reason
	}
	return m.mostAdvanced(answers), ""
}

// mayLose says that only replicas answer which had been away and were still catching up,
// while others that may be far ahead are silent; "" where one is current, or all answer.
// Async loses the tail that was not copied yet, which is some milliseconds of writes; to
// promote what was left behind long ago would lose everything since. Patroni has
// maximum_lag_on_failover for that.
func (m *Memory) mayLose(answers map[string]store.Status) string {
	lead, _ := m.base()
	var late, silent []string
	for i := range m.replicas {
		r := &m.replicas[i]
		_, answered := answers[r.region]
		switch {
		case r.region == lead && answered:
			return "" // it is back, and has all that it acknowledged
		case !answered:
			silent = append(silent, r.region)
		case r.outage == nil:
			return ""
		default:
			late = append(late, r.region)
		}
	}
	if len(silent) == 0 {
		return ""
	}
	return fmt.Sprintf("%s had not caught up when %s was lost, and %s may have more",
		strings.Join(late, " and "), lead, strings.Join(silent, " or "))
}

// choose is the candidate, or the operator's choice where that is as certain, or forced.
func (m *Memory) choose(f *failover, answers map[string]store.Status) (to, reason string) {
	if f.chosen == "" {
		return m.candidate(answers)
	}
	switch s, ok := answers[f.chosen]; {
	case !ok:
		return "", f.chosen + " does not answer"
	case s.Seeding:
		return "", f.chosen + ": " + store.ErrSeeding.Error()
	}
	if f.forced {
		return f.chosen, ""
	}
	if reason := m.uncertain(f.chosen, answers); reason != "" {
		return "", reason
	}
	return f.chosen, ""
}

// uncertain says why a region may lack writes that the mode has promised to
// keep; "" when it has them. Async promises nothing beyond the authority.
func (m *Memory) uncertain(to string, answers map[string]store.Status) string {
	_, rule := m.base()
	if rule.Mode != drill.ModeSync && rule.Mode != drill.ModeQuorum {
		return ""
	}
	best, reason := m.candidate(answers)
	if best == "" {
		return reason
	}
	if to != best && newer(answers[to], answers[best]) < 0 {
		return fmt.Sprintf("%s: %s has less than %s, which has every acknowledged write", rule.Mode, to, best)
	}
	return ""
}

// next is the durability once a region leads: sync can't have the authority for
// its partner. Another live replica takes its place, else the authority of
// before, and then writes wait for that one.
func (m *Memory) next(now time.Duration, to string, forced bool) durability {
	from, rule := m.base()
	switch {
	case forced && (m.durability.Mode == drill.ModeSync || m.durability.Mode == drill.ModeQuorum):
		// What was promised is given up, and with it what it asks of writes.
		return durability{Durability: drill.Durability{Mode: drill.ModeAsync}}
	case rule.Mode != drill.ModeSync || rule.With != to:
		return rule
	}
	// The authority of before has everything that was acknowledged, as the partner
	// of before has; a third region has not yet.
	next := durability{Durability: drill.Durability{Mode: drill.ModeSync, With: from}, caughtUp: true}
	if !m.up(from) {
		for i := range m.replicas {
			r := &m.replicas[i]
			if r.region != to && r.region != from && r.up && r.fresh(now) && !r.status.Seeding {
				next.With, next.caughtUp = r.region, false
				break
			}
		}
	}
	return next
}

// adopt makes the durability of a new authority the one that is promoted by.
func adopt(d *decision, lead string, next durability) {
	was := d.m.durability
	d.m.confirmed, d.m.durability, d.m.since, d.m.tentative = lead, next, d.now, nil
	if was.Durability != next.Durability {
		d.emit(drill.ModeChanged{Dataset: d.name(), Was: was.Durability, Now: next.Durability, By: "controller", Why: lead + " leads"})
	}
}

// noteCaughtUp learns that sync's partner has everything: the position that the
// authority began with is kept, or a write was acknowledged in its epoch, which
// the partner stored behind all that came before.
func noteCaughtUp(d *decision) {
	m := &d.m
	lead := m.of(m.lead)
	if m.durability.Mode != drill.ModeSync || m.durability.caughtUp || lead == nil {
		return
	}
	s := lead.status
	kept := lead.fresh(d.now) && s.Role == drill.RoleAuthority && s.Epoch == m.epoch && s.Mode == drill.ModeSync && s.Kept >= m.began
	m.durability.caughtUp = kept || (m.lastAck.epoch == m.epoch && m.since < m.lastAck.at)
}
