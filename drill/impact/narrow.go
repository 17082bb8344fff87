package impact

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/impact/ground"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What waits at a narrow link: its answers come later, so that more of them are under way at once, more connections are opened, and
// handshakes cross the link too. Where it is nearly full that fills it.

// queues are those of a link over time, a slice after another: how long both of its narrow directions take together.
type queues struct {
	of      []ground.Queue // by direction, as ground.Path has them
	waits   []time.Duration
	usually float64 // how many times as much crosses it on average as was counted last
}

// wayAt is the path of two places, with what waits on it at a time of the fault.
func wayAt(e *exposure, a, b string, at time.Duration) ground.Path {
	p := e.ground.Between(a, b)
	switch lifted := slices.ContainsFunc(e.e.Reshapes, func(w topology.Way) bool { return w.Has(a, b) || w.Has(b, a) }); {
	case lifted && at >= e.Undone:
		return ground.Path{RTT: p.Was, Was: p.Was, Jitter: p.Jitter, Clean: 1, InOrder: 1}
	case len(p.Narrow) == 0 || at < 0:
		return p
	}
	waits := queuedAt(e, a, b, at)
	p.RTT, p.Jitter = p.RTT+waits, p.Jitter+waits
	return p
}

// queuedAt is how long a request and its answer wait on their link.
func queuedAt(e *exposure, a, b string, at time.Duration) time.Duration {
	narrow := e.ground.Between(a, b).Narrow
	pair := [2]string{min(a, b), max(a, b)}
	q := e.queues[pair]
	if q == nil {
		q = &queues{usually: usually(e, a, b)}
		for _, n := range narrow {
			q.of = append(q.of, ground.NewQueue(n.Takes, n.Shown))
		}
		if e.queues == nil {
			e.queues = map[[2]string]*queues{}
		}
		e.queues[pair] = q
	}
	for len(q.waits) <= int(at/slice) {
		now, waits := time.Duration(len(q.waits))*slice, time.Duration(0)
		for i, n := range narrow {
			rate := n.Rate*q.usually + shaking(e, n.From, n.To, now-slice, identity.CallerBytes) + shaking(e, n.To, n.From, now-slice, identity.AnswererBytes)
			waits += q.of[i].Step(rate, slice)
		}
		q.waits = append(q.waits, waits)
	}
	return q.waits[at/slice]
}

// shaking is the bytes a second of the handshakes of a region's connections to another one that are opened at a time.
func shaking(e *exposure, from, to string, at time.Duration, bytes float64) float64 {
	if at < 0 || !topology.Secured(e.s.Fleet) {
		return 0
	}
	opens(e, from, to, at)
	return e.lanes[[2]string{from, to}].Opened(at) * bytes
}

// usually is by how much more the requests over a link are on average than in the window in which its bytes were counted last: that of
// half a second has few, by chance more or less.
func usually(e *exposure, a, b string) float64 {
	counted, expected := 0.0, 0.0
	for _, p := range e.s.Populations {
		n := len(p.Recent)
		if n == 0 || p.Recent[n-1].Over <= 0 {
			continue
		}
		asked := float64(p.Recent[n-1].OK+p.Recent[n-1].Failed) / p.Recent[n-1].Over.Seconds()
		for _, way := range [][2]string{{a, b}, {b, a}} {
			for _, c := range called(e, p, way[0], -1) {
				if part := c.part * startsAt(e, p, way[0]); c.to == way[1] {
					counted, expected = counted+part*asked, expected+part*p.Spec.Rate
				}
			}
		}
	}
	if counted == 0 {
		return 1
	}
	return expected / counted
}
