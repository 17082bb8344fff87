// Package player plays the events of a drill back. A Player stands somewhere in them; the state
// there is the fold of the events up to it, which is what the live drill had then. It asks no
// clock and reads no file.
package player

import (
	"slices"
	"sort"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// speeds is how many seconds of the drill go by in one of the person's.
var speeds = []float64{0.25, 0.5, 1, 2, 4, 8, 16, 32, 64}

// asItWas is the index of the speed at which the drill ran.
const asItWas = 2

// Player stands between two events of a drill, and may play. It is used by one goroutine.
type Player struct {
	tape

	at     int           // how many events have happened
	clock  time.Duration // the drill's time: not before the last of them, nor after the next
	paused bool
	speed  int
	local  time.Time // when the clock was last moved on

	state  *drill.State // after so many events
	folded int
}

// New stands paused before the first of the events, which it keeps. It folds all of them once,
// so that it takes a moment for the journal of an hour.
func New(events []drill.Event) *Player {
	p := &Player{tape: tape{end: drill.NewState()}, state: drill.NewState(), paused: true, speed: asItWas}
	p.Add(events)
	return p
}

// Position is how many events have happened.
func (p *Player) Position() int { return p.at }

// Clock is the drill's time at the position, on the engine's clock.
func (p *Player) Clock() time.Duration { return p.clock }

// Paused reports whether the clock stands still.
func (p *Player) Paused() bool { return p.paused }

// AtEnd reports whether all has happened.
func (p *Player) AtEnd() bool { return p.at == len(p.events) && p.clock >= p.Length() }

// Speed is how many seconds of the drill go by in one.
func (p *Player) Speed() float64 { return speeds[p.speed] }

// Faster changes the speed by that many places in speeds; it reports whether there was one.
func (p *Player) Faster(by int) bool {
	was := p.speed
	p.speed = min(max(p.speed+by, 0), len(speeds)-1)
	return p.speed != was
}

// Pause stops the clock, or lets it go on from a local time.
func (p *Player) Pause(paused bool, local time.Time) { p.paused, p.local = paused, local }

// Advance moves the clock on to a local time. At the end it pauses.
func (p *Player) Advance(local time.Time) {
	if p.paused {
		return
	}
	since := max(local.Sub(p.local), 0)
	p.local = local
	p.Seek(p.clock + time.Duration(float64(since)*p.Speed()))
	p.paused = p.AtEnd()
}

// AtStart reports whether nothing has happened but the first event, which says what the drill is.
func (p *Player) AtStart() bool { return len(p.times) == 0 || p.clock <= p.times[0] }

// Seek goes to a time of the engine's clock: all events up to it have happened. Before the first
// event there is nothing to see.
func (p *Player) Seek(t time.Duration) {
	if len(p.times) == 0 {
		return
	}
	p.clock = min(max(t, p.times[0]), p.Length())
	p.at = sort.Search(len(p.times), func(i int) bool { return p.times[i] > p.clock })
}

// Step goes on by one event, or back by one where by is -1; false where there is none. The clock is
// that of the event which happened last.
func (p *Player) Step(by int) bool { return p.goTo(p.at + by) }

// goTo stands after n events; false where there are not so many.
func (p *Player) goTo(n int) bool {
	if n < 0 || n > len(p.events) || n == p.at {
		return false
	}
	p.at, p.clock = n, 0
	if n > 0 {
		p.clock = p.times[n-1]
	}
	return true
}

// Next goes on to the next event that a person reads, which a timeline has, and Previous back to the
// one before; false where there is none.
func (p *Player) Next() bool {
	for _, e := range p.end.Timeline {
		if n := p.after(e); n > p.at {
			return p.goTo(n)
		}
	}
	return false
}

// Previous is described at Next.
func (p *Player) Previous() bool {
	for _, e := range slices.Backward(p.end.Timeline) {
		if n := p.after(e); n < p.at {
			return p.goTo(n)
		}
	}
	return false
}

// NextFault goes on to the proof of the next fault, PrevFault back to that of the one before;
// false where there is none.
func (p *Player) NextFault() bool {
	for _, f := range p.end.Faults {
		if n := p.proof(f); n > p.at {
			return p.goTo(n)
		}
	}
	return false
}

// PrevFault is described at NextFault.
func (p *Player) PrevFault() bool {
	for _, f := range slices.Backward(p.end.Faults) {
		if n := p.proof(f); n < p.at {
			return p.goTo(n)
		}
	}
	return false
}
