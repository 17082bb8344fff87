package impact

import (
	"math"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// after is the state with an effect held beside the faults that hold already: which places are
// apart then and in which shape the links are follows from both together, the newest last.
func after(s *drill.State, e runbook.Effect) *drill.State {
	then := *s
	then.Faults = append(slices.Clip(s.Faults), &drill.Fault{FaultProved: drill.FaultProved{Effect: e}})
	return &then
}

// ground is the regions and links of a state, asked once for each: a prediction asks of every
// slice of time.
type ground struct {
	gone map[string]bool // regions that answered nobody before
	// storeless are those whose replicas answered nobody, webless those that had no web tier and else went on.
	storeless, webless map[string]bool
	apart              map[[2]string]bool
	paths              map[[2]string]path
}

// path is what a write meets that crosses the link of two places and comes back: how long that
// takes and took before, jitter more or less, the share of writes of which no segment is
// lost, of copies of which none is and none that goes before them, and how much longer the others take.
type path struct {
	rtt, was, jitter time.Duration
	clean, inOrder   float64
	again            time.Duration
	opens            float64 // the share that has no connection to where it goes
}

// fresh is the share of writes, so long after a link became slow, that cross it on a new
// connection and shake hands first. By Little's law as many more are on their way at once
// as a round trip takes longer; the connections of before are busy until then, and new
// ones serve once so many handshakes and an answer have crossed.
func (p path) fresh(at, handshakes time.Duration) float64 {
	if p.rtt <= p.was || at >= (handshakes+1)*p.rtt {
		return 0
	}
	return 1 - float64(p.was)/float64(p.rtt)
}

func groundOf(before, s *drill.State, lasts time.Duration) ground {
	g := ground{gone: map[string]bool{}, storeless: map[string]bool{}, webless: map[string]bool{}, apart: map[[2]string]bool{}, paths: map[[2]string]path{}}
	places := append(s.Fleet.RegionNames(), topology.EndControl)
	for i, a := range places {
		g.storeless[a] = attribution.Stopped(before, a)
		r := before.Region(a)
		g.gone[a] = g.storeless[a] && (r == nil || len(r.Parts) == 0)
		g.webless[a] = !g.gone[a] && r != nil && (r.WebAlone() || r.Web == 0)
		for _, b := range places[i+1:] {
			apart, p := s.Apart(a, b), pathOf(s, a, b, lasts)
			p.was = measure.RoundTrip(before, a, b)
			for _, pair := range [][2]string{{a, b}, {b, a}} {
				g.apart[pair], g.paths[pair] = apart, p
			}
		}
	}
	return g
}

// pathOf is the link of two places as it stands, for so long. A lost segment costs its
// retransmission timeout and holds up whatever follows on the connection.
func pathOf(s *drill.State, a, b string, lasts time.Duration) path {
	there, back := measure.ShapeNow(s, a, b), measure.ShapeNow(s, b, a)
	p := path{rtt: measure.RoundTrip(s, a, b), jitter: (there.Jitter + back.Jitter) / 2, clean: 1, inOrder: 1}
	for _, l := range s.Links {
		shape := there
		if l.From == b {
			shape = back
		}
		joins := l.From == a && l.To == b || l.From == b && l.To == a
		if joins && shape.Bandwidth > 0 {
			waits := queued(l.Rate-trailing(s, l.From, l.To), float64(shape.Bandwidth)/8, lasts)
			p.rtt, p.jitter = p.rtt+waits, p.jitter+waits
		}
	}
	if there.Loss == 0 && back.Loss == 0 {
		return p
	}
	p.again = topology.ResentAfter(p.rtt)
	// A request has a connection of its own while it is under way, and fits one segment, as its answer does. Copies go in
	// order over one stream, where each waits for what was lost before it.
	p.clean = (1 - there.Loss) * (1 - back.Loss)
	copied := 0.0
	for _, d := range s.Datasets {
		if other := map[string]string{a: b, b: a}[d.Authority]; slices.Contains(d.Spec.Regions, other) {
			copied += writeRate(s, d, func(string) bool { return true })
		}
	}
	p.inOrder = math.Pow(p.clean, 1+copied*p.again.Seconds())
	return p
}

// shipping is how long the last snapshot of a backup takes that is handed over: all that its leader stores crosses the link.
func shipping(s *drill.State, d *drill.DatasetState, to string) time.Duration {
	leads := d.Replicas[d.Authority]
	if d.Spec.Mode != topology.ModeBackup || leads == nil {
		return 0
	}
	took, _ := measure.Transfer(s, d.Authority, to, leads.Bytes)
	return took - measure.RoundTrip(s, d.Authority, to)
}

// message is about the bytes of a request or an answer: of the links between users and regions of the fleets that ship, a request
// took 240 and an answer 410.
const message = 400

// queued is how long a message waits on average on a narrow link, with its own time: so many bytes a second of so many that the
// link takes. Messages come by chance and differ in size, so that below the bandwidth a queue is an M/M/1 queue's
// (its load times a message's time, through what of the load is left). That takes time to build: until then, and at the bandwidth, it grows
// with the root of the time (a reflected Brownian motion, whose mean over a time T is two thirds of sqrt(2T/π)); above it,
// what is too much is added, on average half of what comes to that in the end.
func queued(rate, takes float64, lasts time.Duration) time.Duration {
	if rate <= 0 {
		return 0
	}
	each, load := message/takes, rate/takes
	waits := 2.0 / 3 * math.Sqrt(2*each*lasts.Seconds()/math.Pi)
	if load < 1 {
		waits = min(waits, load*each/(1-load))
	}
	return time.Duration((each + waits + max(0, load-1)*lasts.Seconds()/2) * float64(time.Second))
}

// trailing is the bytes a second from one region to another of copies that no write waits for: their stream takes what the others
// leave it, and falls behind where that is too little.
func trailing(s *drill.State, from, to string) (rate float64) {
	for _, d := range s.Datasets {
		waits := d.Spec.Mode == topology.ModeSync || d.Spec.Mode == topology.ModeQuorum
		if d.Authority != from || waits || !slices.Contains(d.Spec.Regions, to) {
			continue
		}
		if r := d.Replicas[to]; r != nil {
			rate += r.Rate
		}
	}
	return rate
}

// between is the path of two places; that of one to itself takes nothing.
func (g ground) between(a, b string) path {
	if p, is := g.paths[[2]string{a, b}]; is {
		return p
	}
	return path{clean: 1, inOrder: 1}
}

func (g ground) roundTrip(a, b string) time.Duration { return g.between(a, b).rtt }
