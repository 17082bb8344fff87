package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
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

// stage is a part of a shape that is measured by itself.
type stage struct {
	shape   drill.Shape
	measure func(*gauge, context.Context) (string, error)
}

// stages is what is measured of a shape, in order. A round trip is a part of each: jitter is
// measured without the queue that a narrow link makes, and a bandwidth without jitter and loss,
// which hold its payload up.
func stages(s drill.Shape) []stage {
	var out []stage
	if s.RTT > 0 || s.Jitter > 0 {
		out = append(out, stage{drill.Shape{RTT: s.RTT, Jitter: s.Jitter}, (*gauge).trip})
	}
	if s.Bandwidth > 0 {
		out = append(out, stage{drill.Shape{RTT: s.RTT, Bandwidth: s.Bandwidth}, (*gauge).rate})
	}
	if s.Loss > 0 {
		out = append(out, stage{s, (*gauge).loss})
	}
	return out
}

// gauge measures one link. What is named before is from before the link was shaped.
type gauge struct {
	r    Rig
	p    [2]string // requests go from the first to the second
	ways [][2]string
	ask  drill.Shape

	lines  []*line
	rtt    time.Duration // before
	jitter time.Duration // the same
	trips  []time.Duration
	took   map[[2]string]time.Duration // how long the payload took each way
	resent map[[2]string]uint64
}

