// Package succession decides who may lead a dataset next, and what that would lose. It is
// one rule: the failover controller promotes by it (candidate), impacts are predicted by
// it, and commands are checked by it. It is pure.
package succession

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Rule is what a dataset's authority is succeeded by: what every confirmed write of
// the dataset keeps. It lags behind what the authority is configured with while
// a mode is being changed, and never leads.
type Rule struct {
	topology.Durability
	// CaughtUp says, for sync, that the partner certainly has every write that was
	// acknowledged in epochs before this authority's. Until then the authority alone has.
	CaughtUp bool
}

// Replica is what a region's replica holds, as it last said. The zero one is empty.
type Replica struct {
	LastIn   uint64 // the epoch of its last entry; 0 is empty, or a journal that did not keep it
	Position uint64 // how far its history reaches (store.Status)
	Entries  uint64 // writes held
	Seeding  bool   // it is being copied, and lacks what it once reported as stored
	Unread   bool   // what it holds is unknown
}

// Newer reports whether a replica's last entry is newer than another's: the epoch first, then the
// position, since a longer log of an older epoch holds writes that a newer authority never had.
func (r Replica) Newer(than Replica) bool { return newer(r, than) > 0 }

func newer(a, b Replica) int {
	return cmp.Or(cmp.Compare(a.LastIn, b.LastIn), cmp.Compare(a.Position, b.Position))
}

// Question is what a successor is looked for in.
type Question struct {
	Dataset topology.Dataset
	// Links are the fleet's: of replicas that reach equally far the nearest to Lead is taken.
	Links []topology.Link
	Rule  Rule
	// Lead is who has every confirmed write: the last authority.
	Lead string
	// Behind are the regions whose replicas had been away and were still catching up.
	Behind []string
	// Heard is what each replica held when it last answered, those that are silent now too.
	Heard map[string]Replica
	// Breach leaves out a rule; tests set it, to see their simulation fail.
	Breach Breach
}

// Breach is the rules that a test leaves out.
type Breach struct{ MostAdvanced, Durability, WholeReplicas bool }

// whole leaves out the replicas that are being copied: they do not have yet what
// they once reported as stored.
func (q Question) whole(answers map[string]Replica) map[string]Replica {
	out := map[string]Replica{}
	for region, r := range answers {
		if !r.Seeding || q.Breach.WholeReplicas {
			out[region] = r
		}
	}
	return out
}

// MostAdvanced is the whole replica with the newest last entry; "" where there is none.
// Of equals it is the one nearest to the last authority, which copies the soonest and whose
// users are sent there, and of those as near the first in the fleet file.
func (q Question) MostAdvanced(answers map[string]Replica) string {
	answers = q.whole(answers)
	best := ""
	for _, region := range (topology.Fleet{Links: q.Links}).Nearest(q.Lead, q.Dataset.Regions) {
		r, answered := answers[region]
		if !answered {
			continue
		}
		n := newer(r, answers[best])
		if q.Breach.MostAdvanced {
			n = -n
		}
		if best == "" || n > 0 {
			best = region
		}
	}
	return best
}

// Planned is the region that an authority which serves is moved to, or that takes the place
// of sync's partner: that partner, else the most advanced. Such a move loses nothing. "" is none.
func (q Question) Planned(answers map[string]Replica) string {
	if r, answers := answers[q.Rule.With]; answers && !r.Seeding && q.Rule.Mode == topology.ModeSync {
		return q.Rule.With
	}
	return q.MostAdvanced(answers)
}

// Certain is the region to promote: one that is certain to have every write that
// the mode has to keep, as far as those that answered can tell. The
// reason says what is missing where there is none.
func (q Question) Certain(answers map[string]Replica) (to, reason string) {
	answers = q.whole(answers)
	mode := q.Rule.Mode
	if q.Breach.Durability {
		mode = topology.ModeAsync
	}
	switch mode {
	case topology.ModeSync:
		has := map[string]Replica{}
		certain := []string{q.Lead}
		if q.Rule.CaughtUp {
			certain = append(certain, q.Rule.With)
		}
		for _, region := range certain {
			if r, ok := answers[region]; ok {
				has[region] = r
			}
		}
		if len(has) == 0 {
			return "", fmt.Sprintf("sync: only %s is certain to have every confirmed write, and it does not answer", strings.Join(certain, " or "))
		}
		return q.MostAdvanced(has), ""
	case topology.ModeQuorum:
		// Any so many regions have one in common with every majority.
		n := len(q.Dataset.Regions)
		if need := n - q.Dataset.Majority() + 1; len(answers) < need {
			return "", fmt.Sprintf("quorum: %d of %d replicas answer, %d are needed to be certain of every confirmed write", len(answers), n, need)
		}
		return q.MostAdvanced(answers), ""
	}
	if len(answers) == 0 {
		return "", "no region that holds a replica answers"
	}
	if gap := q.mayLose(answers); gap != nil && !q.Breach.Durability {
		return "", gap.String()
	}
	return q.MostAdvanced(answers), ""
}

// Uncertain says why a region may lack writes that the mode has to
// keep; "" when it has them. Async keeps all but the tail that a current replica lacks.
func (q Question) Uncertain(to string, answers map[string]Replica) string {
	if q.Rule.Mode != topology.ModeSync && q.Rule.Mode != topology.ModeQuorum {
		if gap := q.LeftBehind(to, answers); gap != nil && !q.Breach.Durability {
			return gap.String()
		}
		return ""
	}
	best, reason := q.Certain(answers)
	if best == "" {
		return reason
	}
	if to != best && newer(answers[to], answers[best]) < 0 {
		return fmt.Sprintf("%s: %s has less than %s, which has every confirmed write", q.Rule.Mode, to, best)
	}
	return ""
}

// mayLose is the gap where only replicas answer which had been away and were still catching
// up, while others that may be far ahead are silent; nil where one is current, or all answer.
// Async loses the tail that was not copied yet, which is some milliseconds of writes; to
// promote what was left behind long ago would lose everything since. Patroni has
// maximum_lag_on_failover for that.
func (q Question) mayLose(answers map[string]Replica) *Gap {
	var late, silent []string
	for _, region := range q.Dataset.Regions {
		_, answered := answers[region]
		switch {
		case region == q.Lead && answered:
			return nil // it is back, and has all that it acknowledged
		case !answered:
			silent = append(silent, region)
		case !slices.Contains(q.Behind, region):
			return nil
		default:
			late = append(late, region)
		}
	}
	if len(silent) == 0 {
		return nil
	}
	return q.gap(late, silent, answers[q.MostAdvanced(answers)])
}

// LeftBehind is the gap of an operator's choice that was left behind, while others may have
// more or do; nil where it was current, leads already, or is known to have the most. What async
// guarantees nothing of is the tail that was not copied yet, not all since an outage.
func (q Question) LeftBehind(to string, answers map[string]Replica) *Gap {
	if to == q.Lead || !slices.Contains(q.Behind, to) {
		return nil
	}
	var more []string
	for _, region := range q.Dataset.Regions {
		r, answered := answers[region]
		if region != to && (!answered || !r.Seeding && r.Newer(answers[to])) {
			more = append(more, region)
		}
	}
	if len(more) == 0 {
		return nil
	}
	return q.gap([]string{to}, more, answers[to])
}
