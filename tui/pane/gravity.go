package pane

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// drawWriteCost is what the place of the authority, and the promise of the mode,
// cost each population: p50 and p99 of its writes. With one dataset they are of the
// last sample; with several, whose writes a sample does not tell apart, of the drill so far.
func drawWriteCost(a canvas.Area, v View, d *drill.DatasetState, y int) {
	alone := len(v.State.Datasets) == 1
	label := "writes take "
	if !alone {
		label = "writes took "
	}
	spans := []canvas.Span{canvas.S(theme.Label, label)}
	for i, p := range v.State.Populations {
		if i > 0 {
			spans = append(spans, canvas.S(theme.Label, " · "))
		}
		cost := none
		if p.Last != nil {
			p50, p99 := p.Last.WriteP50, p.Last.WriteP99
			if !alone {
				w := p.Last.Datasets[d.Name]
				p50, p99 = w.P50, w.P99
			}
			if p50 != nil && p99 != nil {
				cost = fmt.Sprintf("%d/%d", p50.Milliseconds(), p99.Milliseconds())
			}
		}
		spans = append(spans, canvas.S(theme.Label, p.Spec.Name+" "), canvas.S(theme.Text, fmt.Sprintf("%7s", cost)))
	}
	spans = append(spans, canvas.S(theme.Label, "  ms p50/p99"))
	a.Line(0, y, a.W, spans...)
}

// drawBorders is what of the dataset crossed from one jurisdiction into another, and
// what a cloud would charge for it: bytes are counted, the price is a model. It
// returns the number of lines, 0 where the fleet has no border.
func drawBorders(a canvas.Area, v View, d *drill.DatasetState, y int) int {
	borders := v.State.Borders(d.Name)
	if len(borders) == 0 {
		return 0
	}
	land := func(j string) string {
		if j == "" {
			return "nowhere"
		}
		return j
	}
	total, priced := 0.0, true
	crossed := 0
	spans := []canvas.Span{canvas.S(theme.Label, "over borders ")}
	for _, b := range borders {
		if b.USD == nil {
			priced = false
		} else {
			total += *b.USD
		}
		if b.Bytes == 0 {
			continue
		}
		if crossed > 0 {
			spans = append(spans, canvas.S(theme.Label, " · "))
		}
		crossed++
		spans = append(spans, canvas.S(theme.Label, land(b.From)+" → "+land(b.To)+" "), canvas.S(theme.Text, Bytes(int64(b.Bytes))))
	}
	if crossed == 0 {
		spans = append(spans, canvas.S(theme.Fine, "nothing"))
	}
	price := "  no price for it"
	if priced {
		price = "  " + dollars(total) + " (model)"
	}
	x := a.Right(a.W, y, theme.Label, price)
	a.Line(0, y, x-1, spans...)
	return 1
}

// dollars is a modelled price in cents, since a bill has nothing finer.
func dollars(usd float64) string {
	switch {
	case usd <= 0:
		return "~$0"
	case usd < 0.01:
		return "under $0.01"
	}
	return fmt.Sprintf("~$%.2f", usd)
}
