package show

import (
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Link is the link between two regions as it stands: its line, the style of that, its round trip in
// words, and what crosses it. Linked is false where the fleet has none between them.
type Link struct {
	A, B   string
	Linked bool
	Cut    bool
	Shaped bool // a fault holds it in another shape than the fleet file's
	Line   string
	Style  style.Style
	RTT    string
	Flow   Flow
}

// Flow is bytes a second from one place to another and back, as the link's relay counted them;
// Known is false where it was not sampled.
type Flow struct {
	There, Back float64
	Known       bool
}

// Sum is the bytes a second of both directions.
func (f Flow) Sum() float64 { return f.There + f.Back }

// LinkBetween is the link between two regions.
func LinkBetween(s *drill.State, a, b string) Link {
	l := Link{A: a, B: b, Line: "─", Style: style.Frame, RTT: format.None, Flow: FlowBetween(s, a, b)}
	if _, l.Linked = s.Fleet.LinkBetween(a, b); l.Linked {
		l.RTT = format.Span(measure.RoundTrip(s, a, b))
	}
	l.Cut, l.Shaped = cut(s, a, b), shaped(s, a, b)
	switch {
	case l.Cut:
		l.Line, l.Style = "╌", style.Danger
	case l.Shaped:
		l.Line, l.Style = "┄", style.Caution
	}
	return l
}

func shaped(s *drill.State, a, b string) bool {
	return slices.ContainsFunc(s.Faults, func(f *drill.Fault) bool {
		return f.Lifted == nil && slices.ContainsFunc(f.Effect.Reshapes, func(w topology.Way) bool { return w.Has(a, b) || w.Has(b, a) })
	})
}

func cut(s *drill.State, a, b string) bool {
	return s.Apart(a, b) || slices.ContainsFunc(s.Links, func(l telemetry.Link) bool {
		return l.Cut && (l.From == a && l.To == b || l.From == b && l.To == a)
	})
}

// FlowBetween is what flows between two places.
func FlowBetween(s *drill.State, a, b string) (f Flow) {
	for _, l := range s.Links {
		switch {
		case l.From == a && l.To == b:
			f.There, f.Known = l.Rate, true
		case l.From == b && l.To == a:
			f.Back, f.Known = l.Rate, true
		}
	}
	return f
}

// RateText is a rate as long as there is room for it.
func RateText(rate float64, w int) string {
	rough := format.RoughRate(rate)
	tight := strings.Replace(rough, " ", "", 1)
	return Longest(w, []string{format.Rate(rate), rough, tight, strings.Replace(tight, "iB", "", 1)})
}

// Bandwidth is what a link carries at most, and on its way back where that is another amount; "" where
// it has no limit.
func Bandwidth(s *drill.State, a, b string) string {
	there, back := measure.ShapeNow(s, a, b).Bandwidth, measure.ShapeNow(s, b, a).Bandwidth
	switch {
	case there == 0:
		return ""
	case there != back:
		return format.Bits(there) + ", ← " + format.Bits(back)
	}
	return format.Bits(there)
}
