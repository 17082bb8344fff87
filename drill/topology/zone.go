package topology

import (
	"slices"
	"strings"
	"time"
)

// MostZones is how many zones a region may have: no cloud region had more when this was written (AWS's us-east-1 has six).
const MostZones = 6

// PartNoticed is about how long a region's gateway takes to find out that a zone hangs, by its health checks: half an
// interval to the next, that one's time limit, the interval, and the second one's (drill/agent/zone). Of one that was
// killed it is told by the system at once.
const PartNoticed = 1375 * time.Millisecond

// ZoneNames is the names of the region's zones, like those of a cloud: us-east-a, us-east-b; nil for a region without any.
func (r Region) ZoneNames() []string {
	var names []string
	for i := range r.Zones {
		names = append(names, r.Name+"-"+string(rune('a'+i)))
	}
	return names
}

// ZoneOfStore is the name of the zone that the region's replicas of datasets are in; "" for a region without zones.
func (r Region) ZoneOfStore() string {
	names := r.ZoneNames()
	if i := slices.IndexFunc(names, func(n string) bool { return strings.HasSuffix(n, "-"+r.StoreZone) }); i >= 0 {
		return names[i]
	}
	if len(names) > 0 {
		return names[0]
	}
	return ""
}

// ZoneNames is the names of all zones of a fleet, in the file's order.
func ZoneNames(f Fleet) []string {
	var all []string
	for _, r := range f.Regions {
		all = append(all, r.ZoneNames()...)
	}
	return all
}

// RegionOfZone finds the region that a zone is in.
func RegionOfZone(f Fleet, zone string) (Region, bool) {
	if i := slices.IndexFunc(f.Regions, func(r Region) bool { return slices.Contains(r.ZoneNames(), zone) }); i >= 0 {
		return f.Regions[i], true
	}
	return Region{}, false
}

// IsZone reports whether a zone of the fleet has that name.
func IsZone(f Fleet, name string) bool { return slices.Contains(ZoneNames(f), name) }

// ShareOfZone is the part of a region's web replicas, from 0 to 1, that is in one of its zones: they are spread as evenly
// as they can be, beginning with the first zone.
func ShareOfZone(f Fleet, zone string) float64 {
	r, known := RegionOfZone(f, zone)
	if !known {
		return 0
	}
	replicas, in := max(1, f.Web.Replicas), 0
	for n := slices.Index(r.ZoneNames(), zone); n < replicas; n += r.Zones {
		in++
	}
	return float64(in) / float64(replicas)
}
