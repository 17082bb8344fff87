package strict

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/clean"
)

// MaxDuration bounds every duration, so that sums of them stay far from the
// limits of a number. A drill of a day is one too long.
const MaxDuration = 24 * time.Hour

// Scalar is the value as it is written; false when there is none.
func (s *Source) Scalar(n *yaml.Node, what, example string) (string, bool) {
	switch {
	case n.Kind != yaml.ScalarNode:
		s.Bad(n, "%s is %s; write one value, like %s", what, Quote(n), example)
	case n.Tag == "!!null" || strings.TrimSpace(n.Value) == "":
		s.Bad(n, "%s is empty; write a value, like %s", what, example)
	default:
		return n.Value, true
	}
	return "", false
}

// Text is for people to read: one line of at most so many letters, and nothing
// in it that a terminal would obey.
func (s *Source) Text(n *yaml.Node, what string, most int) string {
	v, ok := s.Scalar(n, what, "a few words")
	if !ok {
		return ""
	}
	v = strings.Join(strings.Fields(v), " ")
	if strings.ContainsFunc(v, clean.Obeyed) {
		s.Bad(n, "%s has control characters in it; write plain text", what)
		return ""
	}
	if long := len([]rune(v)); long > most {
		s.Bad(n, "%s has %d letters; it takes at most %d", what, long, most)
		return ""
	}
	return v
}

// Duration reads a duration from least on. Zero is least for what may be
// nothing, more for what may not.
func (s *Source) Duration(n *yaml.Node, what string, least time.Duration) time.Duration {
	const example = "5s or 250ms"
	v, ok := s.Scalar(n, what, example)
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(v)
	switch {
	case err != nil:
		s.Bad(n, "%s %s is no duration; write a number with its unit, like %s", what, Quote(n), example)
	case d < 0:
		s.Bad(n, "%s %s is negative; write zero or more, like %s", what, Quote(n), example)
	case d == 0 && least > 0:
		s.Bad(n, "%s is zero; write more, like %s", what, example)
	case d < least:
		s.Bad(n, "%s %s is too short; the least is %s", what, Quote(n), Written(least))
	case d > MaxDuration:
		s.Bad(n, "%s %s is too long; the most is %s", what, Quote(n), Written(MaxDuration))
	default:
		return d
	}
	return 0
}

// Seconds reads a time in whole seconds, as DNS and certificates have them.
func (s *Source) Seconds(n *yaml.Node, what, of string, least time.Duration) time.Duration {
	d := s.Duration(n, what, least)
	if d%time.Second != 0 {
		up := d.Truncate(time.Second) + time.Second
		s.Bad(n, "%s %s is not in whole seconds, and %s no others; write %s", what, Written(d), of, Written(up))
	}
	return d
}

// Written is a duration as a person would write it: 24h, not 24h0m0s.
func Written(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Integer reads a whole number from least to most.
func (s *Source) Integer(n *yaml.Node, what string, least, most int) int {
	example := strconv.Itoa(max(least, min(most, 3)))
	v, ok := s.Scalar(n, what, example)
	if !ok {
		return 0
	}
	i, err := strconv.Atoi(v)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		s.Bad(n, "%s %s is no whole number; write one, like %s", what, Quote(n), example)
	case err != nil || i < least || i > most:
		s.Bad(n, "%s is %s; it takes %d to %d", what, Clip(v), least, most)
	default:
		return i
	}
	return 0
}

// Boolean reads true or false.
func (s *Source) Boolean(n *yaml.Node, what string) bool {
	v, ok := s.Scalar(n, what, "true or false")
	if ok && v != "true" && v != "false" {
		s.Bad(n, "%s %s is neither; write true or false", what, Quote(n))
	}
	return v == "true"
}
