package dialog

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// lost is the table of lost writes, and of what two authorities acknowledged at once. It is
// by hand: bubbles' table renders two screens of rows through lipgloss several times a frame,
// and a split brain of some thousand writes is to be scrolled through while the drill runs.
type lost struct {
	noText
	dataset string
	scroll  int
}

// NewLost lists the lost writes of a dataset.
func NewLost(dataset string) Dialog { return &lost{dataset: dataset} }

func (d *lost) Key(k tea.KeyPressMsg, c Context) Outcome {
	switch k.String() {
	case "esc", "q", "enter":
		return Outcome{Close: true}
	}
	rows := len(lostRows(c, d.dataset))
	room := d.room(c, rows)
	d.scroll, _ = scrolled(d.scroll, k.String(), room, rows, room)
	return Outcome{}
}

// size is that of the box for so many rows: with a frame, a heading and what the keys do.
func (d *lost) size(c Context, rows int) (w, h int) { return 88, min(rows+4, max(c.H-8, 6)) }

func (d *lost) room(c Context, rows int) int {
	_, h := c.inside(d.size(c, rows))
	return max(h-2, 1)
}

func (d *lost) Draw(a canvas.Area, c Context) {
	title := "Confirmed writes of " + d.dataset + " that are lost"
	if s := c.State.Dataset(d.dataset); s != nil && len(s.Splits) > 0 {
		title = "Confirmed writes of " + d.dataset + ": lost, or split"
	}
	rows := lostRows(c, d.dataset)
	w, h := d.size(c, len(rows))
	in := over(a, w, h, calmFrame, title, format.Count(measure.Lost(c.State, d.dataset).N)+" lost")
	lostRow{id: "write", at: "confirmed", by: "by", fate: "what became of it"}.draw(in.Rows(0, 1), style.Title, style.Title)
	room := d.room(c, len(rows))
	from := min(d.scroll, max(len(rows)-room, 0))
	to := min(from+room, len(rows))
	for i, r := range rows[from:to] {
		fate := style.Text
		if r.lost {
			fate = style.Danger
		}
		r.draw(in.Rows(1+i, 1), style.Text, fate)
	}
	in.Fit(0, in.H-1, in.W, style.Label, "↑ ↓ pgup pgdn home end scroll   esc back")
	if len(rows) > room {
		in.Right(in.W, in.H-1, style.Label, fmt.Sprintf("%s – %s of %s", format.Count(from+1), format.Count(to), format.Count(len(rows))))
	}
}

// lostRow is a write: when it was confirmed, by whom, and what became of it.
type lostRow struct {
	id, at, by, fate string
	lost             bool
}

func (r lostRow) draw(row canvas.Area, st, fate style.Style) {
	const at, by, rest = 21, 32, 52
	row.Fit(0, 0, at-1, st, r.id)
	row.Fit(at, 0, by-at-1, st, r.at)
	row.Fit(by, 0, rest-by-1, st, r.by)
	row.Fit(rest, 0, row.W-rest, fate, r.fate)
}

func lostRows(c Context, dataset string) []lostRow {
	var rows []lostRow
	lost := map[string]bool{}
	for _, l := range measure.Losses(c.State, dataset) {
		lost[l.ID] = true
		rows = append(rows, lostRow{id: l.ID, at: format.Stamp(c.State, l.Acked), by: term(l.Epoch), fate: "lost" + whenLost(l), lost: true})
	}
	d := c.State.Dataset(dataset)
	if d == nil {
		return rows
	}
	for _, b := range d.Splits {
		rows = append(rows, sideRows(b, b.Old, b.OldEpoch, b.New, lost)...)
		rows = append(rows, sideRows(b, b.New, b.NewEpoch, b.Old, lost)...)
	}
	return rows
}

// sideRows is what one side of a split brain acknowledged beside the other.
func sideRows(b *drill.SplitBrain, region string, epoch uint64, beside string, lost map[string]bool) []lostRow {
	var rows []lostRow
	for _, id := range b.Tails[region] {
		r := lostRow{id: id, at: format.None, by: region + ", " + term(epoch), fate: "beside " + beside, lost: lost[id]}
		if r.lost {
			r.fate = "lost, " + r.fate
		}
		rows = append(rows, r)
	}
	return rows
}

// term is an epoch in words; "" for none, as of an old journal.
func term(epoch uint64) string {
	if epoch == 0 {
		return ""
	}
	return format.Term(epoch)
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
