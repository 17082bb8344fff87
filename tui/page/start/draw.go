package start

import (
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/layout"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// From which width the page shows all lists at a time, and from which drills with their titles and
// all that there is to say of them below.
const (
	columnsW = 76
	wideW    = 150
)

// drillsW is as wide as the longest name of a drill that ships needs, with its time.
const drillsW = 44

// aboutH is the least height of what is said of the selected thing.
const aboutH = 6

// Draw draws the page. beat is a clock for what moves before a drill has one.
func (p *Page) Draw(a canvas.Area, n keys.Now, foot page.Footer, beat time.Duration) {
	a.Text(1, 0, style.Brand, "fleetdrill")
	a.Fit(13, 0, a.W-14, style.Label, "lose a region on purpose, and measure what it costs")
	body := a.Rows(1, a.H-layout.FooterHeight-1)
	pic := picture{*p}
	switch {
	case a.W >= wideW:
		pic.drawWide(body, n, foot, beat)
	case a.W >= columnsW:
		pic.drawColumns(body, n, beat)
	default:
		about := min(max(body.H/3, 4), body.H/2)
		pic.drawSection(body.Rows(0, body.H-about), n, p.focus)
		pic.drawAbout(body.Rows(body.H-about, about), n)
	}
	pic.drawFooter(a.Rows(a.H-layout.FooterHeight, layout.FooterHeight), n, foot, beat)
}

// picture is the page as it is drawn: a copy, so that drawing changes nothing.
type picture struct{ Page }

// drawColumns: drills at the left, the rest at the right, and below them what is said of the
// selected thing. Lists have what they need before that has more than its least.
func (p picture) drawColumns(a canvas.Area, n keys.Now, beat time.Duration) {
	lists := min(p.rows+2, a.H-aboutH)
	left := max(drillsW, a.W*2/5)
	p.drawSection(a.Sub(0, 0, left, lists), n, drills)
	p.drawRight(a.Sub(left, 0, a.W-left, lists), n, nil)
	p.drawBelow(a.Rows(lists, a.H-lists), n, beat)
}

// drawBelow draws what is said of the selected thing, and where that leaves room, something worth
// reading.
func (p picture) drawBelow(a canvas.Area, n keys.Now, beat time.Duration) {
	const tip = 7
	about := p.aboutHeight(a.W)
	if a.H-about < tip {
		about = a.H
	}
	p.drawAbout(a.Rows(0, about), n)
	page.Tip(a.Rows(about, a.H-about), beat)
}

// drawWide: drills and what is said of the selected one at the left, the rest at the right.
func (p picture) drawWide(a canvas.Area, n keys.Now, foot page.Footer, beat time.Duration) {
	left := a.W * 11 / 20
	list := min(p.rows+2, max(a.H-aboutH-2, a.H*3/5))
	p.drawSection(a.Sub(0, 0, left, list), n, drills)
	p.drawBelow(a.Sub(0, list, left, a.H-list), n, beat)
	p.drawRight(a.Sub(left, 0, a.W-left, a.H), n, foot.Keys)
}

// drawRight gives platforms what they need, then fleets, and journals the rest. With a table of
// keys, what is in the chosen fleet stands between them, and keys below where there is room.
func (p picture) drawRight(a canvas.Area, n keys.Now, table keys.Table) {
	const least = 3 // a list of one line
	on := min(len(p.lines(platforms, n, a.W-4))+2, max(a.H/2, least))
	rest := a.H - on
	fleet := min(max(len(p.Fleets), 1)+2, max(rest*3/5, least))
	last := min(max(len(p.Journals), 1)+2, max(rest-fleet, least))
	fleet = min(max(len(p.Fleets), 1)+2, rest-last)
	p.drawSection(a.Rows(0, on), n, platforms)
	y := on + fleet
	p.drawSection(a.Rows(on, fleet), n, fleets)
	if f := p.fleet(); table != nil && f != nil && p.focus != fleets {
		parts := len(f.Parts) + 2
		if parts > 2 && y+parts+last <= a.H {
			in := a.Rows(y, parts).Box(canvas.Frame{Line: style.Frame, Title: style.Title}, f.Name, "").Inset(1, 0)
			for i, part := range f.Parts {
				in.Fit(0, i, in.W, style.Text, part)
			}
			y += parts
		}
	}
	rest = a.H - y
	if below := rest - last; table != nil && below >= 6 {
		drawKeys(a.Rows(y+last, below), n, table)
		rest = last
	}
	p.drawSection(a.Rows(y, rest), n, journals)
}

// drawKeys lists what can be done once a drill runs, as far as there is room.
func drawKeys(a canvas.Area, n keys.Now, table keys.Table) {
	var acts []keys.Binding
	for _, b := range table {
		if b.Intent.Op == keys.Act && b.Show != "" && !b.Intent.Action.Harmless {
			acts = append(acts, b)
		}
	}
	in := a.Rows(0, min(a.H, len(acts)+2)).Box(canvas.Frame{Line: style.Frame, Title: style.Title}, "In a drill, with ? for more", "").Inset(1, 0)
	for i, b := range acts {
		in.Text(2, i, style.Key, b.Show)
		in.Fit(6, i, in.W-6, style.Text, b.Help)
	}
}

var titles = [sections]string{"Drills", "Where", "Fleets", "Last journals"}

// none is what an empty list says.
var none = [sections]string{"no drill has that word; esc shows all", "none found", "none found", "none yet: every drill writes one"}

// drawSection draws one list in its frame, scrolled so that what is selected is seen.
func (p picture) drawSection(a canvas.Area, n keys.Now, s section) {
	if a.H < 3 {
		return
	}
	focused := p.focus == s
	rows := p.lines(s, n, a.W-4)
	note := ""
	if k := p.len(s); len(rows) > a.H-2 && k > 0 {
		note = fmt.Sprintf("%d of %d", p.at[s]+1, k)
	}
	title := titles[s]
	if s == drills && (p.filtering || p.filter.Value() != "") {
		title += "  /" + p.filter.Value()
		if p.filtering {
			title += "▏"
		}
	}
	in := a.Box(n.Frame(focused), title, note).Inset(1, 0)
	if len(rows) == 0 {
		in.Fit(2, 0, in.W-2, style.Label, none[s])
		return
	}
	name, texts := widths(rows, in.W)
	for y, from := 0, p.scrolled(s, rows, in.H); y < in.H && from+y < len(rows); y++ {
		p.drawLine(in, y, n, rows[from+y], s, name, texts)
	}
}

// widths is how wide the names of a list are, and whether what is said beside them has room: a
// few words of each are worth less than the room they take.
func widths(rows []line, w int) (name int, texts bool) {
	text, right := 0, 0
	for _, r := range rows {
		if r.of >= 0 {
			name = max(name, canvas.Width(r.name.Text))
			text, right = max(text, width(r.text)), max(right, width(r.right))
		}
	}
	name = min(name, 34)
	return name, w-(2+name+2)-right-1 >= min(text, 32)
}

func width(spans []canvas.Span) (w int) {
	for _, s := range spans {
		w += canvas.Width(s.Text)
	}
	return w
}

func (p picture) drawLine(in canvas.Area, y int, n keys.Now, r line, s section, name int, texts bool) {
	if r.of < 0 {
		in.Fit(0, y, in.W, r.name.Style, r.name.Text)
		return
	}
	st := r.name.Style
	if r.of == p.at[s] && p.selected(s) {
		in.Text(0, y, style.Star, n.Theme.Glyphs.Pointer)
		st.Bold = true
		if p.focus == s {
			st.Ink = style.Lead
		}
	}
	in.Fit(2, y, name, st, r.name.Text)
	limit := in.W
	for i := len(r.right) - 1; i >= 0; i-- {
		limit = in.Right(limit, y, r.right[i].Style, r.right[i].Text)
	}
	if len(r.text) > 0 && (texts || r.must) {
		in.Line(2+name+2, y, limit-1, r.text...)
	}
}

// selected reports whether something of a list is chosen now: not a drill that the chosen fleet
// is none for, nor a fleet where the drill's own is in no list.
func (p picture) selected(s section) bool {
	switch s {
	case drills:
		return p.unfit == ""
	case fleets:
		return !p.elsewhere
	}
	return true
}

// scrolled is the first line that is shown of a list, so that what is selected is seen, with the
// heading above it.
func (p picture) scrolled(s section, rows []line, h int) int {
	at := max(slices.IndexFunc(rows, func(r line) bool { return r.of == p.at[s] }), 0)
	first := at
	if first > 0 && rows[first-1].of < 0 {
		first--
	}
	if len(rows) <= h || at < h {
		return 0
	}
	// In the middle, so that what comes next is seen too.
	return min(first, at-h/2, len(rows)-h)
}

func (p picture) drawFooter(rows canvas.Area, n keys.Now, foot page.Footer, beat time.Duration) {
	if p.Starting && foot.Notice.Text == "" {
		n.Now = beat
		rows.Text(1, 0, style.Caution, n.Spinner()+" starting "+p.what)
	} else {
		foot.DrawTasks(rows.Rows(0, 1), n)
	}
	var spans []canvas.Span
	add := func(key, what string) {
		spans = append(spans, canvas.S(style.Key, key), canvas.S(style.Label, " "+what+"  "))
	}
	switch {
	case p.filtering:
		add(n.Theme.Glyphs.Enter, "keep the filter")
		add("↑ ↓", "choose")
		add("esc", "show all")
	default:
		verb := "start"
		if p.focus == journals {
			verb = "replay"
		}
		add(n.Theme.Glyphs.Enter, verb)
		add("↑ ↓", "choose")
		add("tab", "next")
		add("/", "filter")
		add("?", "keys")
		add("q", "quit")
	}
	rows.Line(1, 1, rows.W, spans...)
}
