package measure

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// ServedAgain is how soon a population was served again after what a command took away: from when that could first affect a
// user until the last request of the population was due that failed, up to the recovery from it (Recovery). From then on all
// of its requests were answered. Zero says that none failed. It is of failures alone: who is answered slowly is served.
// It is a lower bound where none was answered since, and as long as users have not recovered. Not known where nobody asked
// meanwhile, and in a journal of before.
func ServedAgain(s *drill.State, command int, population string) Span {
	p := s.Population(population)
	if p == nil || p.Last == nil {
		return Span{}
	}
	for _, i := range p.Last.Impacts {
		if i.Command == command {
			return servedAgain(i)
		}
	}
	return Span{}
}

func servedAgain(i telemetry.UserImpact) Span {
	if i.LastFailed == 0 && i.LastOK == 0 {
		return Span{}
	}
	took := time.Duration(0)
	if i.LastFailed > 0 {
		took = max(0, i.LastFailed-i.From)
	}
	return Span{D: took, Known: true, AtLeast: !i.Closed || i.LastOK <= i.LastFailed}
}

// ServedAgainLast is the longest that it took for a population, or with "" for any, after any command of the drill.
func ServedAgainLast(s *drill.State, population string) Span {
	var longest Span
	for _, p := range s.Populations {
		if p.Last == nil || population != "" && p.Spec.Name != population {
			continue
		}
		for _, i := range p.Last.Impacts {
			longest.include(servedAgain(i))
		}
	}
	return longest
}
