package dialog

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// help shows every key of the table.
type help struct {
	noText
	scroll int
}

// NewHelp shows every key of the table.
func NewHelp() Dialog { return &help{} }

func (d *help) Key(k tea.KeyPressMsg, c Context) Outcome {
	switch k.String() {
	case "esc", "q", "?", "enter":
		return Outcome{Close: true}
	}
	l := layHelp(c)
	d.scroll, _ = scrolled(min(d.scroll, max(l.rows-l.room, 0)), k.String(), l.room, l.rows, l.room)
	return Outcome{}
}

// helpLayout is what help shows, in one column or two, and how much of it is seen.
type helpLayout struct {
	left, right []helpLine
	wide        bool
	w, h        int // of the box
	rows, room  int
}

func layHelp(c Context) helpLayout {
	l := helpLayout{left: helpLines(c.Keys, keys.GroupRegion, keys.GroupData, keys.GroupProgram), wide: c.W >= 116}
	l.right = append(append(helpLines(c.Keys, keys.GroupLook), mouseLines()...), signLines(c.Theme.Glyphs)...)
	l.rows, l.w = len(l.left)+1+len(l.right), min(c.W, 84)
	if l.wide {
		l.rows, l.w = max(len(l.left), len(l.right)), min(c.W, 120)
	}
	l.h = min(l.rows+3, c.H)
	_, h := c.inside(l.w, l.h)
	l.room = max(h-1, 1)
	return l
}

// helpLine is a heading, a key, or a line about signs.
type helpLine struct {
	heading string
	key     *keys.Binding
	sign    []canvas.Span
}

func helpLines(t keys.Table, groups ...string) []helpLine {
	var lines []helpLine
	for i, group := range groups {
		if i > 0 {
			lines = append(lines, helpLine{})
		}
		lines = append(lines, helpLine{heading: group})
		for b := range t {
			// The panes' digits have one line; what has no key is in the palette.
			if t[b].Group == group && t[b].Show != "" && (t[b].Show < "2" || t[b].Show > "8") {
				lines = append(lines, helpLine{key: &t[b]})
			}
		}
	}
	return lines
}

func mouseLines() []helpLine {
	does := func(what, text string) helpLine { return helpLine{key: &keys.Binding{Show: what, Help: text}} }
	return []helpLine{
		{}, {heading: "Mouse"},
		does("click", "select a region, pane or row; press a button"), does("wheel", "scroll"),
		does("shift", "and drag: select text (on a Mac fn or option)"),
	}
}

func signLines(g style.Glyphs) []helpLine {
	sign := func(st style.Style, glyph, text string) helpLine {
		return helpLine{sign: []canvas.Span{canvas.S(st, glyph), canvas.S(style.Text, "  "+text)}}
	}
	return []helpLine{
		{}, {heading: "Signs"},
		sign(style.FineBold, g.Healthy, "healthy"), sign(style.CautBold, g.Degraded, "degraded: some of its web tier is not ready"),
		sign(style.CautBold, g.Cordoned, "cordoned: takes no users, no work"), sign(style.Frozen, g.Frozen, "frozen: connections hang"),
		sign(style.DangerBold, g.Down, "down"), sign(style.Star, g.Star, "authority, with its epoch"), sign(style.CautBold, g.Syncing, "catches up"),
		sign(style.Caution, "~", "predicted, not measured"), sign(style.Label, "–", "nothing measured"),
	}
}

func (d *help) Draw(a canvas.Area, c Context) {
	l := layHelp(c)
	in := over(a, l.w, l.h, calmFrame, "Keys", "")
	scroll := min(d.scroll, max(l.rows-l.room, 0))
	body := in.Sub(0, 0, in.W, in.H-1)
	if l.wide {
		half := body.W / 2
		drawHelp(body.Sub(0, 0, half-1, body.H), l.left, scroll)
		drawHelp(body.Sub(half+1, 0, body.W-half-1, body.H), l.right, scroll)
	} else {
		drawHelp(body, append(append(l.left, helpLine{}), l.right...), scroll)
	}
	foot := "esc back"
	if l.rows > l.room {
		foot = "↑ ↓ scroll   esc back"
	}
	in.Fit(0, in.H-1, in.W, style.Label, foot)
}

func drawHelp(a canvas.Area, lines []helpLine, scroll int) {
	for y, l := range lines[min(scroll, len(lines)):] {
		if y >= a.H {
			return
		}
		switch {
		case l.heading != "":
			a.Text(0, y, style.Title, l.heading)
		case l.key != nil:
			show, text := l.key.Show, l.key.Help
			if show == "1" {
				show, text = "1 – 8", "a pane, in the order of tab"
			}
			st := style.Key
			if l.key.Danger {
				st = style.DangerBold
			}
			a.Right(9, y, st, show)
			a.Fit(11, y, a.W-11, style.Text, text)
		case len(l.sign) > 0:
			a.Line(8, y, a.W, l.sign...)
		}
	}
}
