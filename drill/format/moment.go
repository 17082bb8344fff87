package format

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Moment says when a time of the engine's is, as a person counts it, in full and for where
// there is little room: after the first fault ("12 s after the first fault"), before one
// since the warm-up ended ("5 s into the drill"), and before that since the start.
func Moment(s *drill.State, t time.Duration) (long, short string) {
	if first, broken := FirstFault(s); broken && t >= first {
		age := Age(t - first)
		return age + " after the first fault", age + " after fault"
	}
	if s.SteadyEnd != nil && t >= *s.SteadyEnd {
		age := Age(t - *s.SteadyEnd)
		return age + " into the drill", age + " in"
	}
	age := Age(t)
	return age + " since the start", age
}

// FirstFault is when a fault could first affect a user; false where none has.
func FirstFault(s *drill.State) (first time.Duration, broken bool) {
	for i, f := range s.Faults {
		if i == 0 || f.From < first {
			first, broken = f.From, true
		}
	}
	return first, broken
}

// Phase is what a drill is at, for a person who does not know the phases' names.
func Phase(p drill.Phase) string {
	switch p {
	case drill.PhaseBringUp:
		return "the fleet starts"
	case drill.PhaseSteady:
		return "warm-up: is all normal?"
	case drill.PhaseRunning:
		return "the drill runs"
	case drill.PhaseFinal:
		return "last check: is all normal again?"
	case drill.PhaseTearDown:
		return "the fleet stops"
	case drill.PhaseEnded:
		return "over"
	}
	return string(p)
}

// Term is the number of a leader's term in words: "1st term".
func Term(epoch uint64) string { return Ordinal(epoch) + " term" }

// Ordinal writes a place in a row: 1st, 2nd, 11th, 23rd.
func Ordinal(n uint64) string {
	ending := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			ending = "st"
		case 2:
			ending = "nd"
		case 3:
			ending = "rd"
		}
	}
	return Count(int64(n)) + ending
}
