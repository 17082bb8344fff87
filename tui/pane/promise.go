package pane

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// drawPromise tells where the mode's promise holds writes back, or was broken:
// a line each. It returns the number of lines, 0 when all is well.
func drawPromise(a canvas.Area, v View, d *drill.DatasetState) int {
	y := 0
	for _, b := range d.Splits {
		st, now := theme.HarmBold, "SPLIT BRAIN"
		if b.Over {
			st, now = theme.Caution, "was split"
		}
		a.Line(0, y, a.W, canvas.S(st, now+"  "+tailText(b, b.Old, b.OldEpoch)+" | "+tailText(b, b.New, b.NewEpoch)))
		y++
	}
	if w := d.Waiting; w != nil {
		count := unknown
		if s := d.Replicas[w.Region]; s != nil && !s.Stale {
			count = Count(int64(s.Waiting))
		}
		a.Line(0, y, a.W, canvas.S(theme.CautBold, "writes wait for "+strings.Join(w.For, ", ")), canvas.S(theme.Text, fmt.Sprintf("  (%s waiting)", count)))
		y++
	}
	for _, region := range d.Spec.Regions {
		if s := d.Replicas[region]; s != nil && !s.Stale && s.Error != "" {
			a.Line(0, y, a.W, canvas.S(theme.Harm, region+": "+s.Error))
			y++
		}
	}
	return y
}

// tailText is what one side of a split brain acknowledged, with its first ids.
func tailText(b *drill.SplitBrain, region string, epoch uint64) string {
	ids := b.Tails[region]
	text := fmt.Sprintf("%s epoch %d: %d", region, epoch, len(ids))
	if len(ids) > 0 {
		text += " " + strings.Join(ids[:min(2, len(ids))], " ")
	}
	return text
}
