// Package ground is what a prediction stands on: the regions and the links between them, as a state has them, asked once for each.
package ground

import (
	"math"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/gauge"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Ground is the regions and links of a state, asked once for each: a prediction asks of every
// slice of time.
type Ground struct {
	Gone map[string]bool // regions that answered nobody before
	// Storeless are those whose replicas answered nobody, Webless those that had no web tier and else went on.
	Storeless, Webless map[string]bool
	Apart              map[[2]string]bool
	paths              map[[2]string]Path
}

// Path is what a write meets that crosses the link of two places and comes back: how long that
// takes and took before, jitter more or less, the share of writes of which no segment is
// lost, of copies of which none is and none that goes before them, and how much longer the others take.
type Path struct {
	RTT, Was, Jitter time.Duration
	Clean, InOrder   float64
	Again            time.Duration
	Narrow           []Narrow // its directions that are, which make it longer the longer they are
}

// Here is the path of a place to itself, which takes nothing.
var Here = Path{Clean: 1, InOrder: 1}

// Of is the ground of a state, of which one was before.
func Of(before, s *drill.State) Ground {
	g := Ground{Gone: map[string]bool{}, Storeless: map[string]bool{}, Webless: map[string]bool{}, Apart: map[[2]string]bool{}, paths: map[[2]string]Path{}}
	places := append(s.Fleet.RegionNames(), topology.EndControl)
	for i, a := range places {
		g.Storeless[a] = attribution.Stopped(before, a)
		r := before.Region(a)
		g.Gone[a] = g.Storeless[a] && (r == nil || len(r.Parts) == 0)
		g.Webless[a] = !g.Gone[a] && r != nil && (r.WebAlone() || r.Web == 0)
		for _, b := range places[i+1:] {
			apart, p := s.Apart(a, b), pathOf(s, a, b)
			p.Was = measure.RoundTrip(before, a, b)
			for _, pair := range [][2]string{{a, b}, {b, a}} {
				g.Apart[pair], g.paths[pair] = apart, p
			}
		}
	}
	return g
}

// pathOf is the link of two places as it stands. A lost segment costs its
// retransmission timeout and holds up whatever follows on the connection.
func pathOf(s *drill.State, a, b string) Path {
	there, back := measure.ShapeNow(s, a, b), measure.ShapeNow(s, b, a)
	p := Path{RTT: measure.RoundTrip(s, a, b), Jitter: (there.Jitter + back.Jitter) / 2, Clean: 1, InOrder: 1}
	for _, l := range s.Links {
		shape := there
		if l.From == b {
			shape = back
		}
		joins := l.From == a && l.To == b || l.From == b && l.To == a
		if joins && shape.Bandwidth > 0 {
			p.Narrow = append(p.Narrow, Narrow{From: l.From, To: l.To, Rate: l.Rate - trailing(s, l.From, l.To), Takes: float64(shape.Bandwidth) / 8, Shown: float64(gauge.Payload(shape.Bandwidth))})
		}
	}
	if there.Loss == 0 && back.Loss == 0 {
		return p
	}
	p.Again = topology.ResentAfter(p.RTT)
	// A request has a connection of its own while it is under way, and fits one segment, as its answer does. Copies go in
	// order over one stream, where each waits for what was lost before it.
	p.Clean = (1 - there.Loss) * (1 - back.Loss)
	copied := 0.0
	for _, d := range s.Datasets {
		if other := map[string]string{a: b, b: a}[d.Authority]; slices.Contains(d.Spec.Regions, other) {
			copied += WriteRate(s, d, func(string) bool { return true })
		}
	}
	p.InOrder = math.Pow(p.Clean, 1+copied*p.Again.Seconds())
	return p
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

// Between is the path of two places; that of one to itself takes nothing.
func (g Ground) Between(a, b string) Path {
	if p, is := g.paths[[2]string{a, b}]; is {
		return p
	}
	return Here
}

// RoundTrip is what the way of two places and back takes.
func (g Ground) RoundTrip(a, b string) time.Duration { return g.Between(a, b).RTT }

// Over is the share of what takes so long, jitter more or less, that takes longer than a limit:
// each draw is as likely as another.
func Over(took, jitter, limit time.Duration) float64 {
	if jitter == 0 {
		if took > limit {
			return 1
		}
		return 0
	}
	return min(1, max(0, float64(took+jitter-limit)/float64(2*jitter)))
}

// WriteRate is the writes per second that users send to a dataset by way of some regions.
func WriteRate(s *drill.State, d *drill.DatasetState, by func(region string) bool) float64 {
	rate := 0.0
	for _, p := range s.Populations {
		all := s.Fleet.DatasetsOf(p.Spec)
		if !slices.Contains(all, d.Name) {
			continue
		}
		for _, region := range s.Fleet.RegionNames() {
			if by(region) {
				rate += measure.ShareServedBy(p, region) * p.Spec.Rate * p.Spec.Writes / float64(len(all))
			}
		}
	}
	return rate
}
