package discovery

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// reply is what a region said when it was asked whether it takes a dataset's writes.
type reply int

const (
	silent reply = iota // it did not answer in time
	no
	yes
)

// endpoints are the regions that one dataset's writes are sent to, by what the regions themselves say: the rule of a
// mirrored Service, or that of endpoints that are health-checked across clusters. It knows no clock and asks nobody.
type endpoints struct {
	kind      string
	downAfter int // silent replies in a row after which DiscoveryFleet takes an endpoint out

	regions []string
	bases   map[string]string // base URLs that an EndpointSlice gave, by region
	own     string            // this region, of which the slices say nothing
	missed  map[string]int
	next    int
}

func newEndpoints(own, kind string, downAfter int) *endpoints {
	return &endpoints{own: own, kind: kind, downAfter: max(downAfter, 1), missed: map[string]int{}}
}

// heard takes a region's reply in. A region that leads is an endpoint, one that says that it does not is none. The kinds
// differ in what silence means: nothing for a mirror, which has no other word of its source, and the end where health counts.
func (e *endpoints) heard(region string, r reply) {
	at := slices.Index(e.regions, region)
	if r != silent {
		delete(e.missed, region)
	}
	switch {
	case r == yes && at < 0:
		e.regions = append(e.regions, region)
		slices.Sort(e.regions)
	case r == no && at >= 0:
		e.regions = slices.Delete(e.regions, at, at+1)
	case r == silent && at >= 0 && e.kind == topology.DiscoveryFleet:
		if e.missed[region]++; e.missed[region] >= e.downAfter {
			e.regions = slices.Delete(e.regions, at, at+1)
			delete(e.missed, region)
		}
	}
}

// others takes the endpoints of the other regions, all of them, as the cluster's EndpointSlices have them.
func (e *endpoints) others(ready []Endpoint) {
	e.regions = slices.DeleteFunc(e.regions, func(region string) bool { return region != e.own })
	e.bases = map[string]string{}
	for _, r := range ready {
		if r.Region != e.own && !slices.Contains(e.regions, r.Region) {
			e.regions = append(e.regions, r.Region)
			e.bases[r.Region] = r.Base
		}
	}
	slices.Sort(e.regions)
}

// pick is the next endpoint in turn, as a Service spreads connections over its endpoints; false where there is none.
func (e *endpoints) pick() (Endpoint, bool) {
	if len(e.regions) == 0 {
		return Endpoint{}, false
	}
	e.next++
	region := e.regions[e.next%len(e.regions)]
	return Endpoint{Region: region, Base: e.bases[region]}, true
}
