package traffic

import (
	"cmp"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// drawPopulations is a row a population: how long its requests take, how many fail, and how many were answered lately.
func drawPopulations(a canvas.Area, sc show.Scene) {
	name := 0
	for _, p := range sc.State.Populations {
		name = min(max(name, canvas.Width(p.Spec.Name)), 12)
	}
	// The longest of too few requests for a p99 is written with how many they are.
	wide, narrow := [3]int{name + 7, name + 24, name + 32}, [3]int{name + 7, name + 18, name + 28}
	cols, full := wide, true
	if sparks := a.W - 2 - sparkLeast; a.W < wide[2] || sparks >= narrow[2] && sparks < wide[2] {
		cols, full = narrow, false
	}
	a.Right(cols[0], 0, style.Label, "p50")
	a.Right(cols[1], 0, style.Label, "p99")
	a.Right(cols[2], 0, style.Label, "failing")
	again := againWidth(a.W-cols[2]-2, sc.State)
	if again > 0 {
		a.Right(cols[2]+again, 0, style.Label, "back in")
	}
	spark := min(a.W-cols[2]-again-2, sparkMost)
	if spark >= sparkLeast {
		seconds := fmt.Sprintf("%d s", (spark-sparkNumber)/2)
		a.Right(a.W, 0, style.Label, show.Longest(spark+1, []string{"answers/s, last " + seconds, "answers/s, " + seconds, "last " + seconds}))
	}
	for i, p := range sc.State.Populations {
		y := i + 1
		a.Fit(0, y, name, style.Text, p.Spec.Name)
		if p.Last == nil {
			a.Right(cols[0], y, style.Label, format.None)
			continue
		}
		a.Right(cols[0], y, style.Text, format.Millis(p.Last.P50))
		slowest, short := show.Slowest(p.Last.P99, p.Last.Max, p.Last.LatencyN)
		if !full {
			slowest = short
		}
		a.Right(cols[1], y, slowStyle(p.Last), slowest)
		failing, st := format.None, style.Label
		if now := measure.AffectedAmong(p); now.Known {
			failing = format.Percent(now.Share)
			if now.Affected > 0 {
				st = style.DangerBold
			}
		}
		a.Right(cols[2], y, st, failing)
		if again > 0 {
			drawAgain(a.Sub(cols[2], y, again, 1), measure.ServedAgainLast(sc.State, p.Spec.Name))
		}
		if spark >= sparkLeast {
			drawSpark(a.Sub(a.W-spark, y, spark, 1), sc, p)
		}
	}
}

// againColumns is what a span takes that may be a lower bound, and a gap before it.
const againColumns = 10

// againWidth is how wide the column is of how soon each population was served again: nothing before a fault was measured, and
// where it leaves less than a sparkline of the room.
func againWidth(room int, s *drill.State) int {
	if room < sparkLeast+againColumns || !measure.ServedAgainLast(s, "").Known {
		return 0
	}
	return againColumns
}

// drawAgain writes how soon a population was served again.
func drawAgain(a canvas.Area, took measure.Span) {
	text, st := format.ShortLeast(took), style.Text
	switch {
	case took.Known && took.D == 0 && !took.AtLeast:
		text, st = "all along", style.Label
	case took.AtLeast:
		st = style.Caution
	}
	a.Right(a.W, 0, st, text)
}

// slowStyle marks a population whose slowest requests count as slow.
func slowStyle(p *telemetry.Population) style.Style {
	slowest := cmp.Or(p.P99, p.Max)
	if slowest != nil && p.Slow != nil && *slowest > *p.Slow {
		return style.CautBold
	}
	return style.Text
}

// A sparkline is of the last samples, two a second, and ends in the number of its last second.
const sparkLeast, sparkMost, sparkNumber = 14, 40, 4

// drawSpark draws a population's last samples, answered and failed, against what it asks for, with the
// answers of the last one as a number.
func drawSpark(a canvas.Area, sc show.Scene, p *drill.PopulationState) {
	bars := a.Sub(0, 0, a.W-sparkNumber, 1)
	history := p.Recent
	if len(history) > bars.W {
		history = history[len(history)-bars.W:]
	}
	columns, top := make([]chart.Bar, bars.W), 1.0
	for i, s := range history {
		columns[bars.W-len(history)+i] = chart.Bar{OK: float64(s.OK), Failed: float64(s.Failed), Known: true}
		top = max(top, float64(s.OK+s.Failed))
	}
	chart.Spark(bars, 0, 0, columns, top)
	for _, point := range p.Series.Points[max(0, len(p.Series.Points)-1):] {
		if ok, _, known := point.PerSecond(); known {
			a.Right(a.W, 0, style.Label, fmt.Sprintf("%.0f", ok))
		}
	}
}
