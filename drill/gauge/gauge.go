// Package gauge measures what is done to links: that one has fallen silent or answers again, and
// that it is as slow, narrow and lossy as was asked for. Where it is not, or this machine
// hides it, nothing is shown, and the error says why.
package gauge

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Network is the links of a fleet, each by the two places that it joins.
type Network interface {
	// Line is one connection over the link, which its first question opens. ask sends so many
	// bytes and returns once so many have come back, and says how long that took; silent says
	// that nothing came back at all. A line that broke is not opened again. hangUp ends it.
	Line(a, b string) (ask Ask, hangUp func())
	// Probe sends one request on a connection of its own.
	Probe(ctx context.Context, a, b string, within time.Duration) (rtt time.Duration, silent bool, err error)
	// Shape is how what goes from one place to another is shaped now.
	Shape(from, to string) topology.Shape
	// Resent is the segments from one place to another that loss has cost.
	Resent(from, to string) uint64
}

// Ask is a question over a Line.
type Ask = func(ctx context.Context, send, take int, within time.Duration) (took time.Duration, silent bool, err error)

// Meter is what links are measured with.
type Meter struct {
	Network Network
	Now     func() time.Duration
	Sleep   func(context.Context, time.Duration) error
}

// NotShown says that a measurement does not show what it should, and what to do next; Before
// that it was made before anything was changed.
type NotShown struct {
	Err    error
	Next   string
	Before bool
}

// Error is what was measured.
func (e *NotShown) Error() string { return e.Err.Error() }

// Unwrap returns what was measured.
func (e *NotShown) Unwrap() error { return e.Err }

func notShown(next, format string, args ...any) error {
	return &NotShown{Err: fmt.Errorf(format, args...), Next: next}
}

// Name is a link by its ends: "us-east–eu-west".
func Name(p [2]string) string { return p[0] + "–" + p[1] }

// rtt is the round trip between two places as it is shaped now.
func (m Meter) rtt(p [2]string) time.Duration {
	return (m.Network.Shape(p[0], p[1]).RTT + m.Network.Shape(p[1], p[0]).RTT) / 2
}

// answerTime is the longest that the answer to a request on an open connection is under way
// between two places: a round trip, what jitter adds, and one retransmission where there is loss.
func (m Meter) answerTime(p [2]string) time.Duration {
	there, back, rtt := m.Network.Shape(p[0], p[1]), m.Network.Shape(p[1], p[0]), m.rtt(p)
	took := rtt + (there.Jitter+back.Jitter)/2
	if there.Loss > 0 || back.Loss > 0 {
		took += topology.ResentAfter(rtt)
	}
	return took
}

// Each does something for all links at once, and returns what came of each. The error is
// that of the first link, in their order, that has one.
func Each[T any](links [][2]string, do func(i int, p [2]string) (T, error)) ([]T, error) {
	out, errs := make([]T, len(links)), make([]error, len(links))
	var all sync.WaitGroup
	for i, p := range links {
		all.Go(func() { out[i], errs[i] = do(i, p) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func ms(d time.Duration) string { return format.Span(d) }
