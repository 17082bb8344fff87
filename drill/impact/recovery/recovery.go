// Package recovery predicts when users are called recovered, of how many requests are expected to end, and to end badly.
package recovery

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/measure"
)

const (
	// Slice is the step in which requests are followed: a tenth of the shortest probe
	// interval that ships.
	Slice = 25 * time.Millisecond
	// Window is the traffic that is judged at once whether users have recovered.
	Window = measure.Resolution
)

// Ending is a time at which users may have recovered, and how likely that is.
type Ending struct {
	At     time.Duration
	Chance float64
}

// AnyPhase is how many beginnings of the windows are looked at where a fault falls anywhere into the window that goes on. A plan's
// steps begin as a window does, which showed that what they waited for is so.
const AnyPhase = 4

// Judge is when an engine calls users recovered, as drill/engine does window by window.
type Judge struct {
	Tolerated float64       // the share of requests that may end badly in a good window
	Lasting   time.Duration // windows must have been good for so long in a row
	Settled   time.Duration // and not before the router has judged what is gone
	Least     time.Duration // users are counted for so long in any case
	Phases    int           // how many beginnings of the windows are looked at
}

// Endings is when users may have recovered, in order: where the first row of good windows began that lasted. A request that hangs
// is bad when it ends: if all that ended before was good for long enough, users were called recovered by then. What ends and what
// ends badly is expected numbers of each slice. What really comes is a Poisson process: where few ask, one bad request spoils a
// window, and may come or not.
func (j Judge) Endings(ended, bad []float64) []Ending {
	chances := map[time.Duration]float64{}
	for phase := range j.Phases {
		j.walk(ended, bad, phase, func(since time.Duration, chance float64) { chances[max(since, j.Least)] += chance })
	}
	var all []Ending
	for at, chance := range chances {
		if chance > negligible {
			all = append(all, Ending{at, chance})
		}
	}
	slices.SortFunc(all, func(a, b Ending) int { return cmp.Compare(a.At, b.At) })
	return all
}

// row is a row of good windows that goes on, since the end of the last bad one, and how likely it is.
type row struct {
	since  time.Duration
	chance float64
}

// walk goes from window to window, and says of each row of good ones that is called a recovery how likely it is.
func (j Judge) walk(ended, bad []float64, phase int, recovered func(since time.Duration, chance float64)) {
	per := int(Window / Slice)
	rows := []row{{0, 1 / float64(j.Phases)}}
	for from, to := 0, per-phase*per/j.Phases; from < len(ended); from, to = to, to+per {
		to = min(to, len(ended))
		now := time.Duration(to) * Slice
		spoilt := Exceeds(sum(bad[from:to]), math.Floor(j.Tolerated*sum(ended[from:to])))
		anew, going := 0.0, rows[:0]
		for _, r := range rows {
			anew += r.chance * spoilt
			r.chance *= 1 - spoilt
			switch {
			case r.chance*float64(j.Phases) < negligible:
				anew += r.chance
			case now-r.since >= j.Lasting && now >= j.Settled:
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

// negligible is a chance that changes no percentage.
const negligible = 1e-4

// Exceeds is the chance that a Poisson process of that mean counts more than a number.
func Exceeds(mean, number float64) float64 {
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
