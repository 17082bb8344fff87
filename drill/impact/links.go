package impact

import (
	"math"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// after is the state with an effect held beside the faults that hold already: which places are
// apart then and in which shape the links are follows from both together, the newest last.
func after(s *drill.State, e drill.Effect) *drill.State {
	then := *s
	then.Faults = append(slices.Clip(s.Faults), &drill.Fault{FaultProved: drill.FaultProved{Effect: e}})
	return &then
}

// ground is the links of a state, asked once for each pair: a prediction asks of every
// slice of time.
type ground struct {
	apart map[[2]string]bool
	rtt   map[[2]string]time.Duration
	lossy map[[2]string]lossy
}

// lossy is what loss makes of a write that crosses the link of two regions: the share that
// meets none, and how much longer the others take.
type lossy struct {
	clean float64
	again time.Duration
}

const (
	// writeSegments is how many segments a write and its answer are taken for.
	writeSegments = 4
	// leastAgain is the least time after which a lost segment is sent again: Linux's
	// retransmission timeout (RFC 6298).
	leastAgain = 200 * time.Millisecond
)

func groundOf(s *drill.State) ground {
	g := ground{apart: map[[2]string]bool{}, rtt: map[[2]string]time.Duration{}, lossy: map[[2]string]lossy{}}
	places := append(s.Fleet.RegionNames(), drill.EndControl)
	for i, a := range places {
		for _, b := range places[i+1:] {
			apart, rtt, lost := s.Apart(a, b), measure.RoundTrip(s, a, b), lossOf(s, a, b)
			for _, pair := range [][2]string{{a, b}, {b, a}} {
				g.apart[pair], g.rtt[pair], g.lossy[pair] = apart, rtt, lost
			}
		}
	}
	return g
}

// lossOf is what loss makes of writes between two regions. A lost segment costs its
// retransmission timeout, for which twice the round trip is taken, and holds up whatever
// follows on the connection.
func lossOf(s *drill.State, a, b string) lossy {
	loss := max(measure.ShapeNow(s, a, b).Loss, measure.ShapeNow(s, b, a).Loss)
	if loss == 0 {
		return lossy{clean: 1}
	}
	again := max(leastAgain, 2*measure.RoundTrip(s, a, b))
	rate := 0.0
	for _, d := range s.Datasets {
		rate += writeRate(s, d, func(region string) bool {
			return region == a && d.Authority == b || region == b && d.Authority == a
		})
	}
	return lossy{clean: math.Pow(1-loss, writeSegments*(1+rate*again.Seconds())), again: again}
}

func (g ground) roundTrip(a, b string) time.Duration { return g.rtt[[2]string{a, b}] }

// crossing is the share of writes between two regions that meet no loss, and how much longer
// the others take.
func (g ground) crossing(a, b string) (clean float64, again time.Duration) {
	if a == b {
		return 1, 0
	}
	l := g.lossy[[2]string{a, b}]
	return l.clean, l.again
}
