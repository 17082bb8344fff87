package drill

import "github.com/fleetdrill/fleetdrill/drill/preflight"

func init() { register[PreflightTaken]() }

// PreflightTaken is how ready a dataset's regions were to lead it when a failover was decided.
type PreflightTaken struct{ preflight.Taken }

// Kind implements Body.
func (PreflightTaken) Kind() string { return "preflight.taken" }

func (b PreflightTaken) fold(s *State, e Event) {
	if f := s.Failover(b.Failover); f != nil {
		f.Preflight = &b.Taken
	}
	if b.News() {
		s.show(e)
	}
}
