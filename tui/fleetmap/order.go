package fleetmap

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Order is what the regions of a table are sorted by.
type Order int

// The orders, as one key goes through them.
const (
	ByFile   Order = iota // as the fleet file has them
	ByShare               // who answers most first
	ByHealth              // who is worst first
	ByLag                 // who lacks most of the dataset in focus first
	ByName
	orders
)

// Next is the order after this one.
func (o Order) Next() Order { return (o + 1) % orders }

// String is the order in words.
func (o Order) String() string {
	return [orders]string{"file", "share", "health", "lag", "name"}[o%orders]
}

// Regions is the regions that a filter leaves, in an order. The filter is found in a region's name,
// place or law, in how it is, or in what it has of the dataset; in any case.
func Regions(s *drill.State, dataset string, o Order, filter string) []*drill.RegionState {
	d := show.Scene{State: s, Dataset: dataset}.Chosen()
	all := slices.Clone(s.Regions)
	if filter != "" {
		all = slices.DeleteFunc(all, func(r *drill.RegionState) bool {
			return !strings.Contains(strings.ToLower(described(s, d, r)), strings.ToLower(filter))
		})
	}
	slices.SortStableFunc(all, func(a, b *drill.RegionState) int {
		switch o {
		case ByShare:
			return cmp.Compare(b.Share, a.Share)
		case ByHealth:
			return cmp.Compare(trouble(b), trouble(a))
		case ByLag:
			return measure.CompareLag(d, a.Spec.Name, b.Spec.Name)
		case ByName:
			return cmp.Compare(a.Spec.Name, b.Spec.Name)
		}
		return 0
	})
	return all
}

func described(s *drill.State, d *drill.DatasetState, r *drill.RegionState) string {
	words := append([]string{r.Spec.Name, r.Spec.Place, r.Spec.Jurisdiction, string(r.Health)}, show.StandingOf(s, r, style.Glyphs{}).Words...)
	if d != nil {
		if _, leads := measure.Leads(d, r.Spec.Name); leads {
			words = append(words, "leader")
		} else if sample := d.Replicas[r.Spec.Name]; sample != nil {
			words = append(words, string(sample.Role))
		}
	}
	return strings.Join(words, " ")
}

// trouble is how far a region is from healthy.
func trouble(r *drill.RegionState) int {
	return slices.Index([]drill.Health{drill.HealthHealthy, drill.HealthUnknown, drill.HealthStarting, drill.HealthDegraded, drill.HealthNoWeb, drill.HealthCordoned, drill.HealthFrozen, drill.HealthDown}, r.Health)
}
