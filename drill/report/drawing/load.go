package drawing

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/curve"
)

// Load is a population's requests a second as SVG draws them: the failed ones stand on the answered.
type Load struct {
	Title      string
	W, H       int
	L, R, T, B int
	OK, Failed []string // polygons
	Marks      []Mark
	Ticks      []Tick
	Levels     []Tick
	// From and Until are where the plot begins and ends, in seconds of the engine's clock.
	From, Until float64
}

const loadH = 130

// LoadOf lays a load out, from a time to a time of the engine's clock; zero is what its ticks count from.
func LoadOf(l curve.Load, marks []curve.Mark, from, until, zero time.Duration) Load {
	d := Load{Title: l.Population, W: drawnW, H: loadH, L: edgeL, R: drawnW - edgeR, T: edgeT, B: loadH - edgeB, From: from.Seconds(), Until: until.Seconds()}
	span := max(until-from, time.Second)
	x := func(t time.Duration) float64 { return edgeL + float64(t-from)/float64(span)*float64(d.R-d.L) }
	top := math.Max(1, l.Most())
	y := func(rate float64) float64 { return float64(d.B) - rate/top*float64(d.B-d.T) }
	var run []curve.Rate
	end := func() {
		if len(run) > 0 {
			d.OK = append(d.OK, polygon(run, l.Width, x, y, func(r curve.Rate) (low, high float64) { return 0, r.OK }))
			d.Failed = append(d.Failed, polygon(run, l.Width, x, y, func(r curve.Rate) (low, high float64) { return r.OK, r.OK + r.Failed }))
		}
		run = nil
	}
	for _, p := range l.Points {
		if !p.Known {
			end()
			continue
		}
		run = append(run, p)
	}
	end()
	for _, m := range marks {
		if m.At >= from && m.At <= until {
			d.Marks = append(d.Marks, Mark{x(m.At), format.Clock(m.At-zero) + ": " + format.CurveMark(m)})
		}
	}
	step := 5 * time.Second
	for span/step > 8 {
		step *= 2
	}
	for t := zero - (zero-from)/step*step; t <= until; t += step {
		if t >= from {
			d.Ticks = append(d.Ticks, Tick{x(t), format.Clock(t - zero)})
		}
	}
	for _, rate := range []float64{0, top} {
		d.Levels = append(d.Levels, Tick{y(rate), fmt.Sprintf("%.0f/s", rate)})
	}
	return d
}

// polygon is the area between two heights over points that follow one another, each as long as it was measured.
func polygon(run []curve.Rate, width time.Duration, x func(time.Duration) float64, y func(float64) float64, of func(curve.Rate) (low, high float64)) string {
	var upper, lower []string
	for _, p := range run {
		low, high := of(p)
		a, b := x(p.At), x(p.At+width)
		upper = append(upper, fmt.Sprintf("%.1f,%.1f %.1f,%.1f", a, y(high), b, y(high)))
		lower = append(lower, fmt.Sprintf("%.1f,%.1f %.1f,%.1f", b, y(low), a, y(low)))
	}
	for i, j := 0, len(lower)-1; i < j; i, j = i+1, j-1 {
		lower[i], lower[j] = lower[j], lower[i]
	}
	return strings.Join(upper, " ") + " " + strings.Join(lower, " ")
}
