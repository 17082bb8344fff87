package succession

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Gap is what would be lost where replicas that were left behind took over.
type Gap struct {
	Lead string   // the authority that was lost
	Late []string // had not caught up by then
	More []string // have more, or are silent and may have
	// By is which of those is known to have the most more, and Writes how many that is, by the
	// last answers; "" and 0 where none is known to.
	By     string
	Writes uint64
}

// gap is that of some regions to others, best being the most advanced replica of the former.
func (q Question) gap(late, more []string, best Replica) *Gap {
	g := &Gap{Lead: q.Lead, Late: late, More: more}
	for _, region := range more {
		if n := q.Lacks(best, region); n > g.Writes {
			g.By, g.Writes = region, n
		}
	}
	return g
}

// Lacks is how many writes a region is known to hold more than a replica, by its last answer.
func (q Question) Lacks(r Replica, region string) uint64 {
	h := q.Heard[region]
	if r.Unread || h.Unread || h.Seeding || h.Entries <= r.Entries {
		return 0
	}
	return h.Entries - r.Entries
}

// String says what would be lost by whom.
func (g *Gap) String() string {
	lost := "an unknown number of confirmed writes would be lost"
	if g.Writes > 0 {
		lost = "at least " + format.Plural(g.Writes, "confirmed write", "confirmed writes") + " would be lost"
	}
	return fmt.Sprintf("%s had not caught up when %s was lost, and %s may have more: %s",
		strings.Join(g.Late, " and "), g.Lead, strings.Join(g.More, " or "), lost)
}
