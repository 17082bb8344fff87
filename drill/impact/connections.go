package impact

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/impact/pool"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// Users keep connections to the region that serves them, and regions to where the data is. Who finds none that is idle opens one.

// handshakes is how many round trips a new connection between regions takes before its first request: TCP's, and TLS 1.3's
// (RFC 8446, 2) where regions show certificates.
func handshakes(f topology.Fleet) time.Duration {
	if topology.Secured(f) {
		return 2
	}
	return 1
}

// mostKept is for how long connections are kept that nobody uses (wire.Short): those of longer ago are closed.
const mostKept = time.Minute

// rare is a share of requests that changes no percentage.
const rare = 1e-3

// laneOf is the connections of two places, which have gathered by what came until now.
func laneOf(e *exposure, from, to string, shakes float64, come func(at time.Duration) (float64, pool.Way)) *pool.Lane {
	if e.lanes == nil {
		e.lanes = map[[2]string]*pool.Lane{}
	}
	l := e.lanes[[2]string{from, to}]
	if l == nil {
		perSecond, before := come(-1)
		l = pool.NewLane(pool.New(shakes, perSecond, before, min(e.s.Now, mostKept)))
		e.lanes[[2]string{from, to}] = l
	}
	return l
}

// connects is the share of a population's requests to a region at a time that open a connection to it.
func connects(e *exposure, p *drill.PopulationState, region string, at time.Duration) float64 {
	come := func(at time.Duration) (float64, pool.Way) {
		took := p.Spec.RTT[region]
		for _, c := range called(e, p, region, at) {
			took += time.Duration(c.part * float64(roundTripAt(e, region, c.to, at)))
		}
		return flowing(e, p, region, at), pool.Way{Took: took, RoundTrip: p.Spec.RTT[region], Within: timeoutOf(p.Spec)}
	}
	return laneOf(e, p.Spec.Name, region, 1, come).Share(at, come)
}

// opens is the share of a region's requests to another one at a time that open a connection to it.
func opens(e *exposure, region, to string, at time.Duration) float64 {
	if region == to {
		return 0
	}
	come := func(at time.Duration) (perSecond float64, w pool.Way) {
		for _, p := range e.s.Populations {
			for _, c := range called(e, p, region, at) {
				if c.to == to {
					perSecond += c.part * flowing(e, p, region, at)
					w.Within = max(w.Within, topology.AnswerWithin(timeoutOf(p.Spec)-p.Spec.RTT[region]))
				}
			}
		}
		w.Took = roundTripAt(e, region, to, at)
		w.RoundTrip = w.Took
		return perSecond, w
	}
	return laneOf(e, region, to, float64(handshakes(e.s.Fleet)), come).Share(at, come)
}

// roundTripAt is the round trip of two regions at a time, which is before the fault where it is negative.
func roundTripAt(e *exposure, a, b string, at time.Duration) time.Duration {
	if at < 0 || at >= e.Undone {
		return e.ground.Between(a, b).Was
	}
	return wayAt(e, a, b, at).RTT
}

// call is the part of the requests to a region that it passes on to another one.
type call struct {
	to   string
	part float64
}

// called is where a region passes on what a population asks of it at a time: writes, and reads that the leader is to answer, to who
// leads; other reads to the nearest replica where it keeps none.
func called(e *exposure, p *drill.PopulationState, region string, at time.Duration) (all []call) {
	sets := e.s.Fleet.DatasetsOf(p.Spec)
	for _, name := range sets {
		d := e.s.Dataset(name)
		if d == nil {
			continue
		}
		part, leader := 1/float64(len(sets)), d.Authority
		if moved, moves := movedAt(e, name); moves && at >= moved {
			leader = e.outcomes[name].to
		}
		reader := leader
		if readers := d.Spec.Readers(d.Authority); p.Spec.Reads != topology.ReadsAuthority && d.Spec.Mode != topology.ModeBackup {
			reader = region
			if !slices.Contains(readers, region) {
				reader = nearestOf(e, region, readers, at)
			}
		}
		all = append(all, call{leader, part * p.Spec.Writes}, call{reader, part * (1 - p.Spec.Writes)})
	}
	return slices.DeleteFunc(all, func(c call) bool { return c.to == region || c.to == "" || c.part == 0 })
}

// nearestOf is the nearest of some replicas that answers at a time.
func nearestOf(e *exposure, region string, readers []string, at time.Duration) string {
	for _, r := range e.s.Fleet.Nearest(region, slices.Clone(readers)) {
		if !e.ground.Storeless[r] && !(at >= 0 && e.silent(r, at)) {
			return r
		}
	}
	return ""
}

// flowing is how many requests a second a population sends to a region at a time. Where data has moved, its users are taken to go back
// together once the fault is lifted and the router has noticed.
func flowing(e *exposure, p *drill.PopulationState, region string, at time.Duration) float64 {
	if at < 0 || at >= returned(e) && e.forGood {
		return p.Spec.Rate * startsAt(e, p, region)
	}
	if e.all == nil {
		e.all = e.classes()
	}
	for len(e.flows) <= int(at/slice) {
		now := map[[2]string]float64{}
		for _, k := range e.all {
			for _, to := range k.served(time.Duration(len(e.flows)) * slice) {
				now[[2]string{k.pop.Spec.Name, to.Region}] += k.pop.Spec.Rate * k.share * to.Part
			}
		}
		e.flows = append(e.flows, now)
	}
	return e.flows[at/slice][[2]string{p.Spec.Name, region}]
}

// startsAt is the share of a population's requests that went to a region before.
func startsAt(e *exposure, p *drill.PopulationState, region string) (part float64) {
	if e.all == nil {
		e.all = e.classes()
	}
	for _, k := range e.all {
		if k.pop == p {
			part += k.share * (policy.Answer{Shares: k.stays[0].to}).Part(region)
		}
	}
	return part
}

func timeoutOf(p topology.Population) time.Duration {
	return class{pop: &drill.PopulationState{Spec: p}}.timeout()
}

// movedAt is when another region takes a dataset's writes; false where none does.
func movedAt(e *exposure, dataset string) (time.Duration, bool) {
	switch x := e.outcomes[dataset]; {
	case x.to == "":
		return 0, false
	case x.planned:
		return e.handedOver(), true
	case x.moves || x.open:
		return e.takes(dataset), true
	}
	return 0, false
}
