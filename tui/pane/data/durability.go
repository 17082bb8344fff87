package data

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// drawDurability draws where the dataset's durability holds writes back, or was broken:
// a line each. It returns the number of lines, 0 when all is well.
func drawDurability(a canvas.Area, sc show.Scene, d *drill.DatasetState) int {
	y := 0
	for _, b := range d.Splits {
		SplitBrain(a, 0, y, b, sc.Hints.ListLost)
		y++
	}
	if d.Waiting != nil {
		drawWaiting(a, sc, d, y)
		y++
	}
	for _, region := range d.Spec.Regions {
		if s := d.Replicas[region]; s != nil && !s.Stale && s.Error != "" {
			a.Line(0, y, a.W, canvas.S(style.Danger, region+": "+s.Error))
			y++
		}
	}
	return y
}

// SplitBrain is one line about two leaders at once: how many writes each of them confirmed. The ids are
// listed elsewhere, by the key that is named: there are far too many for a line.
func SplitBrain(a canvas.Area, x, y int, b *drill.SplitBrain, key string) {
	st, now := style.DangerBold, "SPLIT BRAIN  both take writes: "
	if b.Over {
		st, now = style.Caution, "was split, both took writes: "
	}
	side := func(region string) string { return region + " " + format.Count(len(b.Tails[region])) }
	spans := []canvas.Span{canvas.S(st, now+side(b.Old)+", "+side(b.New))}
	if listed := show.Hint("   ", key, "lists them"); len(b.Tails[b.Old])+len(b.Tails[b.New]) > 0 && x+canvas.SpansWidth(spans)+canvas.Width(listed) <= a.W {
		spans = append(spans, canvas.S(style.Label, listed))
	}
	a.Line(x, y, a.W, spans...)
}

// drawWaiting is what writes wait for, since when, and the key that gives the
// durability up for them.
func drawWaiting(a canvas.Area, sc show.Scene, d *drill.DatasetState, y int) {
	w := d.Waiting
	who, age := "writes wait for "+strings.Join(w.For, ", "), " for "+sc.Age(d.WaitingSince)
	count := ""
	if s := d.Replicas[w.Region]; s != nil && !s.Stale && s.Waiting > 0 {
		count = fmt.Sprintf(" (%s waiting)", format.Count(s.Waiting))
	}
	key := show.Hint(", ", sc.Hints.Mode, "degrades to async")
	// A digit more must not change what the line says, so its room is kept.
	room := a.W - canvas.Width(who) - max(canvas.Width(age), len(" for 59 s")) - canvas.Width(key)
	var spans []canvas.Span
	if durability := d.Spec.Durability().String() + ": "; canvas.Width(durability) <= room {
		spans = append(spans, canvas.S(style.Text, durability))
		room -= canvas.Width(durability)
	}
	spans = append(spans, canvas.S(style.CautBold, who), canvas.S(style.Text, age))
	if len(" (9,999 waiting)") <= room {
		spans = append(spans, canvas.S(style.Text, count))
	}
	a.Line(0, y, a.W, append(spans, canvas.S(style.Caution, key))...)
}
