package result

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/measure/retry"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// drawWebTier draws what clients sent again, and how soon compute moved beside how slowly its data does; it returns the rows.
func drawWebTier(a canvas.Area, s *drill.State) (y int) {
	line := func(label string, spans ...canvas.Span) {
		a.Line(a.Text(0, y, style.Label, label), y, a.W, spans...)
		y++
	}
	if sent := retry.AttemptsEver(s); sent.Retries > 0 {
		spans := []canvas.Span{canvas.S(style.Text, format.Count(sent.Retries))}
		for _, worst := range []string{"; worst second: each sent " + format.RetriesWorst(s), "; at worst " + format.RetriesWorst(s)} {
			if format.RetriesWorst(s) != "" && canvas.Width("requests  "+spans[0].Text+worst) <= a.W {
				spans = append(spans, canvas.S(style.Label, worst))
				break
			}
		}
		line("retries   ", spans...)
	}
	if m, h, ok := measure.ComputeBesideData(s); ok {
		line("compute   ", canvas.S(style.Text, format.ComputeMoved(m)))
		line("its data  ", canvas.S(style.Text, format.Hauled(h)))
	}
	return y
}
