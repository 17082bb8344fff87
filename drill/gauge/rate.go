package gauge

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
)

// How a bandwidth is measured.

// Payload is the bytes that are sent each way to show that a link takes so many bits a second: they take transferTime then.
func Payload(bandwidth int64) int {
	return int(min(max(float64(bandwidth)/8*transferTime.Seconds(), leastPayload), mostPayload))
}

func (g *gauge) payload() int { return Payload(g.ask.Bandwidth) }

// airtime is how long bytes take at a bandwidth.

func airtime(bytes int, bandwidth int64) time.Duration {
	if bandwidth <= 0 {
		return 0
	}
	return time.Duration(float64(bytes) * 8 / float64(bandwidth) * float64(time.Second))
}

// least is how long the payload takes one way beyond a round trip: the least of some tries
// while that is as long as it is expected to take once the link is narrow.
func (g *gauge) least(ctx context.Context, i int, way [2]string) (time.Duration, error) {
	best := time.Duration(-1)
	for range rounds {
		took, err := g.transfer(ctx, i, way)
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

// transfer sends the payload one way on a line of its own, and says how long it took beyond the
// link's round trip.
func (g *gauge) transfer(ctx context.Context, i int, way [2]string) (time.Duration, error) {
	send, take := 0, g.payload()
	if way == g.p {
		send, take = take, send
	}
	took, _, err := g.lines[i].ask(ctx, send, take, g.within(airtime(g.payload(), g.ask.Bandwidth)))
	if err != nil {
		return 0, notShown("no fault is counted", "%s could not be sent from %s to %s: %w", format.Bytes(float64(g.payload())), way[0], way[1], err)
	}
	return max(took-g.m.rtt(g.p), 0), nil
}

// rate measures how long the payload takes each way that was made narrow, both at once: at
// least what the bandwidth allows, and clearly longer than before.
func (g *gauge) rate(ctx context.Context) (string, error) {
	texts, err := Each(g.ways, func(i int, way [2]string) (string, error) { return g.rateOf(ctx, i, way) })
	return strings.Join(texts, ", "), err
}

func (g *gauge) rateOf(ctx context.Context, i int, way [2]string) (string, error) {
	size, expected, was := g.payload(), airtime(g.payload(), g.ask.Bandwidth), g.took[i]
	if was > expected*3/4 {
		return "", notShown("no fault is counted; ask for less, or try again on an idle machine",
			"%s from %s to %s took %s already, which hides a bandwidth of %s", format.Bytes(float64(size)), way[0], way[1], tenths(was), format.Bits(g.ask.Bandwidth))
	}
	var took time.Duration
	for range rounds {
		var err error
		if took, err = g.transfer(ctx, i, way); err != nil {
			return "", err
		}
		if took >= expected*4/5 && took-was >= (expected-was)/2 {
			return fmt.Sprintf("%s to %s in %s, before in %s", format.Bytes(float64(size)), way[1], tenths(took), tenths(was)), nil
		}
	}
	return "", notShown("no fault is counted", "%s from %s to %s took %s before and %s after, which is no bandwidth of %s",
		format.Bytes(float64(size)), way[0], way[1], tenths(was), tenths(took), format.Bits(g.ask.Bandwidth))
}
