package curve

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/series"
)

// Load is one population's requests over the whole drill, by when they came to an end. Times of it count on the engine's clock.
type Load struct {
	Population string
	Width      time.Duration
	Points     []Rate
}

// Rate is the requests a second of the span that begins At; not known where nothing was counted.
type Rate struct {
	At         time.Duration
	OK, Failed float64
	Known      bool
}

// Loads is the load of each population of which anything was counted.
func Loads(s *drill.State) (all []Load) {
	for _, p := range s.Populations {
		if l := load(p.Spec.Name, p.Series); len(l.Points) > 0 {
			all = append(all, l)
		}
	}
	return all
}

func load(population string, of series.Of[series.Requests]) Load {
	l := Load{Population: population, Width: of.Width}
	for i, p := range of.Points {
		r := Rate{At: time.Duration(i) * of.Width}
		r.OK, r.Failed, r.Known = p.PerSecond()
		if len(l.Points) == 0 && !r.Known {
			continue // nobody asked yet
		}
		l.Points = append(l.Points, r)
	}
	return l
}

// Over is the rates of a span on average, by how much of each point is in it; not known where nothing was counted.
func (l Load) Over(from, to time.Duration) (r Rate) {
	var ok, failed float64
	var all time.Duration
	for _, p := range l.Points {
		if in := min(to, p.At+l.Width) - max(from, p.At); p.Known && in > 0 {
			ok, failed, all = ok+p.OK*in.Seconds(), failed+p.Failed*in.Seconds(), all+in
		}
	}
	r = Rate{At: from, Known: all > 0}
	if r.Known {
		r.OK, r.Failed = ok/all.Seconds(), failed/all.Seconds()
	}
	return r
}

// Most is the most requests a second that came to an end in any span.
func (l Load) Most() (most float64) {
	for _, p := range l.Points {
		most = max(most, p.OK+p.Failed)
	}
	return most
}

// From and Until are where a load begins and ends.
func (l Load) From() time.Duration {
	if len(l.Points) == 0 {
		return 0
	}
	return l.Points[0].At
}

// Until is described at From.
func (l Load) Until() time.Duration {
	if n := len(l.Points); n > 0 {
		return l.Points[n-1].At + l.Width
	}
	return 0
}

// Marks is what faults did over the whole drill, in order, on the engine's clock.
func Marks(s *drill.State) []Mark { return marks(s, 0) }
