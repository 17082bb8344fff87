package scenario

import (
	"math"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/quantity"
	"github.com/fleetdrill/fleetdrill/drill/strict"
)

// share reads a percentage as a share from 0 to 1.
func (s *source) share(n *yaml.Node, what string) float64 {
	const example = "25%"
	v, ok := s.Scalar(n, what, example)
	if !ok {
		return 0
	}
	f, is := quantity.Share(v)
	switch {
	case !is:
		s.Bad(n, "%s %s is no share; write it in percent, like %s", what, strict.Quote(n), example)
	case f < 0 || f > 1:
		s.Bad(n, "%s is %s; a share is from 0%% to 100%%", what, strict.Clip(v))
	default:
		return f
	}
	return 0
}

// minRate and maxRate bound requests per second: no drill lasts until the second of what is rarer, and a laptop does not send more.
const minRate, maxRate = 0.01, 100_000

func (s *source) rate(n *yaml.Node, what string) float64 {
	const example = "40/s"
	v, ok := s.Scalar(n, what, example)
	if !ok {
		return 0
	}
	number, perSecond := strings.CutSuffix(v, "/s")
	f, isNumber := quantity.Decimal(number)
	switch {
	case !perSecond || !isNumber:
		s.Bad(n, "%s %s is no rate; write requests per second, like %s", what, strict.Quote(n), example)
	case f < minRate || f > maxRate:
		s.Bad(n, "%s is %s; it takes from %g/s to %d/s", what, strict.Clip(v), minRate, maxRate)
	default:
		return f
	}
	return 0
}

// maxQuantity is 1 TB, or 1 Tbps: more than a laptop's disk or loopback.
const maxQuantity = 1e12

// quantity reads a number with a unit, from one of the smallest unit on.
func (s *source) quantity(n *yaml.Node, what string, in quantity.Units, example string) int64 {
	v, ok := s.Scalar(n, what, example)
	if !ok {
		return 0
	}
	q, is := quantity.In(in, v)
	if !is {
		s.Bad(n, "%s %s has no unit that is known here; write it like %s", what, strict.Quote(n), example)
		return 0
	}
	if q = math.Round(q); q < 1 || q > maxQuantity {
		s.Bad(n, "%s %s is out of bounds; it takes more than nothing and at most %s", what, strict.Quote(n), most(in))
		return 0
	}
	return int64(q)
}

func most(in quantity.Units) string {
	if in["bps"] != 0 {
		return "1000Gbps"
	}
	return "1000GB"
}
