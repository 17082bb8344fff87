package pane

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// drawWriteCost is what the place of the authority, and the dataset's durability,
// cost each population: p50 and p99 of its writes, or the longest of all populations
// where one had too few for a p99. With one dataset they are of the last sample; with
// several, whose writes a sample does not hold apart, of the drill so far.
func drawWriteCost(a canvas.Area, v View, d *drill.DatasetState, y int) {
	label := "writes take "
	if len(v.State.Datasets) > 1 {
		label = "writes took "
	}
	unit := "  ms p50/p99"
	for _, p := range v.State.Populations {
		if w := writesOf(v, d, p); w.P50 != nil && w.P99 == nil && w.Max != nil {
			unit = "  ms p50/max"
		}
	}
	spans := []canvas.Span{canvas.S(style.Label, label)}
	for i, p := range v.State.Populations {
		if i > 0 {
			spans = append(spans, canvas.S(style.Label, " · "))
		}
		cost := format.None
		w := writesOf(v, d, p)
		slow := w.P99
		if strings.HasSuffix(unit, "max") {
			slow = w.Max
		}
		if w.P50 != nil && slow != nil {
			cost = fmt.Sprintf("%d/%d", w.P50.Milliseconds(), slow.Milliseconds())
		}
		spans = append(spans, canvas.S(style.Label, p.Spec.Name+" "), canvas.S(style.Text, fmt.Sprintf("%7s", cost)))
	}
	spans = append(spans, canvas.S(style.Label, unit))
	a.Line(0, y, a.W, spans...)
}

// writesOf is the latency of a population's writes to a dataset.
func writesOf(v View, d *drill.DatasetState, p *drill.PopulationState) drill.WriteLatency {
	switch {
	case p.Last == nil:
		return drill.WriteLatency{}
	case len(v.State.Datasets) > 1:
		return p.Last.Datasets[d.Name]
	}
	return drill.WriteLatency{P50: p.Last.WriteP50, P99: p.Last.WriteP99, Max: p.Last.WriteMax}
}

// rejoinRows is what is kept below the borders for replicas that came back.
const rejoinRows = 2

// drawBorders is what of the dataset crossed from one jurisdiction into another, and
// what a cloud would charge for it: bytes are counted, the price is a model. All of
// them share a line unless there is one for each. It returns the number of lines, 0
// where the fleet has no border.
func drawBorders(a canvas.Area, v View, d *drill.DatasetState, y int) int {
	borders := measure.EgressOf(v.State, d.Name).Borders
	if len(borders) == 0 {
		return 0
	}
	each := len(borders) > 1 && a.H-y >= 1+len(borders)+rejoinRows
	total, priced := 0.0, true
	crossed, bytes := 0, uint64(0)
	spans := []canvas.Span{canvas.S(style.Label, "over borders ")}
	for _, b := range borders {
		if b.USD == nil {
			priced = false
		} else {
			total += *b.USD
		}
		if b.Bytes == 0 {
			continue
		}
		crossed, bytes = crossed+1, bytes+b.Bytes
		if each {
			continue
		}
		if crossed > 1 {
			spans = append(spans, canvas.S(style.Label, " · "))
		}
		spans = append(spans, canvas.S(style.Label, border(b)+" "), canvas.S(style.Text, format.Bytes(b.Bytes)))
	}
	switch {
	case crossed == 0:
		spans = append(spans, canvas.S(style.Fine, "nothing"))
	case each:
		spans = append(spans, canvas.S(style.Text, format.Bytes(bytes)))
	}
	x := a.Right(a.W, y, style.Label, "  "+price(total, priced))
	a.Line(0, y, x-1, spans...)
	if !each {
		return 1
	}
	drawEachBorder(a.Rows(y+1, len(borders)), borders)
	return 1 + len(borders)
}

// drawEachBorder is a row for each border, also for one that nothing crossed: that
// is a count too, and rows do not jump when something does.
func drawEachBorder(a canvas.Area, borders []measure.Border) {
	name := 0
	for _, b := range borders {
		name = max(name, canvas.Width(border(b)))
	}
	name = min(name, a.W/3)
	for y, b := range borders {
		a.Fit(2, y, name, style.Label, border(b))
		text, st := format.Bytes(b.Bytes), style.Text
		if b.Bytes == 0 {
			text, st = "nothing", style.Fine
		}
		a.Right(2+name+11, y, st, text)
		usd := 0.0
		if b.USD != nil {
			usd = *b.USD
		}
		a.Right(a.W, y, style.Label, "  "+price(usd, b.USD != nil))
	}
}

// border names a border by the jurisdictions on both sides of it.
func border(b measure.Border) string {
	land := func(j string) string {
		if j == "" {
			return "nowhere"
		}
		return j
	}
	return land(b.From) + " → " + land(b.To)
}

func price(usd float64, known bool) string {
	if !known {
		return "no price for it"
	}
	return format.Dollars(usd) + " (model)"
}
