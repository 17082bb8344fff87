package server

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// SyncNames is what synchronous_standby_names has to be for all durabilities to hold at
// once. Where two of them can't be written as one line, it asks for more than both.
func SyncNames(durabilities []topology.Durability, own string, regions []string) string {
	var others []string
	for _, region := range regions {
		if region != own {
			others = append(others, region)
		}
	}
	var with []string
	votes := 0
	for _, p := range durabilities {
		switch {
		case p.Mode == topology.ModeSync && !slices.Contains(with, p.With):
			with = append(with, p.With)
		case p.Mode == topology.ModeQuorum:
			votes = len(regions) / 2 // beside its own
		}
	}
	switch {
	case len(with) == 0 && votes == 0:
		return Nobody
	case len(with) == 0:
		return list("ANY", votes, others)
	case votes <= len(with):
		return list("ANY", len(with), with)
	default:
		return list("ANY", len(others), others)
	}
}

func list(how string, n int, names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = `"` + name + `"`
	}
	return fmt.Sprintf("%s %d (%s)", how, n, strings.Join(quoted, ", "))
}
