package page

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// FailureFor is how long a failed command stays in the footer; the timeline has
// it for good.
const FailureFor = 20 * time.Second

// Notice is a line in the footer that a key brought about.
type Notice struct {
	Text  string
	Style style.Style
	Until time.Time
}

// Footer is what runs, or went wrong, and below it the keys.
type Footer struct {
	Notice Notice
	Keys   keys.Table
	// FailedAt is the engine's clock at the last failure of a task.
	FailedAt time.Duration
}

// Draw draws both rows.
func (f Footer) Draw(a canvas.Area, n keys.Now) {
	f.DrawTasks(a.Rows(0, 1), n)
	f.drawKeys(a.Rows(1, 1), n)
}

// DrawTasks draws what runs, or went wrong.
func (f Footer) DrawTasks(row canvas.Area, n keys.Now) {
	if f.Notice.Text != "" {
		row.Fit(1, 0, row.W-2, f.Notice.Style, f.Notice.Text)
		return
	}
	v := n.View
	x := 1
	s := v.State
	for _, c := range s.Commands {
		if c.Ended == nil {
			x = row.Line(x, 0, row.W-1, canvas.S(style.CautBold, v.Spinner()+" "), canvas.S(style.Strong, c.Command.String()),
				canvas.S(style.Label, " "+format.Span(max(v.Now-c.Began, 0).Truncate(100*time.Millisecond)))) + 3
		}
	}
	if x > 1 {
		return
	}
	if k := len(s.Commands); k > 0 {
		c := s.Commands[k-1]
		if c.Error != "" && v.Now-*c.Ended < FailureFor {
			row.Line(1, 0, row.W-1, canvas.S(style.DangerBold, v.Theme.Glyphs.Failed+" "+c.Command.String()+" "+show.FailedWord(c)+": "), canvas.S(style.Text, c.Error), canvas.S(style.Caution, next(c.Next)))
			return
		}
	}
	if k := len(s.Failures); k > 0 && v.Now-f.FailedAt < FailureFor {
		failed := s.Failures[k-1]
		row.Line(1, 0, row.W-1, canvas.S(style.DangerBold, v.Theme.Glyphs.Failed+" "+failed.Task+": "), canvas.S(style.Text, failed.Error), canvas.S(style.Caution, next(failed.Next)))
	}
}

func next(s string) string {
	if s == "" {
		return ""
	}
	return "  " + s
}

// drawKeys offers the keys that can do something for what is wrong and for the
// focused region, then those that always can, as far as the former leave room. It is by
// hand because bubbles' short help cuts off what stands last, whatever that is.
func (f Footer) drawKeys(row canvas.Area, n keys.Now) {
	can := func(b keys.Binding) bool { return b.Off(n) == "" }
	var spans []canvas.Span
	drill := n.Page == keys.PageDrill
	if drill {
		spans = append(f.keySpans(n, keys.Mends, can), f.keySpans(n, keys.ForRegion, can)...)
	}
	rest := f.restKeys(n, row.W-canvas.SpansWidth(spans)-canvas.Width(n.Region)-6, row.W >= 110, can)
	restX := max(row.W-1-canvas.SpansWidth(rest), 1)
	if drill {
		x := row.Text(1, 0, style.Strong, canvas.Cut(n.Region+"  ", restX-4))
		// Keys come in pairs of key and name.
		for i := 0; i+1 < len(spans); i += 2 {
			if x+canvas.Width(spans[i].Text+spans[i+1].Text) <= restX-2 {
				x = row.Line(x, 0, restX-2, spans[i:i+2]...)
			}
		}
		row.Text(restX-2, 0, style.Frame, "│")
	}
	row.Line(restX, 0, row.W, rest...)
}

// restKeys is the keys that always can do something: those without which nothing
// else is found, and on a wide screen of the others what has room.
func (f Footer) restKeys(n keys.Now, room int, wide bool, can func(keys.Binding) bool) []canvas.Span {
	must := func(b keys.Binding) bool {
		return can(b) && (b.Intent.Op == keys.OpenHelp || b.Intent.Op == keys.Quit || b.Intent.Op == keys.NextDataset)
	}
	room -= canvas.SpansWidth(f.keySpans(n, keys.Always, must))
	return f.keySpans(n, keys.Always, func(b keys.Binding) bool {
		if must(b) || !can(b) || !wide {
			return must(b)
		}
		w := canvas.Width(b.Show + " " + b.Name + "  ")
		if w > room {
			return false
		}
		room -= w
		return true
	})
}

func (f Footer) keySpans(n keys.Now, where keys.Place, can func(keys.Binding) bool) []canvas.Span {
	var spans []canvas.Span
	for _, b := range f.Keys {
		if b.Place != where || b.Show == "" || !can(b) {
			continue
		}
		st := style.Key
		if b.Danger {
			st = style.DangerBold
		}
		show := b.Show
		if show == "⏎" {
			show = n.Theme.Glyphs.Enter
		}
		spans = append(spans, canvas.S(st, show).Pressing(canvas.Key(b.Keys[0])), canvas.S(style.Label, " "+b.Name+"  "))
	}
	return spans
}
