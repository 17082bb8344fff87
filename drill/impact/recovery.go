package impact

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// ending is a time at which users may have recovered, and how likely that is.
type ending struct {
	at     time.Duration
	chance float64
}

// anyPhase is how many beginnings of the windows are looked at where a fault falls anywhere into the window that goes on. A plan's
// steps begin as a window does, which showed that what they waited for is so.
const anyPhase = 4

// judge is when an engine calls users recovered, as drill/engine does window by window.
type judge struct {
	tolerated float64       // the share of requests that may end badly in a good window
	lasting   time.Duration // windows must have been good for so long in a row
	settled   time.Duration // and not before the router has judged what is gone
	least     time.Duration // users are counted for so long in any case
	phases    int           // how many beginnings of the windows are looked at
}

// endings is when users may have recovered, in order: where the first row of good windows began that lasted. A request that hangs
// is bad when it ends: if all that ended before was good for long enough, users were called recovered by then. What ends and what
// ends badly is expected numbers of each slice. What really comes is a Poisson process: where few ask, one bad request spoils a
// window, and may come or not.
func (j judge) endings(ended, bad []float64) []ending {
	chances := map[time.Duration]float64{}
	for phase := range j.phases {
		j.walk(ended, bad, phase, func(since time.Duration, chance float64) { chances[max(since, j.least)] += chance })
	}
	var all []ending
	for at, chance := range chances {
		if chance > negligible {
			all = append(all, ending{at, chance})
		}
	}
	slices.SortFunc(all, func(a, b ending) int { return cmp.Compare(a.at, b.at) })
	return all
}

// row is a row of good windows that goes on, since the end of the last bad one, and how likely it is.
type row struct {
	since  time.Duration
	chance float64
}

// walk goes from window to window, and says of each row of good ones that is called a recovery how likely it is.
func (j judge) walk(ended, bad []float64, phase int, recovered func(since time.Duration, chance float64)) {
	per := int(window / slice)
	rows := []row{{0, 1 / float64(j.phases)}}
	for from, to := 0, per-phase*per/j.phases; from < len(ended); from, to = to, to+per {
		to = min(to, len(ended))
		now := time.Duration(to) * slice
		spoilt := exceeds(sum(bad[from:to]), math.Floor(j.tolerated*sum(ended[from:to])))
		anew, going := 0.0, rows[:0]
		for _, r := range rows {
			anew += r.chance * spoilt
			r.chance *= 1 - spoilt
			switch {
			case r.chance*float64(j.phases) < negligible:
				anew += r.chance
			case now-r.since >= j.lasting && now >= j.settled:
				recovered(r.since, r.chance)
			default:
				going = append(going, r)
			}
		}
		if rows = going; anew > 0 {
			rows = append(rows, row{now, anew})
		}
	}
	for _, r := range rows { // all that the model knows of is over
		recovered(r.since, r.chance)
	}
}

// lasting is for how long requests must have succeeded: as long as anybody waits for an answer, and a window.
func lasting(e *exposure) time.Duration {
	longest := time.Duration(0)
	for _, p := range e.s.Populations {
		longest = max(longest, p.Spec.Timeout)
	}
	return longest + window
}

// judgedDown is when the router has called down what its probes fail of: before that no good window says that an outage is over.
func judgedDown(e *exposure) time.Duration {
	if !slices.ContainsFunc(e.s.Fleet.RegionNames(), func(r string) bool { return slices.Contains(e.e.Stops, r) || e.e.StopsWeb(r) }) {
		return 0
	}
	if e.unled {
		return e.undone
	}
	return min(e.detected, e.undone)
}

// negligible is a chance that changes no percentage.
const negligible = 1e-4

// exceeds is the chance that a Poisson process of that mean counts more than a number.
func exceeds(mean, number float64) float64 {
	if mean > manyCounts { // the first term below is too small for a float64: a normal distribution's tail is as good there
		return math.Erfc((number+0.5-mean)/math.Sqrt(2*mean)) / 2
	}
	term := math.Exp(-mean)
	under := term
	for i := 1.0; i <= number; i++ {
		term *= mean / i
		under += term
	}
	return max(0, 1-under)
}

// manyCounts is the mean from which on a Poisson distribution is taken for a normal one: they differ by less than a hundredth.
const manyCounts = 500

func sum(of []float64) (all float64) {
	for _, x := range of {
		all += x
	}
	return all
}
