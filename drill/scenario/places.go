package scenario

import (
	"cmp"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/place"
	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// places fills in what the table of places knows and the file leaves out: what the file says comes before it.
type places struct{ *fleetReader }

// text reads a place: a name of the table, which must be there, or free text for people.
func (r places) text(n *yaml.Node) string {
	text := r.Text(n, "the place", 40)
	if !place.Meant(text) {
		return text
	}
	if _, known := place.Find(text); !known {
		next := "; `fleetdrill show places` lists those that are known"
		if near := strict.Nearest(text, place.Names()); near != "" {
			next = "; did you mean " + near + "?"
		}
		r.Bad(n, "no round trips are known from %s%s", strict.Quote(n), next)
	}
	return text
}

// find is a place of the table; a name that is meant as one and is unknown has been refused, and stands for some place.
func (r places) find(text string) (p place.Place, known bool) {
	if p, known = place.Find(text); !known && place.Meant(text) {
		return place.All()[0], true
	}
	return p, known
}

// jurisdictionOf is the law at a place of the table; "" where that is not known.
func jurisdictionOf(at string) string {
	p, _ := place.Find(at)
	return p.Jurisdiction
}

// links adds the link of each pair of regions that the file leaves out and whose places are known.
func (r places) links() {
	for i, a := range r.fleet.Regions {
		for _, b := range r.fleet.Regions[i+1:] {
			pair := [2]string{a.Name, b.Name}
			from, knownA := r.find(a.Place)
			to, knownB := r.find(b.Place)
			if _, there := r.linkAt[sorted(pair)]; there || !knownA || !knownB {
				continue
			}
			r.linkAt[sorted(pair)] = r.regionAt[b.Name]
			r.fleet.Links = append(r.fleet.Links, topology.Link{Between: pair, RTT: place.RoundTrip(from, to)})
		}
	}
}

// fromUsers is a population's round trips to the regions whose places are known, as its own is.
func (r places) fromUsers(p topology.Population) map[string]time.Duration {
	users, known := r.find(p.Place)
	if !known {
		return nil
	}
	far := map[string]time.Duration{}
	for _, g := range r.fleet.Regions {
		if at, known := r.find(g.Place); known {
			far[g.Name] = place.FromUsers(users, at)
		}
	}
	return far
}

// distances is the round trips of a population whose file gives none.
func (r places) distances(n *yaml.Node, p topology.Population, far map[string]time.Duration) map[string]time.Duration {
	if len(far) == 0 {
		r.Bad(n, "\"rtt\" is missing in a population; add rtt: {%s: 12ms}, to every region", r.anyRegion())
		return nil
	}
	for _, g := range r.fleet.RegionNames() {
		if _, known := far[g]; !known {
			r.Bad(n, "no rtt to %s, whose place is not of the table; add rtt: {%s: 100ms}", g, g)
			continue
		}
		r.within(n, g, far[g], p.Timeout)
	}
	return far
}

// hub gives a hub its distances: those of the region that it is in, or by its place.
func (r places) hub(n *yaml.Node) {
	h := r.fleet.Hub
	if h == nil {
		return
	}
	if h.In != "" {
		h.RTT = r.fleet.RTTs(h.In)
	}
	at, known := r.find(h.Place)
	h.Jurisdiction = cmp.Or(h.Jurisdiction, at.Jurisdiction)
	for _, g := range r.fleet.Regions {
		_, said := h.RTT[g.Name]
		if to, is := r.find(g.Place); known && is && !said {
			if h.RTT == nil {
				h.RTT = map[string]time.Duration{}
			}
			h.RTT[g.Name] = place.RoundTrip(at, to)
		}
		if h.In != "" || !said { // what the file says has been checked in its line
			domains(r).probed(n, g.Name, h.RTT[g.Name])
		}
	}
}

// within refuses users who could not be answered by a region before they give up.
func (r places) within(n *yaml.Node, region string, rtt, timeout time.Duration) {
	if timeout > 0 && rtt >= timeout {
		r.Bad(n, "rtt %s to %s is not below the users' timeout of %s: no request there could succeed; raise timeout or lower rtt",
			strict.Written(rtt), region, strict.Written(timeout))
	}
}
