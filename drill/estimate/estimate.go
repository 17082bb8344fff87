// Package estimate says about how long what is waited for takes, from how long the same took before: in this drill, or the last
// time on this machine. Where nothing was measured there is only the platform's model, which is called one, or nothing.
//
// All of it follows from the state, so a replay says what the screen said.
package estimate

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Basis is what an estimate is made from.
type Basis int

// What an estimate can be made from, the best first.
const (
	Here  Basis = iota // the same took as long in this drill, in this region or another
	Last               // it took as long the last time on this machine
	Model              // nothing was measured: the platform's model
)

// Estimate is about how long something takes from its beginning to its end.
type Estimate struct {
	Whole time.Duration
	From  Basis
}

// Of is about how long a wait takes; false where nothing was measured and there is no model.
func Of(s *drill.State, w Wait) (Estimate, bool) {
	if took, known := newest(Waits(s))[w.What]; known {
		return Estimate{took, Here}, true
	}
	if took, known := s.Took[w.What]; known {
		return Estimate{took, Last}, true
	}
	return Estimate{w.Model, Model}, w.Model > 0
}

// newest is how long each kind of wait took that came to its end last.
func newest(waits []Wait) map[string]time.Duration {
	took, at := map[string]time.Duration{}, map[string]time.Duration{}
	for _, w := range waits {
		if w.Ended != nil && !w.Failed && *w.Ended >= at[w.What] {
			took[w.What], at[w.What] = *w.Ended-w.Began, *w.Ended
		}
	}
	return took
}

// Left is how long it is estimated to take yet, after it ran for so long; 0 where it is under way
// for longer than that.
func (e Estimate) Left(ran time.Duration) time.Duration { return max(e.Whole-ran, 0) }

// Share is the share of it that is over, from 0 to 1: never 1, as it is asked of what is not done.
func (e Estimate) Share(ran time.Duration) float64 {
	const undone = 0.95
	if e.Whole <= 0 {
		return undone
	}
	return min(max(float64(ran)/float64(e.Whole), 0), undone)
}

// Took is how long what was waited for in a drill took, by its kind: what State.Took of the next
// drill of that fleet on that machine is made of.
func Took(s *drill.State) map[string]time.Duration { return newest(Waits(s)) }

// Joining is what is known for a fleet that is up already: its bring-up is another one.
func Joining(took map[string]time.Duration) map[string]time.Duration {
	rest := map[string]time.Duration{}
	for what, d := range took {
		if what != bringUp && !isStart(what) {
			rest[what] = d
		}
	}
	return rest
}
