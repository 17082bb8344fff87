// Package candidate decides who may be promoted: what the mode guarantees of every
// acknowledged write, and which replica is certain to keep it. It is pure.
package candidate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Rule is what the controller promotes by: what every acknowledged write of
// the dataset keeps. It lags behind what the authority is configured with while
// a mode is being changed, and never leads.
type Rule struct {
	topology.Durability
	// CaughtUp says, for sync, that the partner certainly has every write that was
	// acknowledged in epochs before this authority's. Until then the authority alone has.
	CaughtUp bool
}

// Question is what a candidate is looked for in.
type Question struct {
	Dataset topology.Dataset
	// Links are the fleet's: of replicas that reach equally far the nearest to Lead is taken.
	Links []topology.Link
	Rule  Rule
	// Lead is who has every acknowledged write: the last authority.
	Lead string
	// Behind are the regions whose replicas had been away and were still catching up.
	Behind []string
	// Heard is what each replica held when it last answered, those that are silent now too.
	Heard map[string]store.Status
	// Breach leaves out a rule; tests set it, to see their simulation fail.
	Breach Breach
}

// Breach is the rules that a test leaves out.
type Breach struct{ MostAdvanced, Durability, WholeReplicas bool }

// whole leaves out the replicas that are being copied: they do not have yet what
// they once reported as stored.
func (q Question) whole(answers map[string]store.Status) map[string]store.Status {
	out := map[string]store.Status{}
	for region, s := range answers {
		if s.Whole() || q.Breach.WholeReplicas {
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

// MostAdvanced is the whole replica with the newest last entry; "" where there is none.
// Of equals it is the one nearest to the last authority, which copies the soonest and whose
// users are sent there, and of those as near the first in the fleet file. A prediction
// (impact.Successor) goes by the same.
func (q Question) MostAdvanced(answers map[string]store.Status) string {
	answers = q.whole(answers)
	best := ""
	for _, region := range (topology.Fleet{Links: q.Links}).Nearest(q.Lead, q.Dataset.Regions) {
		s, answered := answers[region]
		if !answered {
			continue
		}
		n := newer(s, answers[best])
		if q.Breach.MostAdvanced {
			n = -n
		}
		if best == "" || n > 0 {
			best = region
		}
	}
	return best
}

// Certain is the region to promote: one that is certain to have every write that
// the mode has to keep, as far as those that answered can tell. The
// reason says what is missing where there is none.
func (q Question) Certain(answers map[string]store.Status) (to, reason string) {
	answers = q.whole(answers)
	mode := q.Rule.Mode
	if q.Breach.Durability {
		mode = topology.ModeAsync
	}
	switch mode {
	case topology.ModeSync:
		has := map[string]store.Status{}
		certain := []string{q.Lead}
		if q.Rule.CaughtUp {
			certain = append(certain, q.Rule.With)
		}
		for _, region := range certain {
			if s, ok := answers[region]; ok {
				has[region] = s
			}
		}
		if len(has) == 0 {
			return "", fmt.Sprintf("sync: only %s is certain to have every acknowledged write, and it does not answer", strings.Join(certain, " or "))
		}
		return q.MostAdvanced(has), ""
	case topology.ModeQuorum:
		// Any so many regions have one in common with every majority.
		n := len(q.Dataset.Regions)
		if need := n - q.Dataset.Majority() + 1; len(answers) < need {
			return "", fmt.Sprintf("quorum: %d of %d replicas answer, %d are needed to be certain of every acknowledged write", len(answers), n, need)
		}
		return q.MostAdvanced(answers), ""
	}
	if len(answers) == 0 {
		return "", "no region that holds a replica answers"
	}
	if reason := q.mayLose(answers); reason != "" && !q.Breach.Durability {
		return "", reason
	}
	return q.MostAdvanced(answers), ""
}

// mayLose says that only replicas answer which had been away and were still catching up,
// while others that may be far ahead are silent; "" where one is current, or all answer.
// Async loses the tail that was not copied yet, which is some milliseconds of writes; to
// promote what was left behind long ago would lose everything since. Patroni has
// maximum_lag_on_failover for that.
func (q Question) mayLose(answers map[string]store.Status) string {
	var late, silent []string
	for _, region := range q.Dataset.Regions {
		_, answered := answers[region]
		switch {
		case region == q.Lead && answered:
			return "" // it is back, and has all that it acknowledged
		case !answered:
			silent = append(silent, region)
		case !slices.Contains(q.Behind, region):
			return ""
		default:
			late = append(late, region)
		}
	}
	if len(silent) == 0 {
		return ""
	}
	return q.behind(late, silent, answers[q.MostAdvanced(answers)])
}

// behind says that replicas were left behind by some that may have more, and how much the
// best of them is known to lack.
func (q Question) behind(late, more []string, best store.Status) string {
	lacks := "an unknown number of acknowledged writes would be lost"
	if n := q.lacks(best, more); n > 0 {
		lacks = fmt.Sprintf("at least %d acknowledged writes would be lost", n)
	}
	return fmt.Sprintf("%s had not caught up when %s was lost, and %s may have more: %s",
		strings.Join(late, " and "), q.Lead, strings.Join(more, " or "), lacks)
}

// lacks is how many writes others are known to hold more than a replica, by their last answers.
func (q Question) lacks(s store.Status, others []string) uint64 {
	var most uint64
	for _, region := range others {
		if h := q.Heard[region]; !h.Unread && !h.Seeding {
			most = max(most, h.Entries)
		}
	}
	if s.Unread || most <= s.Entries {
		return 0
	}
	return most - s.Entries
}

// leftBehind says that an operator's choice was left behind, while others may have more or
// do; "" where it was current, leads already, or is known to have the most. What async
// guarantees nothing of is the tail that was not copied yet, not all since an outage.
func (q Question) leftBehind(to string, answers map[string]store.Status) string {
	if to == q.Lead || !slices.Contains(q.Behind, to) {
		return ""
	}
	var more []string
	for _, region := range q.Dataset.Regions {
		s, answered := answers[region]
		if region != to && (!answered || s.Whole() && newer(s, answers[to]) > 0) {
			more = append(more, region)
		}
	}
	if len(more) == 0 {
		return ""
	}
	return q.behind([]string{to}, more, answers[to])
}

// Chosen is an operator's choice where that is as certain, or forced: then it has to
// answer and to be whole.
func (q Question) Chosen(to string, forced bool, answers map[string]store.Status) (region, reason string) {
	switch s, ok := answers[to]; {
	case !ok:
		return "", to + " does not answer"
	case s.Seeding:
		return "", to + ": " + store.ErrSeeding.Error()
	case s.Mute:
		return "", to + ": its database does not answer"
	}
	if forced {
		return to, ""
	}
	if reason := q.Uncertain(to, answers); reason != "" {
		return "", reason
	}
	return to, ""
}

// Uncertain says why a region may lack writes that the mode has to
// keep; "" when it has them. Async keeps all but the tail that a current replica lacks.
func (q Question) Uncertain(to string, answers map[string]store.Status) string {
	if q.Rule.Mode != topology.ModeSync && q.Rule.Mode != topology.ModeQuorum {
		if q.Breach.Durability {
			return ""
		}
		return q.leftBehind(to, answers)
	}
	best, reason := q.Certain(answers)
	if best == "" {
		return reason
	}
	if to != best && newer(answers[to], answers[best]) < 0 {
		return fmt.Sprintf("%s: %s has less than %s, which has every acknowledged write", q.Rule.Mode, to, best)
	}
	return ""
}
