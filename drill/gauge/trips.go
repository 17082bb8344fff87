package gauge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// How a round trip and its jitter are measured.

// together is how many questions may be under way at once without a queue of theirs at a
// narrow link that looks like jitter.
func (g *gauge) together() int {
	for _, way := range [][2]string{g.p, {g.p[1], g.p[0]}} {
		if own := g.m.Network.Shape(way[0], way[1]).Bandwidth; own > 0 {
			each := time.Duration(float64(askBytes*8) / float64(own) * float64(time.Second))
			return int(min(max(g.ask.Jitter/8/max(each, 1), 1), samples))
		}
	}
	return samples
}

// sample adds round trips to those that there are, on all lines at once.
func (g *gauge) sample(ctx context.Context, have []time.Duration) ([]time.Duration, error) {
	want := len(have) + fewSamples
	if g.ask.Jitter > 0 {
		want = len(have) + samples
	}
	for len(have) < want {
		more, err := Each(make([][2]string, len(g.lines)), func(i int, _ [2]string) (time.Duration, error) {
			took, _, err := g.lines[i].ask(ctx, 0, 0, g.within(0))
			return took, err
		})
		if err != nil {
			return nil, notShown("no fault is counted", "nothing crosses the link %s any more: %w", Name(g.p), err)
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
		text += fmt.Sprintf(", the first in %s, the middle half within %s, before within %s", ms(slices.Min(after)), tenths(spread(after)), tenths(spread(g.trips)))
	}
	return text, nil
}

// longer says why round trips are no proof of a longer one; nil where they are. The quickest
// before and the first quarter after are what a busy machine changes least. Where it was so busy before
// that they tell too little apart, it counts that no answer comes sooner than the link lets it any more:
// a busy machine makes answers late, and it made one before that was quicker by half of what is added.
func (g *gauge) longer(after []time.Duration) error {
	more := g.m.rtt(g.p) - g.rtt
	if g.ask.RTT == 0 {
		return nil
	}
	least := g.m.rtt(g.p) - g.ask.Jitter/2
	held := slices.Min(after) >= least && slices.Min(g.trips) <= least-more/2
	if gain := quantile(after, 1) - slices.Min(g.trips); more <= 0 || !held && gain < more-max(more/10, g.ask.Jitter/2) {
		return notShown("no fault is counted", "an answer over the link %s took %s before and %s after, which is no round trip of %s",
			Name(g.p), ms(slices.Min(g.trips)), ms(quantile(after, 1)), ms(g.ask.RTT))
	}
	return nil
}

// differs says why round trips are no proof of jitter; nil where they are. Uniform draws of
// a width have a middle half of half that width; half of that must be seen. A busy machine
// makes answers late and never early, so where the round trip leaves room for it, one has to
// come earlier than the link without the new jitter could bring it.
func (g *gauge) differs(after []time.Duration) error {
	was, is := spread(g.trips), spread(after)
	switch more := g.ask.Jitter - g.jitter; {
	case g.ask.Jitter == 0:
		return nil
	case was > g.ask.Jitter/2:
		return notShown("no fault is counted; ask for more jitter, or try again on an idle machine",
			"the middle half of the answers over the link %s lies within %s already, which hides a jitter of %s", Name(g.p), tenths(was), ms(g.ask.Jitter))
	case is-was < more/4:
		return notShown("no fault is counted", "the middle half of the answers over the link %s lay within %s before and within %s after, which is no jitter of %s",
			Name(g.p), tenths(was), tenths(is), ms(g.ask.Jitter))
	default:
		rtt := g.m.rtt(g.p)
		if first := slices.Min(after); rtt > g.ask.Jitter/2 && first > rtt-g.jitter-more/8 {
			return notShown("no fault is counted", "no answer over the link %s came before %s, which is no jitter of %s about a round trip of %s",
				Name(g.p), ms(first), ms(g.ask.Jitter), ms(rtt))
		}
	}
	return nil
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
