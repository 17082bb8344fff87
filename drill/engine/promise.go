package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// promise is what the controller promotes by: what every acknowledged write of
// the dataset keeps. It lags behind what the authority is configured with while
// a mode is being switched, and never leads.
type promise struct {
	drill.Durability
	// settled says, for sync, that the partner certainly has every write that was
	// acknowledged in epochs before this authority's. Until then the authority alone has.
	settled bool
}

// config is the dataset as regions are to be told of it now.
func (k *keeper) config() drill.Dataset {
	k.mu.Lock()
	defer k.mu.Unlock()
	d := k.spec
	d.Mode, d.With, d.Also = k.rule.Mode, k.rule.With, nil
	if s := k.switching; s != nil {
		d.Mode, d.With = s.to.Mode, s.to.With
		was := k.rule.Durability
		d.Also = &was
	}
	return d
}

func (k *keeper) promise() promise {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.rule
}

// whole leaves out the replicas that are being copied: they do not have yet what
// they once reported as stored.
func whole(answers map[string]store.Status) map[string]store.Status {
	out := map[string]store.Status{}
	for region, s := range answers {
		if !s.Seeding {
			out[region] = s
		}
	}
	return out
}

// certain is the region to promote: one that is certain to have every write that
// the mode has promised to keep, as far as those that answered can tell. The
// reason says what is missing where there is none.
func (k *keeper) certain(from string, answers map[string]store.Status) (to, reason string) {
	answers = whole(answers)
	rule := k.promise()
	switch rule.Mode {
	case drill.ModeSync:
		has := map[string]store.Status{}
		candidates := []string{from}
		if rule.settled {
			candidates = append(candidates, rule.With)
		}
		for _, region := range candidates {
			if s, ok := answers[region]; ok {
				has[region] = s
			}
		}
		if len(has) == 0 {
			return "", fmt.Sprintf("sync: only %s is certain to have every acknowledged write, and it does not answer", strings.Join(candidates, " or "))
		}
		return mostAdvanced(has, k.spec), ""
	case drill.ModeQuorum:
		// Any so many regions have one in common with every majority.
		if need := len(k.spec.Regions) - k.spec.Majority() + 1; len(answers) < need {
			return "", fmt.Sprintf("quorum: %d of %d replicas answer, %d are needed to be certain of every acknowledged write",
				len(answers), len(k.spec.Regions), need)
		}
		return mostAdvanced(answers, k.spec), ""
	}
	if len(answers) == 0 {
		return "", "no region that holds a replica answers"
	}
	if reason := k.behind(answers); reason != "" {
		return "", reason
	}
	return mostAdvanced(answers, k.spec), ""
}

// behind says that only replicas answer which had been away and were still catching up,
// while others that may be far ahead are silent; "" where one is current, or all answer.
// Async loses the tail that was not copied yet, which is some milliseconds of writes; to
// promote what was left behind long ago would lose everything since. Patroni has
// maximum_lag_on_failover for that.
func (k *keeper) behind(answers map[string]store.Status) string {
	lead, _ := k.leader()
	var late, silent []string
	for _, region := range k.spec.Regions {
		_, answered := answers[region]
		switch {
		case region == lead && answered:
			return "" // it is back, and has all that it acknowledged
		case !answered:
			silent = append(silent, region)
		case k.gone[region] == nil:
			return ""
		default:
			late = append(late, region)
		}
	}
	if len(silent) == 0 {
		return ""
	}
	return fmt.Sprintf("%s had not caught up when %s was lost, and %s may have more",
		strings.Join(late, " and "), lead, strings.Join(silent, " or "))
}

// choose is certain, or the operator's choice where that is as certain, or forced.
func (k *keeper) choose(f *failover, answers map[string]store.Status) (to, reason string) {
	if f.chosen == "" {
		return k.certain(f.from, answers)
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
	if reason := k.uncertain(f.from, f.chosen, answers); reason != "" {
		return "", reason
	}
	return f.chosen, ""
}

// uncertain says why a region may lack writes that the mode has promised to
// keep; "" when it has them. Async promises nothing beyond the authority.
func (k *keeper) uncertain(from, to string, answers map[string]store.Status) string {
	rule := k.promise()
	if rule.Mode != drill.ModeSync && rule.Mode != drill.ModeQuorum {
		return ""
	}
	best, reason := k.certain(from, answers)
	if best == "" {
		return reason
	}
	if b, t := answers[best], answers[to]; to != best && (t.LastIn < b.LastIn || t.LastIn == b.LastIn && t.Position < b.Position) {
		return fmt.Sprintf("%s: %s has less than %s, which has every acknowledged write", rule.Mode, to, best)
	}
	return ""
}

// residency refuses a region by the dataset's rule; nil where it may hold it.
func (k *keeper) residency(region string) error {
	for _, r := range k.fleet.Regions {
		if r.Name == region {
			return k.spec.Residency(region, r.Jurisdiction)
		}
	}
	return nil
}

// after is the promise once a region leads: sync can't have the authority for
// its partner. Another live replica takes its place, else the authority of
// before, and then writes wait for that one.
func (k *keeper) after(from, to string, forced bool) promise {
	rule := k.promise()
	switch {
	case forced && (rule.Mode == drill.ModeSync || rule.Mode == drill.ModeQuorum):
		// What was promised is given up, and with it what it asks of writes.
		return promise{Durability: drill.Durability{Mode: drill.ModeAsync}}
	case rule.Mode != drill.ModeSync:
		return rule
	}
	// The authority of before has everything that was acknowledged, as the partner
	// of before has; a third region has not yet.
	next := rule
	if rule.With == to {
		next.With, next.settled = from, true
		if !k.router.Up(from) {
			for _, region := range k.spec.Regions {
				s, at, known := k.watch.replica(region, k.spec.Name)
				if region != to && region != from && k.router.Up(region) && known && k.now()-at < fresh && !s.Seeding {
					next.With, next.settled = region, false
					break
				}
			}
		}
	}
	return next
}

// settle notes that sync's partner has everything: the position that the
// authority began with is kept, or a write was acknowledged in its epoch, which
// the partner stored behind all that came before.
func (k *keeper) settle(lead string, epoch uint64) {
	s, at, known := k.watch.replica(lead, k.spec.Name)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.rule.Mode != drill.ModeSync || k.rule.settled || k.epoch != epoch {
		return
	}
	kept := known && k.now()-at < fresh && s.Role == drill.RoleAuthority && s.Epoch == epoch && s.Mode == drill.ModeSync && s.DurableIndex >= k.began
	k.rule.settled = kept || (k.lastAck.epoch == epoch && k.ruleSince < k.lastAck.at)
}

func (k *keeper) holds(region string) bool { return slices.Contains(k.spec.Regions, region) }
