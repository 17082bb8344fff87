package chart

import (
	"math"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

var eighths = []string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}

// Bar is one column of a chart: two amounts, the second on top of the first.
// Known is false where nothing was measured.
type Bar struct {
	OK, Failed float64
	Known      bool
}

// Bars draws one column for each bar from the left, against a scale that ends
// at top. Any failure at all is shown, be it ever so small beside the rest; it has
// a pattern of its own, so that no colour is needed.
func Bars(a canvas.Area, bars []Bar, top float64) {
	if top <= 0 {
		return
	}
	for x, bar := range bars {
		if !bar.Known {
			continue
		}
		ok := clamp(bar.OK/top) * float64(a.H*8)
		both := clamp((bar.OK+bar.Failed)/top) * float64(a.H*8)
		failedFrom, failedTo := int(math.Floor(ok/8)), int(math.Ceil(both/8-0.01))
		if bar.Failed > 0 && failedTo <= failedFrom {
			failedTo = failedFrom + 1
		}
		if failedTo > a.H {
			failedFrom, failedTo = min(failedFrom, a.H-1), a.H
		}
		for row := range a.H {
			y := a.H - 1 - row
			switch {
			case bar.Failed > 0 && row >= failedFrom && row < failedTo:
				a.Text(x, y, style.Danger, "▒")
			case float64(row*8)+8 <= ok:
				a.Text(x, y, style.FineArea, "█")
			case float64(row*8) < ok:
				a.Text(x, y, style.FineArea, eighths[int(math.Round(ok-float64(row*8)))])
			}
		}
		if ok == 0 && bar.Failed == 0 {
			a.Text(x, a.H-1, style.Frame, "▁")
		}
	}
}

// Spark draws one row of bars, from the left.
func Spark(a canvas.Area, x, y int, bars []Bar, top float64) {
	Bars(a.Sub(x, y, len(bars), 1), bars, top)
}

// Meter draws what part of a whole something has: a line of w columns that is heavy up to share, from 0 to 1,
// and never invisible. It is by hand where Progress is bubbles', because a table draws sixty of them a frame,
// and each of those is styled text that has to be read back into cells.
func Meter(a canvas.Area, x, y, w int, share float64, st style.Style) {
	full := int(math.Round(clamp(share) * float64(w)))
	if share > 0 && full == 0 {
		full = min(1, w)
	}
	a.HLine(x, y, full, st, "━")
	a.HLine(x+full, y, w-full, style.Frame, "─")
}

var lefts = []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"}

// Gauge draws a bar in w columns that reaches from one share of them to
// another, in eighths of a column at its right end; it is never invisible.
func Gauge(a canvas.Area, x, y, w int, from, to float64, st style.Style) {
	start := int(clamp(from) * float64(w))
	start = min(start, w-1)
	end := clamp(to) * float64(w)
	drawn := false
	for i := start; i < w && float64(i) < end; i++ {
		part := min(int(math.Round((end-float64(i))*8)), 8)
		if part == 0 {
			break
		}
		a.Text(x+i, y, st, lefts[part])
		drawn = true
	}
	if !drawn && to > from && w > 0 {
		a.Text(x+start, y, st, "▏")
	}
}

func clamp(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return min(max(v, 0), 1)
}
