package page

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/estimate"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/pane"
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
	// FailedAt is the engine's clock at the last failure of a task.
	FailedAt time.Duration
}

// Draw draws both rows.
func (f Footer) Draw(a canvas.Area, n keys.Now) {
	switch f.DrawNotice(a) {
	case 0:
		f.DrawTasks(a.Rows(0, 1), n)
		fallthrough
	case 1:
		drawKeys(a.Rows(1, 1), n)
	}
}

// DrawNotice draws what a key brought about, which may be longer than a row: what to do instead stands at
// its end. It returns the rows that it took, 0 where there is nothing to say.
func (f Footer) DrawNotice(a canvas.Area) (rows int) {
	if f.Notice.Text == "" {
		return 0
	}
	lines := canvas.CutLines(canvas.Wrap(f.Notice.Text, a.W-2), a.H, a.W-2)
	a.Rows(0, len(lines)).Clear()
	for y, l := range lines {
		a.Text(1, y, f.Notice.Style, l)
	}
	return len(lines)
}

// DrawTasks draws what runs, or went wrong.
func (f Footer) DrawTasks(row canvas.Area, n keys.Now) {
	v := n.View
	x := 1
	s := v.State
	for _, c := range s.Commands {
		if c.Ended == nil {
			x = drawTask(row, x, v, c) + 3
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

// drawTask draws a command that is under way, with a bar where it is known about how long it takes; it returns where it ends.
func drawTask(row canvas.Area, x int, v pane.View, c *drill.CommandState) int {
	x = row.Line(x, 0, row.W-1, canvas.S(style.CautBold, v.Spinner()+" "), canvas.S(style.Strong, c.Command.String())) + 1
	ran := max(v.Now-c.Began, 0).Truncate(100 * time.Millisecond)
	w, is := estimate.OfCommand(v.State, c)
	e, known := estimate.Of(v.State, w)
	if !is || !known {
		return row.Fit(x, 0, row.W-1-x, style.Label, format.Span(ran))
	}
	text := e.Beside(ran)
	if x+taskBarW+1+canvas.Width(text) < row.W {
		chart.Progress(row.Sub(x, 0, taskBarW, 1), e.Share(ran), style.Caution)
		x += taskBarW + 1
	}
	return row.Fit(x, 0, row.W-1-x, style.Label, text)
}

// taskBarW is as wide as a bar beside a command is.
const taskBarW = 10

func next(s string) string {
	if s == "" {
		return ""
	}
	return "  " + s
}

// drawKeys offers the keys that can do something for what is wrong and for the
// focused region, then those that always can, as far as the former leave room. It is by
// hand because bubbles' short help cuts off what stands last, whatever that is.
func drawKeys(row canvas.Area, n keys.Now) {
	can := func(b keys.Binding) bool { return b.Off(n) == "" }
	var spans []canvas.Span
	drill := n.Page == keys.PageDrill
	if drill {
		spans = append(keySpans(n, keys.Mends, can), keySpans(n, keys.ForRegion, can)...)
	}
	rest := restKeys(n, row.W-canvas.SpansWidth(spans)-canvas.Width(n.Region)-6, row.W >= 110, can)
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
// else is found, and on a wide screen of the others what has room. What pauses is in the line above
// of what is paused or replayed, where it says what it does there.
func restKeys(n keys.Now, room int, wide bool, can func(keys.Binding) bool) []canvas.Span {
	must := func(b keys.Binding) bool {
		return can(b) && (b.Intent.Op == keys.OpenHelp || b.Intent.Op == keys.Quit || b.Intent.Op == keys.NextDataset)
	}
	room -= canvas.SpansWidth(keySpans(n, keys.Always, must))
	return keySpans(n, keys.Always, func(b keys.Binding) bool {
		if must(b) || !can(b) || !wide || b.Intent.Op == keys.Pause && n.Past != nil {
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

// pressing is a key and what it does; a click on either presses it, by its name.
func pressing(name string, st style.Style, show, does string) []canvas.Span {
	return []canvas.Span{canvas.S(st, show).Pressing(canvas.Key(name)), canvas.S(style.Label, does).Pressing(canvas.Key(name))}
}

// KeyOf is the key of one of the screen's own and what it does; none where it has no key.
func KeyOf(n keys.Now, b *keys.Binding, does string) []canvas.Span {
	if b == nil || b.Show == "" {
		return nil
	}
	return pressing(b.Keys[0], style.Key, b.Sign(n.Theme.Glyphs), does)
}

func keySpans(n keys.Now, where keys.Place, can func(keys.Binding) bool) []canvas.Span {
	var spans []canvas.Span
	for _, b := range n.Keys {
		if b.Place != where || b.Show == "" || !can(b) {
			continue
		}
		st := style.Key
		if b.Danger {
			st = style.DangerBold
		}
		spans = append(spans, pressing(b.Keys[0], st, b.Sign(n.Theme.Glyphs), " "+b.Name+"  ")...)
	}
	return spans
}
