package warning

import (
	"fmt"
	"math"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Scale says what the region can take then, beside what comes to it now.
func Scale(s *drill.State, c runbook.Command) []string {
	r := s.Region(c.Region)
	lines := []string{fmt.Sprintf("%s has %s then, instead of %d", c.Region, format.Plural(c.Replicas.N, "web replica", "web replicas"), r.Web)}
	switch load, each := measure.LoadOf(s, c.Region), measure.PerReplica(s, c.Region); {
	case c.Replicas.N == 0:
		lines = append(lines, "no user is served there then; its data stays, and goes on being copied")
	case each > 0:
		lines = append(lines, fmt.Sprintf("they take %s/s; its users send %s/s now", format.Count(int64(each*float64(c.Replicas.N))), format.Count(int64(math.Round(load)))))
	}
	return lines
}
