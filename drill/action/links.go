package action

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// What is done to links: which a command names, and how that is proved.

// pairs is the links that a command names, each by its two ends.
func pairs(f drill.Fleet, c drill.Command) [][2]string {
	a, b, _ := c.Endpoints()
	expand := func(end, other string) []string {
		if end != drill.EndOthers {
			return []string{end}
		}
		return append(slices.DeleteFunc(slices.Clone(f.RegionNames()), func(r string) bool { return r == other }), drill.EndControl)
	}
	var out [][2]string
	for _, x := range expand(a, b) {
		for _, y := range expand(b, a) {
			out = append(out, [2]string{x, y})
		}
	}
	return out
}

// directions is the directions of links that a command names, from the first end of each to the
// second: both of each link for Between, one for From and To.
func directions(f drill.Fleet, c drill.Command) [][2]string {
	_, _, oneWay := c.Endpoints()
	var out [][2]string
	for _, p := range pairs(f, c) {
		out = append(out, p)
		if !oneWay {
			out = append(out, [2]string{p[1], p[0]})
		}
	}
	return out
}

// crossable refuses links that nothing crosses as it is: what is done to them could not
// be proved.
func crossable(s *drill.State, c drill.Command) *Refusal {
	if r := alive(s, c); r != nil {
		return r
	}
	for _, p := range pairs(s.Fleet, c) {
		if f := cutBetween(s, p); f != nil {
			return refuse("heal it first", "nothing crosses the link %s: it is partitioned", pairName(p)).since(f.Command).by(drill.VerbHeal)
		}
	}
	return nil
}

// alive refuses links of a region that is broken.
func alive(s *drill.State, c drill.Command) *Refusal {
	for _, p := range pairs(s.Fleet, c) {
		for _, end := range p {
			if s.Region(end) == nil {
				continue // the controller's
			}
			if r := broken(s, end); r != nil {
				r.Why += ", nothing crosses its links"
				return r
			}
		}
	}
	return nil
}

// cutBetween is a partition that keeps two places apart; nil where none does.
func cutBetween(s *drill.State, p [2]string) *drill.Fault {
	for _, f := range s.Partitions() {
		if f.Heal("").Separates(p[0], p[1]) {
			return f
		}
	}
	return nil
}

func pairName(p [2]string) string { return p[0] + "–" + p[1] }

// holdName is the name of the hold that a fault of links has: the same for the command
// that makes it and the one that lifts it, whichever end is named first.
func holdName(kind drill.FaultKind, c drill.Command) string {
	a, b, oneWay := c.Endpoints()
	if oneWay {
		return fmt.Sprintf("%s from %s to %s", kind, a, b)
	}
	return fmt.Sprintf("%s between %s and %s", kind, min(a, b), max(a, b))
}

// linkFault is a fault on the links that a command names.
func linkFault(kind drill.FaultKind, c drill.Command) drill.FaultProved {
	a, b, oneWay := c.Endpoints()
	return drill.FaultProved{Fault: kind, Between: []string{a, b}, OneWay: oneWay, Shape: c.Shape}
}

// Limits of proofs over links.
const (
	// quiet is how long a silence has to outlast the longest that an answer takes: with what
	// the rest takes, a cut is proved within 300 ms beyond the link's own round trip.
	quiet = 250 * time.Millisecond
	// slowAnswer is how much longer than the link takes is waited for an answer before a fault.
	slowAnswer = 3 * time.Second
	// healLimit bounds the wait for a link whose fault was lifted: what was held on it is
	// delivered first.
	healLimit = 10 * time.Second
	// leastResend is what a lost segment costs at the least: Linux's retransmission timeout.
	leastResend = 200 * time.Millisecond
)

// answerTime is the longest that the answer to a request on an open connection is under way
// between two places: a round trip, what jitter adds, and one retransmission where there is loss.
func answerTime(r Rig, p [2]string) time.Duration {
	there, back := r.Network.Shape(p[0], p[1]), r.Network.Shape(p[1], p[0])
	rtt := r.Network.RTT(p[0], p[1])
	took := rtt + (there.Jitter+back.Jitter)/2
	if there.Loss > 0 || back.Loss > 0 {
		took += max(leastResend, 2*rtt)
	}
	return took
}

