package gauge

import (
	"context"
	"fmt"
	"strings"
	"time"
)

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
)

// Cut is links before they are made silent.
type Cut struct {
	m     Meter
	links [][2]string
	lines []*line // nil for a link that is silent already
}

// Listen opens a connection over each link that is not silent already. Close it.
func (m Meter) Listen(ctx context.Context, links [][2]string, silent func(a, b string) bool) (*Cut, error) {
	lines, err := Each(links, func(_ int, p [2]string) (*line, error) {
		if silent(p[0], p[1]) {
			return nil, nil
		}
		return m.open(ctx, p)
	})
	c := &Cut{m: m, links: links, lines: lines}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close ends its connections.
func (c *Cut) Close() {
	for _, l := range c.lines {
		if l != nil {
			l.hangUp()
		}
	}
}

// Prove shows that every link is silent now: a request on a connection that has answered gets no
// answer, for longer than one takes. Of a link that was silent already it is shown that it still is.
func (c *Cut) Prove(ctx context.Context) ([]string, error) {
	return Each(c.links, func(i int, p [2]string) (string, error) {
		if c.lines[i] == nil {
			return c.m.staysSilent(ctx, p)
		}
		return c.m.fallsSilent(ctx, p, c.lines[i])
	})
}

// Answers shows that every link answers, but for those that are silent still.
func (m Meter) Answers(ctx context.Context, links [][2]string, silent func(a, b string) bool) (string, error) {
	proof, err := Each(links, func(_ int, p [2]string) (string, error) {
		if silent(p[0], p[1]) {
			return m.staysSilent(ctx, p)
		}
		rtt, err := m.probe(ctx, p)
		if err != nil {
			return "", notShown("", "nothing crosses the link %s yet: %w", Name(p), err)
		}
		return fmt.Sprintf("%s answers in %s", Name(p), ms(rtt)), nil
	})
	return strings.Join(proof, ", "), err
}

// line is one connection over a link that has answered, and how long its last answer took.
type line struct {
	ask    Ask
	hangUp func()
	took   time.Duration
}

// open makes a connection over a link and asks on it. Where no answer comes,
// what is done to that link would prove nothing.
func (m Meter) open(ctx context.Context, p [2]string) (*line, error) {
	l := &line{}
	l.ask, l.hangUp = m.Network.Line(p[0], p[1])
	within := 2*m.answerTime(p) + slowAnswer
	_, _, err := l.ask(ctx, 0, 0, within) // has the handshake in it
	for try := 0; err == nil && try < rounds; try++ {
		var took time.Duration
		if took, _, err = l.ask(ctx, 0, 0, within); try == 0 || took < l.took {
			l.took = took
		}
		if l.took-m.answerTime(p) < quiet/3 {
			break // else this machine was busy, which need not last
		}
	}
	if err != nil {
		l.hangUp()
		return nil, &NotShown{Before: true, Next: "restore or heal what is broken there first",
			Err: fmt.Errorf("nothing crosses the link %s: %w; a fault would prove nothing", Name(p), err)}
	}
	return l, nil
}

// probe asks over a link until an answer comes, and says how long that one took.
func (m Meter) probe(ctx context.Context, p [2]string) (time.Duration, error) {
	limit := m.Now() + healLimit
	for {
		rtt, _, err := m.Network.Probe(ctx, p[0], p[1], 2*m.answerTime(p)+quiet)
		if err == nil || m.Now() > limit || ctx.Err() != nil {
			return rtt, err
		}
		if m.Sleep(ctx, 10*time.Millisecond) != nil {
			return 0, err
		}
	}
}

// fallsSilent proves that a link is silent on which a connection has just answered. The
// silence outlasts an answer and, where this machine takes long, three times what it added.
func (m Meter) fallsSilent(ctx context.Context, p [2]string, l *line) (string, error) {
	answer := m.answerTime(p)
	within := answer + max(quiet, 3*(l.took-answer))
	_, silent, err := l.ask(ctx, 0, 0, within)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err == nil:
		return "", notShown("no fault is counted", "a request still crosses the link %s", Name(p))
	case !silent:
		return "", notShown("no fault is counted", "a request over the link %s was answered with an error, not with silence: %w", Name(p), err)
	}
	return fmt.Sprintf("%s silent for %s", Name(p), ms(within)), nil
}

// staysSilent proves that a link is silent still: by a request that gets no answer for longer
// than one takes.
func (m Meter) staysSilent(ctx context.Context, p [2]string) (string, error) {
	within := 2*m.answerTime(p) + quiet
	_, silent, err := m.Network.Probe(ctx, p[0], p[1], within)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err == nil:
		return "", notShown("look at the other partitions", "a request crosses the link %s, which another partition holds", Name(p))
	case !silent:
		return "", notShown("look at the other partitions", "a request over the link %s, which another partition holds, was answered with an error: %w", Name(p), err)
	}
	return fmt.Sprintf("%s stays silent (%s)", Name(p), ms(within)), nil
}
