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

// endings is when users may have recovered, in order: at the end of the last window of which more than so large a share ended
// badly, and not before the least. What ends and what ends badly is expected numbers of each slice. What really comes is a
// Poisson process: where few ask, one bad request spoils a window, and may come or not.
func endings(ended, bad []float64, tolerated float64, phases int, least time.Duration) []ending {
	per := int(window / slice)
	chances := map[time.Duration]float64{}
	for phase := range phases {
		left := 1 / float64(phases)
		shift := phase * per / phases
		for to := len(ended) - shift; to > 0 && left > negligible; to -= per {
			at := time.Duration(to) * slice
			if at <= least {
				break
			}
			from := max(0, to-per)
			p := exceeds(sum(bad[from:to]), math.Floor(tolerated*sum(ended[from:to])))
			chances[at] += left * p
			left *= 1 - p
		}
		chances[least] += left
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