// eachLink does something for all links at once, and returns what came of each. The error is
// that of the first link, in their order, that has one.
func eachLink[T any](links [][2]string, do func(i int, p [2]string) (T, error)) ([]T, error) {
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

// line is one connection over a link that has answered, and how long its last answer took.
type line struct {
	ask    Ask
	hangUp func()
	took   time.Duration
}

// openLine makes a connection over a link and asks on it. It refuses where no answer comes:
// what is done to that link would prove nothing.
func openLine(ctx context.Context, r Rig, p [2]string) (*line, error) {
	l := &line{}
	l.ask, l.hangUp = r.Network.Line(p[0], p[1])
	within := 2*answerTime(r, p) + slowAnswer
	_, _, err := l.ask(ctx, 0, 0, within)
	if err == nil { // that had the handshake in it
		l.took, _, err = l.ask(ctx, 0, 0, within)
	}
	if err != nil {
		l.hangUp()
		return nil, refuse("restore or heal what is broken there first", "nothing crosses the link %s: %s; a fault would prove nothing", pairName(p), err)
	}
	return l, nil
}

// probeAfter asks over a link until an answer comes, and says how long that one took.
func probeAfter(ctx context.Context, r Rig, p [2]string) (time.Duration, error) {
	limit := r.Events.Now() + healLimit
	for {
		rtt, _, err := r.Network.Probe(ctx, p[0], p[1], 2*answerTime(r, p)+quiet)
		if err == nil || r.Events.Now() > limit || ctx.Err() != nil {
			return rtt, err
		}
		if r.Sleep(ctx, 10*time.Millisecond) != nil {
			return 0, err
		}
	}
}

// liftLinks ends a fault on links and proves it by an answer over each. One that another
// partition holds is proved to stay silent, each cut being lifted by itself.
func liftLinks(ctx context.Context, r Rig, kind drill.FaultKind, c drill.Command) (Proof, error) {
	var links [][2]string
	fault := 0
	r.Events.View(func(s *drill.State) {
		links = pairs(s.Fleet, c)
		links = slices.DeleteFunc(links, func(p [2]string) bool {
			return slices.ContainsFunc(p[:], func(end string) bool { return s.Region(end) != nil && broken(s, end) != nil })
		})
		if f := openFault(s, kind, c); f != nil {
			fault = f.ID
		}
	})
	r.Network.Lift(holdName(kind, c))
	proof, err := eachLink(links, func(_ int, p [2]string) (string, error) {
		if r.Network.Silent(p[0], p[1]) {
			return staysSilent(ctx, r, p)
		}
		rtt, err := probeAfter(ctx, r, p)
		if err != nil {
			return "", failed(string(c.Verb)+" it again", "nothing crosses the link %s yet: %w", pairName(p), err)
		}
		return fmt.Sprintf("%s answers in %s", pairName(p), ms(rtt)), nil
	})
	if err != nil {
		return Proof{}, err
	}
	text := strings.Join(proof, ", ")
	r.Events.Emit(drill.FaultLifted{ID: fault, Proof: text, Done: doneBy(c.Verb)})
	return Proof{text}, nil
}

// staysSilent proves that a link is silent still: by a request that gets no answer for longer
// than one takes.
func staysSilent(ctx context.Context, r Rig, p [2]string) (string, error) {
	within := 2*answerTime(r, p) + quiet
	_, silent, err := r.Network.Probe(ctx, p[0], p[1], within)
	switch {
	case ctx.Err() != nil:
		return "", ErrStopped
	case err == nil:
		return "", failed("look at the other partitions", "a request crosses the link %s, which another partition holds", pairName(p))
	case !silent:
		return "", failed("look at the other partitions", "a request over the link %s, which another partition holds, was answered with an error: %w", pairName(p), err)
	}
	return fmt.Sprintf("%s stays silent (%s)", pairName(p), ms(within)), nil
}

func ms(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
