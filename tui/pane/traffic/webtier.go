package traffic

import (
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/retry"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// webTierRoom is how many rows there are where one is spared for the web tiers: the chart keeps as many as it needs.
const webTierRoom = 9

// drawWebTier draws at the bottom how requests wait in front of the web tiers now, how many are shed, and how often each is sent;
// from when one was shed, or sent again, so that no row comes and goes. The rest of the area is what is left for others.
func drawWebTier(a canvas.Area, s *drill.State) canvas.Area {
	costsTable := a.H == tableRoom+len(s.Populations)
	if retry.AttemptsEver(s).Retries+retry.ShedEver(s) == 0 || a.H < webTierRoom || costsTable {
		return a
	}
	row, x := a.Rows(a.H-1, 1), 0
	part := func(label, text string, st style.Style) bool {
		spans := []canvas.Span{canvas.S(style.Label, label+" "), canvas.S(st, text)}
		if x > 0 {
			spans = append([]canvas.Span{canvas.S(style.Label, " · ")}, spans...)
		}
		fits := x+canvas.SpansWidth(spans) <= row.W
		if fits {
			x = row.Line(x, 0, row.W, spans...)
		}
		return fits
	}
	if share, known := retry.ShedNow(s); known {
		st := style.Text
		if share > 0 {
			st = style.DangerBold
		}
		part("shed", format.Percent(share), st)
	}
	if sent := format.RetriesNow(s); sent != "" && !part("each sent", sent, style.CautBold) {
		most, _, _ := strings.Cut(sent, ",")
		part("each sent", most, style.CautBold)
	}
	if queues := format.Queues(s); queues != "" {
		part("queued", queues, style.Caution)
	}
	return a.Rows(0, a.H-1)
}
