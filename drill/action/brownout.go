package action

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

const (
	verbBrownout  drill.Verb      = "brownout"
	verbClear     drill.Verb      = "clear"
	faultBrownout drill.FaultKind = "brownout"
)

// brownout makes links slow, narrow or lossy, both ways or one: everything still crosses.
var brownout = Action{
	Verb: verbBrownout,
	Words: Words{Name: "brownout", Done: "browned out", Help: "make links slow, narrow or lossy",
		Key: "B", Group: GroupRegion, Dangerous: true},
	Params: []Param{theLinks,
		{Name: "rtt", Kind: KindDuration, Optional: true, Example: "400ms", Help: "round trip", field: func(c *drill.Command) any { return &c.Shape.RTT }},
		{Name: "jitter", Kind: KindDuration, Optional: true, Example: "50ms", Help: "by how much a round trip differs", field: func(c *drill.Command) any { return &c.Shape.Jitter }},
		{Name: "bandwidth", Kind: KindRate, Optional: true, Example: "5Mbps", Help: "each way", field: func(c *drill.Command) any { return &c.Shape.Bandwidth }},
		{Name: "loss", Kind: KindShare, Optional: true, Example: "2%", Help: "share of segments that are lost", field: func(c *drill.Command) any { return &c.Shape.Loss }},
	},
	Check: func(s *drill.State, c drill.Command) *Refusal {
		if c.Shape.IsZero() {
			return refuse("give it rtt, jitter, bandwidth or loss", "a brownout of nothing changes nothing")
		}
		if f := openFault(s, faultBrownout, c); f != nil {
			return refuse("clear it first", "that is browned out already").since(f.Command).by(verbClear)
		}
		return crossable(s, c)
	},
	Confirm: confirmImpact,
	Assume: func(s *drill.State, c drill.Command) []drill.Body {
		f := linkFault(faultBrownout, c, "")
		f.ID, f.Command, f.From = len(s.Faults)+1, len(s.Commands), s.Now
		return []drill.Body{f}
	},
	Do:   brownoutLinks,
	Undo: verbClear,
	Effect: func(_ drill.Fleet, c drill.Command) drill.Effect {
		return drill.Effect{Reshapes: c.Ways(), Shape: c.Shape}
	},
}

// clearing gives browned-out links their own shape back.
var clearing = Action{
	Verb: verbClear,
	Words: Words{Name: "clear", Done: "cleared", Help: "end a brownout",
		Key: "C", Group: GroupRegion, Mends: true},
	Params: []Param{theLinks},
	Check: func(s *drill.State, c drill.Command) *Refusal {
		if openFault(s, faultBrownout, c) == nil {
			return refuse("name the same ends as the brownout", "%s is not browned out", linkText(c))
		}
		return nil
	},
	Offer: openFaults(verbClear, faultBrownout),
	Assume: func(s *drill.State, c drill.Command) []drill.Body {
		return []drill.Body{drill.FaultLifted{ID: openFault(s, faultBrownout, c).ID}}
	},
	Do: func(ctx context.Context, r Rig, c drill.Command) (Proof, error) {
		return liftLinks(ctx, r, faultBrownout, c)
	},
}

const (
	// lossProbes bounds the probes that are sent over a link until one had something sent
	// again: at a loss of 0.1 % and some ten segments a probe, three in four brownouts show
	// a loss within them.
	lossProbes = 150
	// lossTime bounds how long that may take.
	lossTime = 20 * time.Second
)

// brownoutLinks shapes links. It counts once a probe's round trip over each has become as
// much longer as asked for and, for loss, segments were sent again: both measured before
// and after. Bandwidth and jitter alone are proved by a probe that still crosses, since one
// request is too small to feel them.
func brownoutLinks(ctx context.Context, r Rig, c drill.Command) (Proof, error) {
	fleet := view(r, func(s *drill.State) drill.Fleet { return s.Fleet })
	links, shaped := pairs(fleet, c), directions(fleet, c)
	before, err := probeBefore(ctx, r, links)
	if err != nil {
		return Proof{}, err
	}
	was := make([]time.Duration, len(links))
	for i, p := range links {
		was[i] = r.Network.RTT(p[0], p[1])
	}
	from, hold := r.Events.Now(), holdName(faultBrownout, c)
	if err := r.Network.Reshape(hold, shaped, c.Shape); err != nil {
		return Proof{}, err
	}
	var proof []string
	for i, p := range links {
		text, err := r.proveShape(ctx, c, p, before[i], was[i])
		if err != nil {
			r.Network.Lift(hold)
			return Proof{}, err
		}
		proof = append(proof, text)
	}
	text := strings.Join(proof, ", ")
	r.proved(from, linkFault(faultBrownout, c, text))
	return Proof{text}, nil
}

// proveShape measures one link's new shape.
func (r Rig) proveShape(ctx context.Context, c drill.Command, p [2]string, before, was time.Duration) (string, error) {
	resent := func() uint64 { return r.Network.Resent(p[0], p[1]) + r.Network.Resent(p[1], p[0]) }
	first, limit := resent(), r.Events.Now()+lossTime
	probe := func() (time.Duration, error) {
		rtt := r.Network.RTT(p[0], p[1])
		took, _, err := r.Network.Probe(ctx, p[0], p[1], probeTime(rtt+c.Shape.Jitter)+slowAnswer)
		if err != nil {
			return 0, failed("no fault is counted", "nothing crosses the link %s any more: %w", pairName(p), err)
		}
		return took, nil
	}
	after, err := probe()
	if err != nil {
		return "", err
	}
	// Two round trips at the least: the handshake's and the request's, of which jitter may take some back.
	more := r.Network.RTT(p[0], p[1]) - was
	for tries := 0; more > 0 && after-before < more-c.Shape.Jitter && tries < 5; tries++ {
		if after, err = probe(); err != nil {
			return "", err
		}
	}
	if more > 0 && after-before < more-c.Shape.Jitter {
		return "", failed("no fault is counted", "a probe over the link %s took %s before and %s after, which is no brownout of %s", pairName(p), ms(before), ms(after), ms(more))
	}
	text := fmt.Sprintf("%s answers in %s, before in %s", pairName(p), ms(after), ms(before))
	if c.Shape.Loss == 0 {
		return text, nil
	}
	for n := 0; resent() == first; n++ {
		if n == lossProbes || r.Events.Now() > limit {
			return "", failed("no fault is counted; ask for more loss", "nothing had to be sent again over the link %s in %d probes", pairName(p), n)
		}
		if _, err := probe(); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s, %d segments sent again, before %d", text, resent(), first), nil
}

func ms(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
