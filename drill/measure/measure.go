// Package measure computes each number of a drill once, from its state: how long no writes
// were taken, what was lost, who was affected, what moved and what that costs. Screen,
// report and verdict read the same functions, so they can't contradict one another.
//
// Spans are time.Duration on the engine's clock, shares go from 0 to 1, sizes are bytes,
// prices US dollars. What was not measured is marked as unknown and is never zero.
package measure

import "time"

// Span is how long something took. AtLeast says that a part of it is unknown or not over, so
// that D is a lower bound. D means nothing unless Known.
type Span struct {
	D       time.Duration
	Known   bool
	AtLeast bool
}

// include makes the span the longest of itself and another.
func (s *Span) include(other Span) {
	if other.Known {
		s.D, s.Known = max(s.D, other.D), true
	}
	s.AtLeast = s.AtLeast || other.AtLeast
}

// Count is how many there are. AtLeast says that a part is unknown, so that N is a lower bound.
type Count struct {
	N       int
	Known   bool
	AtLeast bool
}

// Resolution is the shortest span that samples measure: traffic, stores and links are read
// twice a second, so nothing is divided by less than that.
const Resolution = 500 * time.Millisecond
