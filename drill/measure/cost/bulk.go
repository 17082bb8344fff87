package cost

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// BulkBytes is a tebibyte: about what a company's database has, where a drill's has some kilobytes.
const BulkBytes = 1 << 40

// Bulk is what BulkBytes would cost to move from one region to another: a model, by the bandwidth of
// their link as it stands and by EgressPrice. Took is 0 where the link has no limit, USD nil where
// the place has no price.
type Bulk struct {
	From, To string
	Took     time.Duration
	USD      *float64
}

// BulkBetween is the bulk of a pair of regions.
func BulkBetween(s *drill.State, from, to string) Bulk {
	b := Bulk{From: from, To: to}
	if took, bandwidth := measure.Transfer(s, from, to, BulkBytes); bandwidth > 0 {
		b.Took = took
	}
	if price, priced := priceBetween(s, from, to); priced {
		usd := price * BulkBytes / PricedBytes
		b.USD = &usd
	}
	return b
}

// BulkOf is the slowest bulk of a dataset's authority to another of its regions; false where there is none.
func BulkOf(s *drill.State, d *drill.DatasetState) (slowest Bulk, found bool) {
	for _, region := range d.Spec.Regions {
		if _, linked := s.Fleet.LinkBetween(d.Authority, region); !linked || region == d.Authority {
			continue
		}
		if b := BulkBetween(s, d.Authority, region); !found || b.Took > slowest.Took {
			slowest, found = b, true
		}
	}
	return slowest, found
}

// Bulk is the slowest bulk over a border; false where no link crosses it.
func (b Border) Bulk(s *drill.State) (slowest Bulk, found bool) {
	inside := func(region, jurisdiction string) bool {
		return slices.ContainsFunc(s.Regions, func(r *drill.RegionState) bool {
			return r.Spec.Name == region && r.Spec.Jurisdiction == jurisdiction
		})
	}
	for _, l := range s.Fleet.Links {
		for _, way := range [][2]string{l.Between, {l.Between[1], l.Between[0]}} {
			if !inside(way[0], b.From) || !inside(way[1], b.To) {
				continue
			}
			if one := BulkBetween(s, way[0], way[1]); !found || one.Took > slowest.Took {
				slowest, found = one, true
			}
		}
	}
	return slowest, found
}
