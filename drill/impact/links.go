package impact

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Reshaped is the state with the links of a command in the shape that it asks for, and some
// time more on each round trip. One way alone takes half of it. Of a shape only the round
// trip enters the model.
func Reshaped(s *drill.State, c drill.Command, more time.Duration) *drill.State {
	_, _, oneWay := c.Endpoints()
	reshaped := *s
	reshaped.Fleet.Links = nil
	names := s.Fleet.RegionNames()
	for i, a := range names {
		for _, b := range names[i+1:] {
			l, known := s.Fleet.LinkBetween(a, b)
			if c.Separates(a, b) {
				was := l.RTT
				if c.Shape.RTT > 0 {
					l.RTT = c.Shape.RTT
				}
				if oneWay {
					l.RTT = (l.RTT + was) / 2
				}
				l.Between, l.RTT, known = [2]string{a, b}, l.RTT+more, true
			}
			if known {
				reshaped.Fleet.Links = append(reshaped.Fleet.Links, l)
			}
		}
	}
	return &reshaped
}

// standing is the state with its links as they are now: in the shapes of the faults that
// hold, the newest last, as the network lays one over another.
func standing(s *drill.State) *drill.State {
	for _, f := range s.Faults {
		if f.Lifted == nil && !f.Shape.IsZero() && len(f.Between) == 2 {
			c := f.Heal("") // names the same links, the same way
			c.Shape = f.Shape
			s = Reshaped(s, c, 0)
		}
	}
	return s
}

// apart reports whether two places can't talk once a command has been carried out: by what
// it cuts, or by a partition that holds already.
func apart(s *drill.State, c drill.Command, a, b string) bool {
	if a == b {
		return false
	}
	if c.Verb == drill.VerbPartition && c.Separates(a, b) {
		return true
	}
	for _, f := range s.Partitions() {
		if f.Heal("").Separates(a, b) {
			return true
		}
	}
	return false
}
