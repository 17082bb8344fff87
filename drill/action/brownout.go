package action

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/gauge"
	"github.com/fleetdrill/fleetdrill/drill/impact"
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
		if r := crossable(s, c); r != nil {
			return r
		}
		return notSlower(s, c)
	},
	Confirm: func(s *drill.State, c drill.Command) *Confirmation {
		p := predictBrownout(s, c)
		return &Confirmation{Impact: &p}
	},
	Predict: predictBrownout,
	Assume: func(s *drill.State, c drill.Command) []drill.Body {
		f := linkFault(faultBrownout, c)
		f.ID, f.Command, f.From = len(s.Faults)+1, len(s.Commands), s.Now
		return []drill.Body{f}
	},
	Do:     brownoutLinks,
	Undo:   verbClear,
	Effect: EffectFault,
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

// brownoutLinks shapes links. Each part of the shape counts once it is measured over each
// link, before and after; the parts that would hide one another are measured one after the other.
func brownoutLinks(ctx context.Context, r Rig, c drill.Command) (Proof, error) {
	fleet := view(r, func(s *drill.State) drill.Fleet { return s.Fleet })
	links, shaped := gauge.Links(fleet, c), gauge.Ways(fleet, c)
	before, err := r.meter().Before(ctx, links, shaped, c.Shape)
	if err != nil {
		return Proof{}, shown(ctx, err, "no fault is counted")
	}
	defer before.Close()
	fault := r.begun(linkFault(faultBrownout, c))
	hold := holdName(faultBrownout, c)
	text, err := before.Prove(ctx, func(s drill.Shape) error { return r.Network.Reshape(hold, shaped, s) })
	if err != nil {
		r.Network.Lift(hold)
		return Proof{}, shown(ctx, err, "no fault is counted")
	}
	r.proved(text, fault...)
	return Proof{text}, nil
}

// notSlower refuses a shape that is no worse than a link has already, by the fleet file or by
// another brownout.
func notSlower(s *drill.State, c drill.Command) *Refusal {
	for _, way := range gauge.Ways(s.Fleet, c) {
		own, ask := gauge.ShapeOf(s, way), c.Shape
		no := func(more, what, has string) *Refusal {
			r := refuse(fmt.Sprintf("ask for %s than %s", more, has), "the link %s has %s of %s already", gauge.Name(way), what, has)
			r.Typed = true
			return r
		}
		switch {
		case ask.RTT > 0 && ask.RTT <= own.RTT:
			return no("more", "a round trip", own.RTT.String())
		case ask.Jitter > 0 && ask.Jitter <= own.Jitter:
			return no("more", "a jitter", own.Jitter.String())
		case ask.Bandwidth > 0 && own.Bandwidth > 0 && ask.Bandwidth >= own.Bandwidth:
			return no("less", "a bandwidth", format.Bits(own.Bandwidth))
		case ask.Loss > 0 && ask.Loss <= own.Loss:
			return no("more", "a loss", format.Percent(own.Loss))
		}
	}
	return nil
}

// predictBrownout is whom slower links affect: those who write over one, where an answer
// takes longer then than their population's threshold. A write is taken for four segments. A
// lost one costs its retransmission timeout, for which twice the round trip is taken and
// Linux's 200 ms at the least (RFC 6298), and holds up whatever follows on the connection.
func predictBrownout(s *drill.State, c drill.Command) drill.Impact {
	const segments, least = 4, 200 * time.Millisecond
	timeout := max(least, 2*c.Shape.RTT)
	p := drill.Impact{Users: map[string]float64{}, WritesAtRisk: map[string]*uint64{}}
	behind := 1 + writesOver(s, c)*timeout.Seconds()
	hit := math.Pow(1-c.Shape.Loss, segments*behind) // that a write meets no loss
	clean, share := impact.Shares(s, c, verbClear, 0)
	lossy, lossyShare := impact.Shares(s, c, verbClear, timeout)
	p.Share = hit*share + (1-hit)*lossyShare
	for name := range clean {
		p.Users[name] = hit*clean[name] + (1-hit)*lossy[name]
	}
	p.Lines = impact.Lines(s, c, p)
	for _, d := range s.Datasets {
		for _, region := range d.Spec.Regions {
			if region != d.Authority && slices.Contains(gauge.Ways(s.Fleet, c), [2]string{d.Authority, region}) {
				p.Lines = append(p.Lines, fmt.Sprintf("%s is copied to %s over it", d.Name, region))
			}
		}
	}
	return p
}

// writesOver is the writes per second that cross the links of a command on their way to an
// authority.
func writesOver(s *drill.State, c drill.Command) float64 {
	rate, links := 0.0, gauge.Links(s.Fleet, c)
	for _, d := range s.Datasets {
		rate += impact.WriteRate(s, d, func(region string) bool {
			return slices.Contains(links, [2]string{region, d.Authority}) || slices.Contains(links, [2]string{d.Authority, region})
		})
	}
	return rate
}
