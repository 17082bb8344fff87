package journal

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Cut is an unfinished last line, which was left out.
type Cut struct {
	Line   int   // from 1
	Offset int64 // bytes before it, all of them whole events
	Bytes  int   // of the unfinished line
}

// LeftOut is an event with a number that nobody can have measured. Nothing of it is in what the journal comes to.
type LeftOut struct {
	Line int
	Kind string
	Why  string
}

// skip counts an event that this program can't read.
func (l *Loaded) skip(kind string) {
	l.Skipped++
	if l.SkippedKinds == nil {
		l.SkippedKinds = map[string]int{}
	}
	l.SkippedKinds[kind]++
}

// leaveOut takes the meaning out of an event, whose line is its number, and notes why.
func (l *Loaded) leaveOut(e *drill.Event, why string) {
	l.LeftOut = append(l.LeftOut, LeftOut{Line: int(e.Seq), Kind: e.Body.Kind(), Why: why})
	if _, is := e.Body.(drill.Unknown); !is {
		e.Body = drill.Unknown{Name: e.Body.Kind()}
	}
}

// mostNamed is how many of the events that were left out a remark names.
const mostNamed = 3

// Remarks is what a reader of the journal has to know: how much of it this program could not
// read, or left out, and where it breaks off. None where it was read to its end.
func (l Loaded) Remarks() []string {
	var out []string
	if l.Skipped > 0 {
		var kinds []string
		for _, kind := range slices.Sorted(maps.Keys(l.SkippedKinds)) {
			kinds = append(kinds, fmt.Sprintf("%d of %s", l.SkippedKinds[kind], kind))
		}
		out = append(out, fmt.Sprintf("%d of %d lines were skipped, which this program can't read: %s; the journal is of format %d, this program of %d, and what is said of the drill may be incomplete",
			l.Skipped, len(l.Events), strings.Join(kinds, ", "), l.Version, Version))
	}
	if n := len(l.LeftOut); n > 0 {
		slices.SortFunc(l.LeftOut, func(a, b LeftOut) int { return a.Line - b.Line })
		var named []string
		for _, o := range l.LeftOut[:min(n, mostNamed)] {
			named = append(named, fmt.Sprintf("line %d (%s): %s", o.Line, o.Kind, o.Why))
		}
		if n > mostNamed {
			named = append(named, fmt.Sprintf("and %d more", n-mostNamed))
		}
		were := "were"
		if n == 1 {
			were = "was"
		}
		out = append(out, fmt.Sprintf("%d of %d lines %s left out for numbers that can't have been measured: %s", n, len(l.Events), were, strings.Join(named, "; ")))
	}
	if l.Cut != nil {
		out = append(out, fmt.Sprintf("it breaks off in line %d, of which %d bytes are there: the drill was not written to its end", l.Cut.Line, l.Cut.Bytes))
	}
	return out
}
