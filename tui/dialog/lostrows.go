package dialog

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// lostRow is a heading, or a write with what is known of it.
type lostRow struct {
	heading string
	id      string
	about   []canvas.Span
}

func lostRows(v pane.View, dataset string) []lostRow {
	var rows []lostRow
	lost := map[string]bool{}
	for _, l := range measure.Losses(v.State, dataset) {
		lost[l.ID] = true
		rows = append(rows, lostRow{id: l.ID, about: []canvas.Span{canvas.S(style.Label, "confirmed "),
			canvas.S(style.Text, format.Stamp(v.State, l.Acked)), canvas.S(style.Label, whenLost(l))}})
	}
	d := v.State.Dataset(dataset)
	if d == nil || len(d.Splits) == 0 {
		return rows
	}
	if len(rows) > 0 {
		rows = append([]lostRow{{heading: "lost: " + format.Count(len(rows))}}, rows...)
	}
	for _, b := range d.Splits {
		rows = append(rows, sideRows(b, b.Old, b.OldEpoch, b.New, lost)...)
		rows = append(rows, sideRows(b, b.New, b.NewEpoch, b.Old, lost)...)
	}
	return rows
}

// sideRows is what one side of a split brain acknowledged beside the other.
func sideRows(b *drill.SplitBrain, region string, epoch uint64, beside string, lost map[string]bool) []lostRow {
	ids := b.Tails[region]
	rows := []lostRow{{heading: fmt.Sprintf("confirmed by %s, %s, beside %s: %s", region, format.Term(epoch), beside, format.Count(len(ids)))}}
	for _, id := range ids {
		r := lostRow{id: id}
		if lost[id] {
			r.about = []canvas.Span{canvas.S(style.Danger, "lost")}
		}
		rows = append(rows, r)
	}
	return rows
}

// whenLost is how long before the fault that lost it a write was acknowledged, or after
// it, where a cut-off authority went on.
func whenLost(l measure.Loss) string {
	switch {
	case l.By == nil || l.By.Failover == nil:
		return ""
	case l.Acked > l.By.Began:
		return fmt.Sprintf(", %s after the fault", format.Span(l.Acked-l.By.Began))
	}
	return fmt.Sprintf(", %s before the fault", format.Span(l.By.Began-l.Acked))
}
