package scenario

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/quantity"
)

// maxDuration bounds every duration, so that sums of them stay far from the
// limits of a number. A drill of a day is one too long.
const maxDuration = 24 * time.Hour

// scalar is the value as it is written; false when there is none.
func (s *source) scalar(n *yaml.Node, what, example string) (string, bool) {
	switch {
	case n.Kind != yaml.ScalarNode:
		s.bad(n, "%s is %s; write one value, like %s", what, quote(n), example)
	case n.Tag == "!!null" || strings.TrimSpace(n.Value) == "":
		s.bad(n, "%s is empty; write a value, like %s", what, example)
	default:
		return n.Value, true
	}
	return "", false
}

// text is for people to read: one line of at most so many letters, and nothing
// in it that a terminal would obey.
func (s *source) text(n *yaml.Node, what string, most int) string {
	v, ok := s.scalar(n, what, "a few words")
	if !ok {
		return ""
	}
	v = strings.Join(strings.Fields(v), " ")
	if strings.ContainsFunc(v, clean.Obeyed) {
		s.bad(n, "%s has control characters in it; write plain text", what)
		return ""
	}
	if long := len([]rune(v)); long > most {
		s.bad(n, "%s has %d letters; it takes at most %d", what, long, most)
		return ""
	}
	return v
}

// duration reads a duration from least on. Zero is least for what may be
// nothing, more for what may not.
func (s *source) duration(n *yaml.Node, what string, least time.Duration) time.Duration {
	const example = "5s or 250ms"
	v, ok := s.scalar(n, what, example)
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(v)
	switch {
	case err != nil:
		s.bad(n, "%s %s is no duration; write a number with its unit, like %s", what, quote(n), example)
	case d < 0:
		s.bad(n, "%s %s is negative; write zero or more, like %s", what, quote(n), example)
	case d == 0 && least > 0:
		s.bad(n, "%s is zero; write more, like %s", what, example)
	case d < least:
		s.bad(n, "%s %s is too short; the least is %s", what, quote(n), say(least))
	case d > maxDuration:
		s.bad(n, "%s %s is too long; the most is %s", what, quote(n), say(maxDuration))
	default:
		return d
	}
	return 0
}

// say is a duration as a person would write it: 24h, not 24h0m0s.
func say(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func (s *source) integer(n *yaml.Node, what string, least, most int) int {
	example := strconv.Itoa(max(least, min(most, 3)))
	v, ok := s.scalar(n, what, example)
	if !ok {
		return 0
	}
	i, err := strconv.Atoi(v)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		s.bad(n, "%s %s is no whole number; write one, like %s", what, quote(n), example)
	case err != nil || i < least || i > most:
		s.bad(n, "%s is %s; it takes %d to %d", what, clip(v), least, most)
	default:
		return i
	}
	return 0
}

func (s *source) boolean(n *yaml.Node, what string) bool {
	v, ok := s.scalar(n, what, "true or false")
	if ok && v != "true" && v != "false" {
		s.bad(n, "%s %s is neither; write true or false", what, quote(n))
	}
	return v == "true"
}

// share reads a percentage as a share from 0 to 1.
func (s *source) share(n *yaml.Node, what string) float64 {
	const example = "25%"
	v, ok := s.scalar(n, what, example)
	if !ok {
		return 0
	}
	f, is := quantity.Share(v)
	switch {
	case !is:
		s.bad(n, "%s %s is no share; write it in percent, like %s", what, quote(n), example)
	case f < 0 || f > 1:
		s.bad(n, "%s is %s; a share is from 0%% to 100%%", what, clip(v))
	default:
		return f
	}
	return 0
}

// maxRate bounds requests per second; a laptop does not send more.
const maxRate = 100_000

func (s *source) rate(n *yaml.Node, what string) float64 {
	const example = "40/s"
	v, ok := s.scalar(n, what, example)
	if !ok {
		return 0
	}
	number, perSecond := strings.CutSuffix(v, "/s")
	f, isNumber := quantity.Decimal(number)
	switch {
	case !perSecond || !isNumber:
		s.bad(n, "%s %s is no rate; write requests per second, like %s", what, quote(n), example)
	case f <= 0 || f > maxRate:
		s.bad(n, "%s is %s; it takes more than 0/s and at most %d/s", what, clip(v), maxRate)
	default:
		return f
	}
	return 0
}

// maxQuantity is 1 TB, or 1 Tbps: more than a laptop's disk or loopback.
const maxQuantity = 1e12

// quantity reads a number with a unit, from one of the smallest unit on.
func (s *source) quantity(n *yaml.Node, what string, in quantity.Units, example string) int64 {
	v, ok := s.scalar(n, what, example)
	if !ok {
		return 0
	}
	q, is := quantity.In(in, v)
	if !is {
		s.bad(n, "%s %s has no unit that is known here; write it like %s", what, quote(n), example)
		return 0
	}
	if q = math.Round(q); q < 1 || q > maxQuantity {
		s.bad(n, "%s %s is out of bounds; it takes more than nothing and at most %s", what, quote(n), most(in))
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
