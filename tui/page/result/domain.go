package result

import (
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/domain"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// drawByDomain is whom the worst fault affected in each domain, side by side from a column on, in as many rows as that takes.
func drawByDomain(a canvas.Area, from int, domains []domain.Users) (rows int) {
	x := from
	for _, d := range domains {
		if !d.Known {
			continue
		}
		share, of := format.Percent(d.Share), " of "+d.In.String()
		if w := canvas.Width(share + of); x > from && x+w > a.W {
			x, rows = from, rows+1
		}
		x = a.Line(x, rows, a.W, canvas.S(style.Text, share), canvas.S(style.Label, of)) + 3
	}
	if x > from {
		rows++
	}
	return rows
}
