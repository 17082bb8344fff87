package data

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/cost"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// drawWriteLatency is what the place of the leader, and the dataset's durability, cost each population:
// the median of its writes and the slowest hundredth, or the longest of all populations where one had
// too few for that. With one dataset they are of the last sample; with several, whose writes a sample
// does not hold apart, of the drill so far. It returns the rows that it took: two where one is too short
// for all of it, and one with the medians alone where there is no second.
func drawWriteLatency(a canvas.Area, sc show.Scene, d *drill.DatasetState, y int) int {
	if y >= a.H {
		return 0
	}
	slowest, longest := "slowest 1 %", false
	for _, p := range sc.State.Populations {
		if w := writesOf(sc, d, p); w.P50 != nil && w.P99 == nil && w.Max != nil {
			slowest, longest = "longest", true
		}
	}
	label := "write latency, typical and " + slowest
	if len(sc.State.Datasets) > 1 {
		label += ", of the whole drill"
	}
	full := writeSpans(sc, d, func(w telemetry.WriteLatency) string {
		slow := w.P99
		if longest {
			slow = w.Max
		}
		if w.P50 == nil || slow == nil {
			return format.None
		}
		return fmt.Sprintf("%d/%d", w.P50.Milliseconds(), slow.Milliseconds())
	})
	switch {
	case canvas.Width(label)+2+canvas.SpansWidth(full) <= a.W:
		a.Line(0, y, a.W, append([]canvas.Span{canvas.S(style.Label, label+"  ")}, full...)...)
		return 1
	case a.H-y > 2 && !copies(sc, d):
		a.Fit(0, y, a.W, style.Label, label)
		drawWhole(a.Rows(y+1, 1), 2, full)
		return 2
	}
	typical := writeSpans(sc, d, func(w telemetry.WriteLatency) string { return format.Millis(w.P50) })
	if n := len(typical); n > 0 { // a span has its unit
		typical[n-1].Text = ""
	}
	drawWhole(a.Rows(y, 1), a.Text(0, y, style.Label, "write latency, typical  "), typical)
	return 1
}

// drawWhole draws the populations that have room from column x on, and how many have none.
func drawWhole(a canvas.Area, x int, spans []canvas.Span) {
	const each = 3 // spans a population
	rest := len(spans) / each
	for i := 0; i+1 < len(spans); i += each {
		more := ""
		if rest > 1 {
			more = fmt.Sprintf(" · %d more", rest-1)
		}
		one := spans[i:min(i+each, len(spans))]
		if x+canvas.SpansWidth(one)+canvas.Width(more) > a.W {
			a.Fit(x, 0, a.W-x, style.Label, fmt.Sprintf("%d more", rest))
			return
		}
		x = a.Line(x, 0, a.W, one...)
		rest--
	}
}

// copies reports whether the rows below are for a replica that comes back.
func copies(sc show.Scene, d *drill.DatasetState) bool {
	return slices.ContainsFunc(sc.State.Rejoins, func(r *drill.Rejoin) bool { return r.Dataset == d.Name })
}

func writeSpans(sc show.Scene, d *drill.DatasetState, text func(telemetry.WriteLatency) string) (spans []canvas.Span) {
	for i, p := range sc.State.Populations {
		after := " · "
		if i == len(sc.State.Populations)-1 {
			after = " ms"
		}
		spans = append(spans, canvas.S(style.Label, p.Spec.Name+" "), canvas.S(style.Text, fmt.Sprintf("%6s", text(writesOf(sc, d, p)))), canvas.S(style.Label, after))
	}
	return spans
}

// writesOf is the latency of a population's writes to a dataset.
func writesOf(sc show.Scene, d *drill.DatasetState, p *drill.PopulationState) telemetry.WriteLatency {
	switch {
	case p.Last == nil:
		return telemetry.WriteLatency{}
	case len(sc.State.Datasets) > 1:
		return p.Last.Datasets[d.Name]
	}
	return telemetry.WriteLatency{P50: p.Last.WriteP50, P99: p.Last.WriteP99, Max: p.Last.WriteMax}
}

// rejoinRows is what is kept below the borders for replicas that came back.
const rejoinRows = 2

// drawBorders is what of the dataset crossed from one jurisdiction into another, and
// what a cloud would charge for it: bytes are counted, the price is a model. All of
// them share a line unless there is one for each. It returns the number of lines, 0
// where the fleet has no border.
func drawBorders(a canvas.Area, sc show.Scene, d *drill.DatasetState, y int) int {
	borders := cost.EgressOf(sc.State, d.Name).Borders
	if len(borders) == 0 {
		return 0
	}
	each := len(borders) > 1 && a.H-y >= 1+len(borders)+rejoinRows
	total, priced := 0.0, true
	crossed, bytes := 0, uint64(0)
	spans := []canvas.Span{canvas.S(style.Label, "crossed borders ")}
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
	x := a.W
	if b, found := cost.BulkOf(sc.State, d); found {
		costs := price(b, total, priced)
		if !each && crossed > 1 && canvas.SpansWidth(spans)+2+canvas.Width(costs[len(costs)-1]) > a.W { // the sum matters more than the parts
			spans = []canvas.Span{spans[0], canvas.S(style.Text, format.Bytes(bytes)), canvas.S(style.Label, fmt.Sprintf(", %d ways", crossed))}
		}
		x = drawPrice(a, y, canvas.SpansWidth(spans), costs)
	}
	a.Line(0, y, x, spans...)
	if !each {
		return 1
	}
	drawEachBorder(a.Rows(y+1, len(borders)), sc, borders)
	return 1 + len(borders)
}

// drawEachBorder is a row for each border, also for one that nothing crossed: that
// is a count too, and rows do not jump when something does.
func drawEachBorder(a canvas.Area, sc show.Scene, borders []cost.Border) {
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
		if bulk, found := b.Bulk(sc.State); found {
			drawPrice(a, y, 2+name+11, price(bulk, usd, b.USD != nil))
		}
	}
}

// border names a border by the jurisdictions on both sides of it.
func border(b cost.Border) string {
	land := func(j string) string {
		if j == "" {
			return "nowhere"
		}
		return j
	}
	return land(b.From) + " → " + land(b.To)
}

// price is what moving the data costs, in several lengths: so far, where that is a cent or more, and what a
// tebibyte would.
func price(b cost.Bulk, usd float64, priced bool) []string {
	bulk := format.Bulk(b)
	switch {
	case bulk == "":
		return []string{"no price for it"}
	case priced && usd >= 0.01:
		sofar := format.Dollars(usd) + " so far"
		return []string{sofar + ", " + bulk, sofar + " (model)"}
	}
	return []string{bulk}
}

// drawPrice writes a price at the right end of a row whose text ends before column x, in the length that has
// room. It returns the column before it.
func drawPrice(a canvas.Area, y, x int, texts []string) int {
	for _, t := range texts {
		if x+2+canvas.Width(t) <= a.W {
			return a.Right(a.W, y, style.Label, t) - 1
		}
	}
	return a.W
}
