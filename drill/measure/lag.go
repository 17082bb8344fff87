package measure

import (
	"cmp"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
)

// CompareLag orders regions by how much of a dataset they lack, the most first: those of whose replica
// nobody knows it now, then by the writes that they are behind, then the dataset's leaders, and last those
// that keep none of it.
func CompareLag(d *drill.DatasetState, a, b string) int {
	rankA, lagA := lagOf(d, a)
	rankB, lagB := lagOf(d, b)
	return cmp.Or(cmp.Compare(rankB, rankA), cmp.Compare(lagB, lagA))
}

func lagOf(d *drill.DatasetState, region string) (rank int, writes uint64) {
	if d == nil {
		return 0, 0
	}
	s := d.Replicas[region]
	_, leads := Leads(d, region)
	switch {
	case leads:
		return 1, 0
	case s == nil && !slices.Contains(d.Spec.Regions, region):
		return 0, 0
	case s == nil || s.Stale || s.LagWrites == nil:
		return 3, 0
	}
	return 2, *s.LagWrites
}
