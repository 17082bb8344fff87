package fleetmap

import (
	"fmt"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Marks that say which way bytes go.
const (
	right, left, down = "▸", "◂", "▾"
	apart             = 8 // columns from one mark to the next
)

// pace is how many columns a second marks of a rate move: one, and twice as many for each
// ten times from 1 KiB/s on. It goes by steps, so that a mark does not jump whenever a rate is
// measured anew.
func pace(rate float64) int {
	columns := 1
	for at := 1024.0; at <= rate && columns < 16; at *= 10 {
		columns *= 2
	}
	return columns
}

// phase is on which of n columns the first mark of a flow stands now; in the middle where nothing is to move.
func (l Look) phase(rate float64, n int) int {
	if !l.Motion || n < 1 {
		return n / 2
	}
	return int(l.Now*time.Duration(pace(rate))/time.Second) % n
}

// drawFlow lays marks over a line of n columns from x on, in the direction in which more flows.
func drawFlow(a canvas.Area, l Look, x, y, n int, f show.Flow) {
	if !f.Known || f.Sum() <= 0 || n < 3 {
		return
	}
	step := min(apart, n)
	at := l.phase(max(f.There, f.Back), step)
	for ; at < n; at += step {
		if f.There >= f.Back {
			a.Text(x+at, y, style.Fine, right)
		} else {
			a.Text(x+n-1-at, y, style.Fine, left)
		}
	}
}

// drawLink draws the link between neighbours: its round trip, its line, and what crosses it.
func drawLink(a canvas.Area, l Look, link show.Link) {
	if !link.Linked {
		return
	}
	y := max(0, min(1, a.H-2))
	a.HLine(0, y, a.W, link.Style, link.Line)
	// It does not touch the cards: without its blank it is short enough beside the narrowest.
	rtt := show.Longest(a.W-2, []string{link.RTT, strings.ReplaceAll(link.RTT, " ", "")})
	a.Center(0, max(y-1, 0), a.W, style.Text, rtt) // in the line where that has no row of its own
	switch {
	case link.Cut:
		a.Center(0, y+1, a.W, style.Danger, "cut")
	case !link.Flow.Known:
	case a.W >= 2+len("999 KiB/s") && a.H > y+2:
		drawFlow(a, l, 0, y, a.W, link.Flow)
		a.Center(0, y+1, a.W, style.Label, right+" "+show.RateText(link.Flow.There, a.W-2))
		a.Center(0, y+2, a.W, style.Label, left+" "+show.RateText(link.Flow.Back, a.W-2))
	case y == 0:
		way := right
		if link.Flow.Back > link.Flow.There {
			way = left
		}
		a.Center(0, 1, a.W, style.Label, show.Longest(a.W, []string{way + " " + format.Rate(link.Flow.Sum()), way + " " + format.RoughRate(link.Flow.Sum()), format.RoughRate(link.Flow.Sum())}))
	default:
		drawFlow(a, l, 0, y, a.W, link.Flow)
		a.Center(0, y+1, a.W, style.Label, show.RateText(link.Flow.Sum(), a.W))
	}
}

// drawDetour draws the link of regions that are no neighbours, below the cards.
func drawDetour(a canvas.Area, l Look, from, to, y int, link show.Link) {
	a.HLine(from+1, y, to-from-1, link.Style, link.Line)
	a.Text(from, y, link.Style, "╰")
	a.Text(to, y, link.Style, "╯")
	text := link.RTT
	if link.Cut {
		text += " · cut"
	} else if f := link.Flow; f.Known {
		drawFlow(a, l, from+1, y, to-from-1, f)
		text += fmt.Sprintf(" · %s%10s · %s%10s", right, format.Rate(f.There), left, format.Rate(f.Back))
		if canvas.Width(text) > to-from-6 {
			text = link.RTT + " · " + fmt.Sprintf("%10s", format.Rate(f.Sum()))
		}
	}
	a.Center(from, y, to-from+1, style.Text, " "+text+" ")
}