// newGauge opens lines over a link and measures it as it is.
func newGauge(ctx context.Context, r Rig, p [2]string, shaped [][2]string, ask drill.Shape) (*gauge, error) {
	g := &gauge{r: r, p: p, ask: ask, took: map[[2]string]time.Duration{}, resent: map[[2]string]uint64{}}
	if p[1] == drill.EndControl { // nothing is asked there
		g.p = [2]string{p[1], p[0]}
	}
	for _, way := range shaped {
		if way == p || way == [2]string{p[1], p[0]} {
			g.ways = append(g.ways, way)
			g.resent[way] = r.Network.Resent(way[0], way[1])
		}
	}
	g.rtt = r.Network.RTT(p[0], p[1])
	g.jitter = (r.Network.Shape(p[0], p[1]).Jitter + r.Network.Shape(p[1], p[0]).Jitter) / 2
	n := fewSamples
	if ask.Jitter > 0 {
		n = g.together()
	}
	lines, err := eachLink(make([][2]string, n), func(int, [2]string) (*line, error) { return openLine(ctx, r, g.p) })
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
	for _, way := range g.ways {
		if g.took[way], err = g.least(ctx, way); err != nil {
			g.close()
			return nil, err
		}
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

// together is how many questions may be under way at once without a queue of theirs at a
// narrow link that looks like jitter.
func (g *gauge) together() int {
	for _, way := range [][2]string{g.p, {g.p[1], g.p[0]}} {
		if own := g.r.Network.Shape(way[0], way[1]).Bandwidth; own > 0 {
			each := time.Duration(float64(askBytes*8) / float64(own) * float64(time.Second))
			return int(min(max(g.ask.Jitter/8/max(each, 1), 1), samples))
		}
	}
	return samples
}

// within bounds one question.
func (g *gauge) within(payload time.Duration) time.Duration {
	return 2*answerTime(g.r, g.p) + 4*payload + slowAnswer
}

// sample adds round trips to those that there are, on all lines at once.
func (g *gauge) sample(ctx context.Context, have []time.Duration) ([]time.Duration, error) {
	want := len(have) + fewSamples
	if g.ask.Jitter > 0 {
		want = len(have) + samples
	}
	for len(have) < want {
		more, err := eachLink(make([][2]string, len(g.lines)), func(i int, _ [2]string) (time.Duration, error) {
			took, _, err := g.lines[i].ask(ctx, 0, 0, g.within(0))
			return took, err
		})
		if err != nil {
			return nil, failed("no fault is counted", "nothing crosses the link %s any more: %w", pairName(g.p), err)
		}
		have = append(have, more...)
	}
	return have, nil
}

// calm measures round trips before, anew where a busy machine made them longer or more different
// than what is asked for could be told from, and keeps the calmest.
func (g *gauge) calm(ctx context.Context) error {
	for range rounds {
		trips, err := g.sample(ctx, nil)
		if err != nil {
			return err
		}
		if g.trips == nil || slices.Min(trips) < slices.Min(g.trips) || g.ask.Jitter > 0 && spread(trips) < spread(g.trips) {
			g.trips = trips
		}
		long := g.ask.RTT > 0 && slices.Min(g.trips)-g.rtt > (g.ask.RTT-g.rtt)/4
		if apart := g.ask.Jitter > 0 && spread(g.trips) > g.ask.Jitter/8; !long && !apart {
			break
		}
	}
	return nil
}

// trip measures the round trip and how much it differs.
func (g *gauge) trip(ctx context.Context) (string, error) {
	var after []time.Duration
	var missing error
	for range rounds {
		var err error
		if after, err = g.sample(ctx, after); err != nil {
			return "", err
		}
		if missing = errors.Join(g.longer(after), g.differs(after)); missing == nil {
			break
		}
	}
	if missing != nil {
		return "", missing
	}
	text := fmt.Sprintf("answers in %s, before in %s", ms(median(after)), ms(slices.Min(g.trips)))
	if g.ask.Jitter > 0 {
		text += fmt.Sprintf(", the middle half within %s, before within %s", tenths(spread(after)), tenths(spread(g.trips)))
	}
	return text, nil
}

// longer says why round trips are no proof of a longer one; nil where they are. The quickest
// before and the first quarter after are what a busy machine changes least.
func (g *gauge) longer(after []time.Duration) error {
	more := g.r.Network.RTT(g.p[0], g.p[1]) - g.rtt
	if g.ask.RTT == 0 {
		return nil
	}
	if gain := quantile(after, 1) - slices.Min(g.trips); more <= 0 || gain < more-max(more/10, g.ask.Jitter/2) {
		return failed("no fault is counted", "an answer over the link %s took %s before and %s after, which is no round trip of %s",
			pairName(g.p), ms(slices.Min(g.trips)), ms(quantile(after, 1)), g.ask.RTT)
	}
	return nil
}

// differs says why round trips are no proof of jitter; nil where they are. Uniform draws of
// a width have a middle half of half that width; a fifth of it must be seen.
func (g *gauge) differs(after []time.Duration) error {
	was, is := spread(g.trips), spread(after)
	switch more := g.ask.Jitter - g.jitter; {
	case g.ask.Jitter == 0:
		return nil
	case was > g.ask.Jitter/2:
		return failed("no fault is counted; ask for more jitter, or try again on an idle machine",
			"the middle half of the answers over the link %s lies within %s already, which hides a jitter of %s", pairName(g.p), tenths(was), g.ask.Jitter)
	case is-was < more/5:
		return failed("no fault is counted", "the middle half of the answers over the link %s lay within %s before and within %s after, which is no jitter of %s",
			pairName(g.p), tenths(was), tenths(is), g.ask.Jitter)
	}
	return nil
}

// payload is the bytes that take transferTime at the bandwidth that is asked for, and how
// long they take at one.
func (g *gauge) payload() int {
	return int(min(max(float64(g.ask.Bandwidth)/8*transferTime.Seconds(), leastPayload), mostPayload))
}

func airtime(bytes int, bandwidth int64) time.Duration {
	if bandwidth <= 0 {
		return 0
	}
	return time.Duration(float64(bytes) * 8 / float64(bandwidth) * float64(time.Second))
}

// least is how long the payload takes one way beyond a round trip: the least of some tries
// while that is as long as it is expected to take once the link is narrow.
func (g *gauge) least(ctx context.Context, way [2]string) (time.Duration, error) {
	best := time.Duration(-1)
	for range rounds {
		took, err := g.transfer(ctx, way)
		if err != nil {
			return 0, err
		}
		if best < 0 || took < best {
			best = took
		}
		if best < airtime(g.payload(), g.ask.Bandwidth)/2 {
			break
		}
	}
	return best, nil
}

// transfer sends the payload one way, and says how long it took beyond a round trip.
func (g *gauge) transfer(ctx context.Context, way [2]string) (time.Duration, error) {
	expected := airtime(g.payload(), g.ask.Bandwidth)
	l := g.lines[0]
	bare, _, err := l.ask(ctx, 0, 0, g.within(expected))
	if err == nil {
		send, take := 0, g.payload()
		if way == g.p {
			send, take = take, send
		}
		l.took, _, err = l.ask(ctx, send, take, g.within(expected))
	}
	if err != nil {
		return 0, failed("no fault is counted", "%s could not be sent from %s to %s: %w", format.Bytes(float64(g.payload())), way[0], way[1], err)
	}
	return max(l.took-bare, 0), nil
}

// rate measures how long the payload takes each way that was made narrow: at least what the
// bandwidth allows, and clearly longer than before.
func (g *gauge) rate(ctx context.Context) (string, error) {
	text := ""
	size, expected := g.payload(), airtime(g.payload(), g.ask.Bandwidth)
	for _, way := range g.ways {
		was := g.took[way]
		if was > expected*3/4 {
			return "", failed("no fault is counted; ask for less, or try again on an idle machine",
				"%s from %s to %s took %s already, which hides a bandwidth of %s", format.Bytes(float64(size)), way[0], way[1], tenths(was), format.Bits(g.ask.Bandwidth))
		}
		var took time.Duration
		var err error
		for range rounds {
			if took, err = g.transfer(ctx, way); err != nil {
				return "", err
			}
			if took >= expected*4/5 && took-was >= (expected-was)/2 {
				break
			}
		}
		if took < expected*4/5 || took-was < (expected-was)/2 {
			return "", failed("no fault is counted", "%s from %s to %s took %s before and %s after, which is no bandwidth of %s",
				format.Bytes(float64(size)), way[0], way[1], tenths(was), tenths(took), format.Bits(g.ask.Bandwidth))
		}
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%s to %s in %s, before in %s", format.Bytes(float64(size)), way[1], tenths(took), tenths(was))
	}
	return text, nil
}

// lost reports whether something was sent again each way that loses.
func (g *gauge) lost() bool {
	return !slices.ContainsFunc(g.ways, func(w [2]string) bool { return g.r.Network.Resent(w[0], w[1]) == g.resent[w] })
}

// loss sends over several connections until segments were sent again each way.
func (g *gauge) loss(ctx context.Context) (string, error) {
	limit := g.r.Events.Now() + lossTime
	for !g.lost() {
		if g.r.Events.Now() > limit {
			return "", failed("no fault is counted; ask for more loss", "nothing had to be sent again over the link %s within %s", pairName(g.p), lossTime)
		}
		if err := g.send(ctx); err != nil {
			return "", err
		}
	}
	var was, is uint64
	for _, w := range g.ways {
		was += g.resent[w]
		is += g.r.Network.Resent(w[0], w[1])
	}
	return fmt.Sprintf("%d segments sent again, before %d", is, was), nil
}

// send has a window sent both ways on each of several new connections, until that is done or
// something was lost each way. What is lost on the way is no error here: it is looked for.
func (g *gauge) send(ctx context.Context) error {
	size := lossPayload
	if g.ask.Bandwidth > 0 { // no more than the link carries in a tenth of a second
		size = min(size, max(int(g.ask.Bandwidth/8/10/lossLines), leastPayload))
	}
	brief, end := context.WithTimeout(ctx, g.within(0))
	defer end()
	var all sync.WaitGroup
	over := make(chan struct{})
	for range lossLines {
		all.Go(func() {
			ask, hangUp := g.r.Network.Line(g.p[0], g.p[1])
			defer hangUp()
			_, _, _ = ask(brief, size, size, g.within(0))
		})
	}
	go func() { all.Wait(); close(over) }()
	for {
		select {
		case <-over:
			return nil
		default:
		}
		if g.lost() {
			end()
		}
		if err := g.r.Sleep(ctx, 5*time.Millisecond); err != nil {
			end()
			<-over
			return ErrStopped
		}
	}
}

// median is the middle of some times.
func median(all []time.Duration) time.Duration { return quantile(all, 2) }

// spread is how far apart the quarters of some times are: the width of their middle half, which
// one late answer does not change.
func spread(all []time.Duration) time.Duration { return quantile(all, 3) - quantile(all, 1) }

// quantile is a quarter of some times: the first, the middle or the third one.
func quantile(all []time.Duration, quarter int) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[(len(sorted)-1)*quarter/4]
}

func tenths(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
