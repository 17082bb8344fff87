package canvas

import (
	"math"

	"github.com/fleetdrill/fleetdrill/tui/theme"
)

var eighths = []string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}

// Bar is one column of a chart: two amounts, the second on top of the first.
// Known is false where nothing was measured.
type Bar struct {
	Fine, Harm float64
	Known      bool
}

// Bars draws one column for each bar from the left, against a scale that ends
// at top. Any harm at all is shown, be it ever so small beside the rest; it has
// a pattern of its own, so that no colour is needed to tell.
func (a Area) Bars(bars []Bar, top float64) {
	if top <= 0 {
		return
	}
	for x, bar := range bars {
		if !bar.Known {
			continue
		}
		fine := clamp(bar.Fine/top) * float64(a.H*8)
		both := clamp((bar.Fine+bar.Harm)/top) * float64(a.H*8)
		harmFrom, harmTo := int(math.Floor(fine/8)), int(math.Ceil(both/8-0.01))
		if bar.Harm > 0 && harmTo <= harmFrom {
			harmTo = harmFrom + 1
		}
		if harmTo > a.H {
			harmFrom, harmTo = min(harmFrom, a.H-1), a.H
		}
		for row := range a.H {
			y := a.H - 1 - row
			switch {
			case bar.Harm > 0 && row >= harmFrom && row < harmTo:
				a.Text(x, y, theme.Harm, "▒")
			case float64(row*8)+8 <= fine:
				a.Text(x, y, theme.FineArea, "█")
			case float64(row*8) < fine:
				a.Text(x, y, theme.FineArea, eighths[int(math.Round(fine-float64(row*8)))])
			}
		}
		if fine == 0 && bar.Harm == 0 {
			a.Text(x, a.H-1, theme.Frame, "▁")
		}
	}
}

// Spark draws one row of bars, from the left.
func (a Area) Spark(x, y int, bars []Bar, top float64) {
	a.Sub(x, y, len(bars), 1).Bars(bars, top)
}

// Meter draws a line of w columns that is heavy up to share, from 0 to 1. It is
// thin so that several below each other stay apart.
func (a Area) Meter(x, y, w int, share float64, st theme.Style) {
	full := int(math.Round(clamp(share) * float64(w)))
	if share > 0 && full == 0 {
		full = min(1, w)
	}
	a.HLine(x, y, full, st, "━")
	a.HLine(x+full, y, w-full, theme.Frame, "─")
}

var lefts = []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"}

// Gauge draws a bar in w columns that reaches from one share of them to
// another, in eighths of a column at its right end; it is never invisible.
func (a Area) Gauge(x, y, w int, from, to float64, st theme.Style) {
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
