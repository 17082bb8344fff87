package player

import "github.com/fleetdrill/fleetdrill/drill"

// At is the state at the position. It must not be changed, and is changed itself when the
// player goes on. What it costs is Cost.
func (p *Player) At() *drill.State {
	if p.folded > p.at {
		p.state, p.folded = drill.NewState(), 0
	}
	for ; p.folded < p.at; p.folded++ {
		p.state.Apply(p.events[p.folded])
	}
	return p.state
}

// Cost is how many events At has to apply: those that are new, or, since a fold can't be taken
// back, all of them.
func (p *Player) Cost() int {
	if p.folded > p.at {
		return p.at
	}
	return p.at - p.folded
}

// Folding makes the state at the position elsewhere: fold may run on another goroutine,
// as it touches nothing of the player. What it returns is for Folded.
func (p *Player) Folding() (fold func() *drill.State, position int) {
	events := p.events[:p.at:p.at]
	return func() *drill.State {
		s := drill.NewState()
		for _, e := range events {
			s.Apply(e)
		}
		return s
	}, p.at
}

// Folded takes in the state at a position that Folding made.
func (p *Player) Folded(s *drill.State, position int) { p.state, p.folded = s, position }

// Shown is the state that was made last, which costs nothing, and the position that it is of.
func (p *Player) Shown() (*drill.State, int) { return p.state, p.folded }
