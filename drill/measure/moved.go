package measure

import "github.com/fleetdrill/fleetdrill/drill"

// Moved is how many times the router sent a population's users elsewhere: to another region, or over several in other
// shares. Being sent nowhere, and back from there, is none. It is not known of a population that was sent nowhere yet.
func Moved(s *drill.State, population string) (times int, known bool) {
	p := s.Population(population)
	if p == nil {
		return 0, false
	}
	return p.Moved, p.Region != "" || p.Moved > 0
}

// MovedMost is how many times the population was moved that was moved most often.
func MovedMost(s *drill.State) (times int, known bool) {
	for _, p := range s.Populations {
		n, is := Moved(s, p.Spec.Name)
		times, known = max(times, n), known || is
	}
	return times, known
}
