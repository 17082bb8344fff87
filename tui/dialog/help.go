package dialog

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/layout"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// help shows the keys, those that are for something on this page before the others, and what the
// words of the pane in focus mean. Where both have no room beside each other, tab turns from
// the one to the other. It is by hand because bubbles' help has no headings, no words and no signs.
type help struct {
	noText
	scroll int
	words  bool // the words are seen, where there is room for one
}

// NewHelp shows the keys and the words.
func NewHelp() Dialog { return &help{} }

func (d *help) Key(k tea.KeyPressMsg, c Context) Outcome {
	switch k.String() {
	case "esc", "q", "enter":
		return Outcome{Close: true}
	case "tab", "shift+tab":
		d.words, d.scroll = !d.words, 0
		return Outcome{}
	}
	l := d.lay(c)
	var scrolls bool
	if d.scroll, scrolls = scrolled(min(d.scroll, max(l.rows-l.room, 0)), k.String(), l.room, l.rows, l.room); !scrolls && c.is(k, keys.OpenHelp) {
		return Outcome{Close: true}
	}
	return Outcome{}
}

// helpLayout is what help shows, in one column or two, and how much of it is seen.
type helpLayout struct {
	columns    [][]helpLine
	w, h       int // of the box
	rows, room int
}

// helpWide is from which width on keys and words stand beside each other.
const helpWide = 116

func (d *help) lay(c Context) helpLayout {
	own, other := ownFirst(c)
	left := append(groupLines(append(keys.OfPage(c.Page), own...)), mouseLines()...)
	if len(other) > 0 {
		left = append(append(left, helpLine{}, helpLine{heading: "Not on this page"}), keyLines(other)...)
	}
	var l helpLayout
	switch {
	case c.W >= helpWide:
		l.w = min(c.W, 124)
		l.columns = [][]helpLine{left, append(wordLines(c.Now, l.w/2-4), signLines(c.Theme.Glyphs)...)}
	case d.words:
		l.w = min(c.W, 84)
		l.columns = [][]helpLine{append(wordLines(c.Now, l.w-6), signLines(c.Theme.Glyphs)...)}
	default:
		l.w = min(c.W, 84)
		l.columns = [][]helpLine{left}
	}
	for _, column := range l.columns {
		l.rows = max(l.rows, len(column))
	}
	l.h = min(l.rows+3, c.H-layout.Header(c.W, c.H)-layout.FooterHeight)
	_, h := c.inside(l.w, l.h)
	l.room = max(h-1, 1)
	return l
}

// ownFirst parts the keys: those that are for something on this page, and those that are for
// others, which say so.
func ownFirst(c Context) (own, other keys.Table) {
	for _, b := range c.Keys {
		if b.Elsewhere(c.Now) {
			other = append(other, b)
		} else {
			own = append(own, b)
		}
	}
	return own, other
}

// helpLine is a heading, a key, or a line of text.
type helpLine struct {
	heading string
	key     *keys.Binding
	spans   []canvas.Span
	indent  int
}

// groupLines are keys below the headings of their groups, in the order of the table.
func groupLines(t keys.Table) []helpLine {
	var groups []string
	for _, b := range t {
		if !slices.Contains(groups, b.Group) {
			groups = append(groups, b.Group)
		}
	}
	var lines []helpLine
	for i, group := range groups {
		if i > 0 {
			lines = append(lines, helpLine{})
		}
		lines = append(lines, helpLine{heading: group})
		lines = append(lines, keyLines(slices.DeleteFunc(slices.Clone(t), func(b keys.Binding) bool { return b.Group != group }))...)
	}
	return lines
}

// keyLines are keys, a line each. The panes have one line where all have their digits; what has
// no key is in the palette.
func keyLines(t keys.Table) []helpLine {
	var lines []helpLine
	digits := paneDigits(t)
	for i := range t {
		in := t[i].Intent
		switch {
		case t[i].Show == "" || digits && in.Op == keys.ShowPane && in.Pane != pane.First:
		case digits && in.Op == keys.ShowPane:
			lines = append(lines, helpLine{key: &keys.Binding{Show: fmt.Sprintf("%d – %d", pane.First, pane.Last), Help: "show one of the panes"}})
		default:
			lines = append(lines, helpLine{key: &t[i]})
		}
	}
	return lines
}

// paneDigits reports whether each pane has the digit of its place.
func paneDigits(t keys.Table) bool {
	for _, b := range t {
		if b.Intent.Op == keys.ShowPane && b.Show != fmt.Sprint(int(b.Intent.Pane)) {
			return false
		}
	}
	return true
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
		return helpLine{spans: []canvas.Span{canvas.S(st, glyph), canvas.S(style.Text, "  "+text)}, indent: 2}
	}
	return []helpLine{
		{heading: "Signs"},
		sign(style.FineBold, g.Healthy, "healthy"), sign(style.CautBold, g.Degraded, "degraded: a part of it is gone or not ready"),
		sign(style.CautBold, g.Cordoned, "cordoned (evacuated): takes no users, no work"), sign(style.Frozen, g.Frozen, "frozen: connections hang"),
		sign(style.DangerBold, g.Down, "down, or not to be reached"), sign(style.Star, g.Star, "leads a dataset"), sign(style.CautBold, g.Syncing, "copies what it missed"),
		sign(style.Caution, "~", "predicted, not measured"), sign(style.Label, "–", "nothing measured"),
	}
}

func (d *help) Draw(a canvas.Area, c Context) {
	l := d.lay(c)
	title := "Keys"
	if len(l.columns) > 1 {
		title = "Keys and words"
	} else if d.words {
		title = "Words"
	}
	// Between header and footer: who is hurt, and what a key came to, stay to be seen.
	header := layout.Header(a.W, a.H)
	in := over(a.Rows(header, a.H-header-layout.FooterHeight), l.w, l.h, calmFrame, title, "")
	scroll := min(d.scroll, max(l.rows-l.room, 0))
	body := in.Sub(0, 0, in.W, in.H-1)
	each := body.W / len(l.columns)
	for i, column := range l.columns {
		drawHelp(body.Sub(i*each, 0, each-1, body.H), column, scroll)
	}
	foot := "esc back"
	if len(l.columns) == 1 && !d.words {
		foot = "tab what the words mean   " + foot
	} else if len(l.columns) == 1 {
		foot = "tab keys   " + foot
	}
	if l.rows > l.room {
		foot = "↑ ↓ scroll   " + foot
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
			st := style.Key
			if l.key.Danger {
				st = style.DangerBold
			}
			a.Right(9, y, st, l.key.Sign(a.Look().Glyphs))
			a.Fit(11, y, a.W-11, style.Text, l.key.Help)
		case len(l.spans) > 0:
			a.Line(l.indent, y, a.W, l.spans...)
		}
	}
}
