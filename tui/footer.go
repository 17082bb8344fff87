package tui

import (
	"time"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// failureFor is how long a failed command stays in the footer; the timeline has
// it for good.
const failureFor = 20 * time.Second

// drawFooter draws what runs, or went wrong, and below it the keys.
func (m *model) drawFooter(a canvas.Area, v pane.View) {
	m.drawTasks(a.Rows(0, 1), v)
	m.drawKeys(a.Rows(1, 1))
}

func (m *model) drawTasks(row canvas.Area, v pane.View) {
	if m.notice.text != "" {
		row.Fit(1, 0, row.W-2, m.notice.style, m.notice.text)
		return
	}
	x := 1
	s := v.State
	for _, c := range s.Commands {
		if c.Ended == nil {
			x = row.Line(x, 0, row.W-1, canvas.S(theme.CautBold, spinner(v)+" "), canvas.S(theme.Strong, c.Command.String()),
				canvas.S(theme.Label, " "+pane.Span(max(v.Now-c.Began, 0).Truncate(100*time.Millisecond)))) + 3
		}
	}
	if x > 1 {
		return
	}
	if n := len(s.Commands); n > 0 {
		c := s.Commands[n-1]
		if c.Error != "" && v.Now-*c.Ended < failureFor {
			word := " failed: "
			if c.Refused {
				word = " refused: "
			}
			row.Line(1, 0, row.W-1, canvas.S(theme.HarmBold, v.Theme.Glyphs.Failed+" "+c.Command.String()+word), canvas.S(theme.Text, c.Error), canvas.S(theme.Caution, next(c.Next)))
			return
		}
	}
	if n := len(s.Failures); n > 0 && m.live != nil && v.Now-m.live.failedAt < failureFor {
		f := s.Failures[n-1]
		row.Line(1, 0, row.W-1, canvas.S(theme.HarmBold, v.Theme.Glyphs.Failed+" "+f.Task+": "), canvas.S(theme.Text, f.Error), canvas.S(theme.Caution, next(f.Next)))
	}
}

func next(s string) string {
	if s == "" {
		return ""
	}
	return "  " + s
}

func spinner(v pane.View) string {
	s := v.Theme.Glyphs.Spinner
	if !v.Motion {
		return v.Theme.Glyphs.Pointer
	}
	return s[int(v.Now/(100*time.Millisecond))%len(s)]
}

// drawKeys offers the keys that can do something for what is wrong and for the
// focused region, then those that always can, as far as the former leave room.
func (m *model) drawKeys(row canvas.Area) {
	can := func(b *binding) bool { return b.why == nil || b.why(m) == "" }
	var spans []canvas.Span
	if m.page() == pageDrill {
		spans = append(m.keySpans(mends, can), m.keySpans(forRegion, can)...)
	}
	rest := m.restKeys(row.W-spansWidth(spans)-canvas.Width(m.region)-6, row.W >= 110, can)
	restX := max(row.W-1-spansWidth(rest), 1)
	if m.page() == pageDrill {
		x := row.Text(1, 0, theme.Strong, canvas.Cut(m.region+"  ", restX-4))
		// Keys come in pairs of key and name.
		for i := 0; i+1 < len(spans); i += 2 {
			if x+canvas.Width(spans[i].Text+spans[i+1].Text) <= restX-2 {
				x = row.Line(x, 0, restX-2, spans[i:i+2]...)
			}
		}
		row.Text(restX-2, 0, theme.Frame, "│")
	}
	row.Line(restX, 0, row.W, rest...)
}

// restKeys is the keys that always can do something: those without which nothing
// else is found, and on a wide screen of the others what has room.
func (m *model) restKeys(room int, wide bool, can func(*binding) bool) []canvas.Span {
	must := func(b *binding) bool { return can(b) && (b.show == "?" || b.show == "q" || b.show == "d") }
	room -= spansWidth(m.keySpans(always, must))
	return m.keySpans(always, func(b *binding) bool {
		if must(b) || !can(b) || !wide {
			return must(b)
		}
		w := canvas.Width(b.show + " " + b.name + "  ")
		if w > room {
			return false
		}
		room -= w
		return true
	})
}

func spansWidth(spans []canvas.Span) (w int) {
	for _, s := range spans {
		w += canvas.Width(s.Text)
	}
	return w
}

func (m *model) keySpans(where place, can func(*binding) bool) []canvas.Span {
	var spans []canvas.Span
	for i := range bindings {
		b := &bindings[i]
		if b.footer != where || !can(b) {
			continue
		}
		st := theme.Key
		if b.danger {
			st = theme.HarmBold
		}
		show := b.show
		if show == "⏎" {
			show = m.theme.Glyphs.Enter
		}
		spans = append(spans, canvas.S(st, show), canvas.S(theme.Label, " "+b.name+"  "))
	}
	return spans
}
