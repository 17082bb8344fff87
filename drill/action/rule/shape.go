package rule

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/gauge"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// NotSlower refuses a shape that is no worse than a link has already, by the fleet file or by
// another brownout.
func NotSlower(s *drill.State, c runbook.Command) *Refusal {
	for _, way := range gauge.Ways(s.Fleet, c) {
		own, ask := measure.ShapeNow(s, way[0], way[1]), c.Shape
		no := func(more, what, has string) *Refusal {
			return Refuse(fmt.Sprintf("ask for %s than %s", more, has), "the link %s has %s of %s already", gauge.Name(way), what, has).OfText()
		}
		switch {
		case ask.RTT > 0 && ask.RTT <= own.RTT:
			return no("more", "an rtt", format.Span(own.RTT))
		case ask.Jitter > 0 && ask.Jitter <= own.Jitter:
			return no("more", "a jitter", format.Span(own.Jitter))
		case ask.Bandwidth > 0 && own.Bandwidth > 0 && ask.Bandwidth >= own.Bandwidth:
			return no("less", "a bandwidth", format.Bits(own.Bandwidth))
		case ask.Loss > 0 && ask.Loss <= own.Loss:
			return no("more", "a loss", format.Percent(own.Loss))
		}
	}
	return nil
}
