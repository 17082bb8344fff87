package format

import (
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
)

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

// Or joins names of which one is to be chosen: "a, b or c".
func Or(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
