package gauge

import (
	"context"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// How a brownout is proved: each part of the shape is measured over each link, before and after.

const (
	// samples is how many round trips show a jitter: the middle half of so many uniform draws
	// is within a quarter of its width of the truth, two times in three with 0.06 to spare.
	samples = 16
	// fewSamples is how many show a round trip.
	fewSamples = 3
	// rounds is how often more samples are taken before a part counts as not measured.
	rounds = 3
	// transferTime is how long the payload that measures a bandwidth takes at it.
	transferTime = 250 * time.Millisecond
	// mostPayload and leastPayload bound that payload in bytes: what an agent answers at most,
	// and what a narrow link still carries in two seconds.
	mostPayload, leastPayload = 4 << 20, 256
	// askBytes is about what a question without payload takes each way: its headers.
	askBytes = 512
	// lossLines is how many connections are sent over at once until one has lost something, and
	// lossPayload what each sends: the initial window of TCP (RFC 6928), which nothing paces.
	lossLines, lossPayload = 8, 14600
	// lossTime bounds how long is waited for something to be lost: at a loss of 0.1 % it takes
	// some ten windows of eight connections.
	lossTime = 10 * time.Second
)

// Brownout is links before they are made slow, narrow or lossy.
type Brownout struct {
	links  [][2]string
	ask    topology.Shape
	gauges []*gauge
}

// Before measures links as they are, where ways of them are to have another shape. Close it.
func (m Meter) Before(ctx context.Context, links, ways [][2]string, ask topology.Shape) (*Brownout, error) {
	gauges, err := Each(links, func(_ int, p [2]string) (*gauge, error) { return newGauge(ctx, m, p, ways, ask) })
	b := &Brownout{links: links, ask: ask, gauges: gauges}
	if err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// Close ends its connections.
func (b *Brownout) Close() {
	for _, g := range b.gauges {
		if g != nil {
			g.close()
		}
	}
}

// Prove has the ways shaped and measures each part of the shape over each link. Parts that
// would hide one another are measured one after the other, each in a shape of its own; the
// whole shape is the last. The text says what was measured.
func (b *Brownout) Prove(ctx context.Context, reshape func(topology.Shape) error) (string, error) {
	proof := make([][]string, len(b.links))
	var now topology.Shape
	for _, stage := range stages(b.ask) {
		if err := reshape(stage.shape); err != nil {
			return "", err
		}
		now = stage.shape
		texts, err := Each(b.links, func(i int, _ [2]string) (string, error) { return stage.measure(b.gauges[i], ctx) })
		if err != nil {
			return "", err
		}
		for i, text := range texts {
			proof[i] = append(proof[i], text)
		}
	}
	if now != b.ask {
		if err := reshape(b.ask); err != nil {
			return "", err
		}
	}
	all := make([]string, len(b.links))
	for i, p := range b.links {
		all[i] = Name(p) + " " + strings.Join(proof[i], ", ")
	}
	return strings.Join(all, ", "), nil
}

// stage is a part of a shape that is measured by itself.
type stage struct {
	shape   topology.Shape
	measure func(*gauge, context.Context) (string, error)
}

// stages is what is measured of a shape, in order. A round trip is a part of each: jitter is
// measured without the queue that a narrow link makes, and a bandwidth without jitter and loss,
// which hold its payload up.
func stages(s topology.Shape) []stage {
	var out []stage
	if s.RTT > 0 || s.Jitter > 0 {
		out = append(out, stage{topology.Shape{RTT: s.RTT, Jitter: s.Jitter}, (*gauge).trip})
	}
	if s.Bandwidth > 0 {
		out = append(out, stage{topology.Shape{RTT: s.RTT, Bandwidth: s.Bandwidth}, (*gauge).rate})
	}
	if s.Loss > 0 {
		out = append(out, stage{s, (*gauge).loss})
	}
	return out
}

// gauge measures one link. What is named before is from before the link was shaped.
type gauge struct {
	m    Meter
	p    [2]string // requests go from the first to the second
	ways [][2]string
	ask  topology.Shape

	lines  []*line
	rtt    time.Duration // before
	jitter time.Duration // the same
	trips  []time.Duration
	took   []time.Duration // how long the payload took each of the ways
	resent map[[2]string]uint64
}

// newGauge opens lines over a link and measures it as it is.
func newGauge(ctx context.Context, m Meter, p [2]string, shaped [][2]string, ask topology.Shape) (*gauge, error) {
	g := &gauge{m: m, p: p, ask: ask, resent: map[[2]string]uint64{}}
	if p[1] == topology.EndControl { // nothing is asked there
		g.p = [2]string{p[1], p[0]}
	}
	for _, way := range shaped {
		if way == p || way == [2]string{p[1], p[0]} {
			g.ways = append(g.ways, way)
			g.resent[way] = m.Network.Resent(way[0], way[1])
		}
	}
	g.rtt = m.rtt(p)
	g.jitter = (m.Network.Shape(p[0], p[1]).Jitter + m.Network.Shape(p[1], p[0]).Jitter) / 2
	n := fewSamples
	if ask.Jitter > 0 {
		n = max(g.together(), 2) // a payload goes each way by itself
	}
	lines, err := Each(make([][2]string, n), func(int, [2]string) (*line, error) { return m.open(ctx, g.p) })
	g.lines = lines
	if err != nil {
		g.close()
		return nil, err
	}
	if err := g.calm(ctx); err != nil {
		g.close()
		return nil, err
	}
	if ask.Bandwidth == 0 {
		return g, nil
	}
	if g.took, err = Each(g.ways, func(i int, way [2]string) (time.Duration, error) { return g.least(ctx, i, way) }); err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

func (g *gauge) close() {
	for _, l := range g.lines {
		if l != nil {
			l.hangUp()
		}
	}
}

// within bounds one question.
func (g *gauge) within(payload time.Duration) time.Duration {
	return 2*g.m.answerTime(g.p) + 4*payload + slowAnswer
}

func tenths(d time.Duration) string { return format.Fine(d) }
