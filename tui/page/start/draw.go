package start

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
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
	switch {
	case a.W >= wideW:
		p.drawWide(body, n, foot, beat)
	case a.W >= columnsW:
		p.drawColumns(body, n, beat)
	default:
		about := min(max(body.H/3, 4), body.H/2)
		p.drawSection(body.Rows(0, body.H-about), n, p.focus)
		p.drawAbout(body.Rows(body.H-about, about), n)
	}
	p.drawFooter(a.Rows(a.H-layout.FooterHeight, layout.FooterHeight), n, foot, beat)
}

// drawColumns: drills at the left, the rest at the right, and below them what is said of the
// selected thing. Lists have what they need before that has more than its least.
func (p *Page) drawColumns(a canvas.Area, n keys.Now, beat time.Duration) {
	lists := min(p.rows+2, a.H-aboutH)
	left := max(drillsW, a.W*2/5)
	p.drawSection(a.Sub(0, 0, left, lists), n, drills)
	p.drawRight(a.Sub(left, 0, a.W-left, lists), n, nil)
	p.drawBelow(a.Rows(lists, a.H-lists), n, beat)
}

// drawBelow draws what is said of the selected thing, and where that leaves room, something worth
// reading.
func (p *Page) drawBelow(a canvas.Area, n keys.Now, beat time.Duration) {
	const tip = 7
	about := p.aboutHeight(a.W)
	if a.H-about < tip {
		about = a.H
	}
	p.drawAbout(a.Rows(0, about), n)
	page.Tip(a.Rows(about, a.H-about), beat)
}

// drawWide: drills and what is said of the selected one at the left, the rest at the right.
func (p *Page) drawWide(a canvas.Area, n keys.Now, foot page.Footer, beat time.Duration) {
	left := a.W * 11 / 20
	list := min(p.rows+2, max(a.H-aboutH-2, a.H*3/5))
	p.drawSection(a.Sub(0, 0, left, list), n, drills)
	p.drawBelow(a.Sub(0, list, left, a.H-list), n, beat)
	p.drawRight(a.Sub(left, 0, a.W-left, a.H), n, foot.Keys)
}

// drawRight gives platforms what they need, then fleets, and journals the rest. With a table of
// keys, what is in the chosen fleet stands between them, and keys below where there is room.
func (p *Page) drawRight(a canvas.Area, n keys.Now, table keys.Table) {
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

// line is a line of a list.
type line struct {
	of    int // which thing of the list it is; -1 for a heading, or what is said of the one above
	name  canvas.Span
	text  []canvas.Span
	must  bool // the text is shown however little room it has
	right []canvas.Span
}

// lines are the lines of a list that is w columns wide.
func (p *Page) lines(s section, n keys.Now, w int) []line {
	switch s {
	case platforms:
		return p.platformRows(n, w)
	case fleets:
		return p.fleetRows(n)
	case journals:
		return p.journalRows(n, w)
	}
	return p.drillRows()
}

var titles = [sections]string{"Drills", "Where", "Fleets", "Last journals"}

// none is what an empty list says.
var none = [sections]string{"no drill has that word; esc shows all", "none found", "none found", "none yet: every drill writes one"}

// drawSection draws one list in its frame, scrolled so that what is selected is seen.
func (p *Page) drawSection(a canvas.Area, n keys.Now, s section) {
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

func (p *Page) drawLine(in canvas.Area, y int, n keys.Now, r line, s section, name int, texts bool) {
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
func (p *Page) selected(s section) bool {
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
func (p *Page) scrolled(s section, rows []line, h int) int {
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

func (p *Page) drillRows() []line {
	var out []line
	for _, r := range p.list.rows {
		if r.item < 0 {
			l := line{of: -1, name: canvas.S(style.Label, r.heading)}
			if r.heading == firstHeading {
				l.name = canvas.S(style.TitleHot, p.firstWords())
			}
			out = append(out, l)
			continue
		}
		it := p.list.items[r.item]
		d := p.Drills[it.drill]
		l := line{of: r.item, name: canvas.S(style.Text, cmp.Or(d.Name, "free drill")), text: []canvas.Span{canvas.S(style.Label, d.Title)}}
		if d.Duration > 0 {
			l.right = []canvas.Span{canvas.S(style.Label, " ~"+span(d.Duration))}
		}
		switch {
		case d.Err != nil:
			l.name.Style = style.Label
			l.text, l.must = []canvas.Span{canvas.S(style.Danger, d.Err.Error())}, true
		case it.first:
			l.name.Style = style.Strong
		}
		out = append(out, l)
	}
	return out
}

// span is a time as long as a drill: seconds, or minutes.
func span(d time.Duration) string {
	if d < 90*time.Second {
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return format.Minutes(d)
}

// firstWords is the heading above what is to be done first: how long it takes with its fleet, and
// what is needed for it.
func (p *Page) firstWords() string {
	o := p.offer(p.on())
	if p.machine == nil || !o.Available || len(p.list.items) == 0 {
		return firstHeading
	}
	minutes := int(math.Ceil((p.Drills[p.list.items[0].drill].Duration + o.Duration).Minutes()))
	with := "nothing to install"
	if o.Engine != "" {
		with = "on " + o.Name
	}
	return fmt.Sprintf("%s: %s, %s", firstHeading, format.Plural(max(minutes, 1), "minute", "minutes"), with)
}

func (p *Page) platformRows(n keys.Now, w int) []line {
	g := n.Theme.Glyphs
	var out []line
	for i, on := range p.Platforms {
		o := p.offer(on)
		l := line{of: i, name: canvas.S(style.Text, g.Healthy+" "+on), must: true}
		room := w - canvas.Width(l.name.Text) - 4
		var missing []string
		switch {
		case p.machine == nil:
			l.name.Text = g.Starting + " " + on
			l.text = []canvas.Span{canvas.S(style.Label, "being looked at")}
		case !o.Available:
			l.name = canvas.S(style.Label, g.Down+" "+on)
			l.text = []canvas.Span{canvas.S(style.Label, "can't run here")}
			missing = []string{o.Why}
		default:
			l.text = needs(o, room)
			missing = shortOf(o, w)
		}
		out = append(out, l)
		const indent = "    "
		for _, m := range missing {
			for _, text := range canvas.CutLines(canvas.Wrap(m, w-len(indent)), 2, w-len(indent)) {
				out = append(out, line{of: -1, name: canvas.S(style.Caution, indent+text)})
			}
		}
	}
	return out
}

// shortOf is what a machine that can run fleets on a platform is not at ease with: in full, or by
// name where that would be cut.
func shortOf(o Offer, w int) (lines []string) {
	const inFull = 60
	if w < inFull && len(o.Missing) > 0 {
		var names []string
		for _, m := range o.Missing {
			names = append(names, m.Name)
		}
		return []string{"short of " + strings.Join(names, ", ")}
	}
	for _, m := range o.Missing {
		lines = append(lines, m.What)
	}
	return lines
}

// needs is what a fleet takes on a platform that can be had, what matters most first, as far as
// it has room: "~2 min, ~1.9 GiB of 7.7 GiB free, docker 28.5".
func needs(o Offer, room int) []canvas.Span {
	var parts []canvas.Span
	if o.Duration > 0 {
		parts = append(parts, canvas.S(style.Text, "~"+format.Minutes(o.Duration)))
	}
	if o.Memory > 0 {
		parts = append(parts, canvas.S(style.Label, "~"+format.Bytes(o.Memory)))
		if o.MemoryFree > 0 {
			st := style.Label
			if o.MemoryFree < o.Memory {
				st = style.DangerBold
			}
			parts = append(parts, canvas.S(st, format.Bytes(o.MemoryFree)+" free"))
		}
	}
	if o.Engine != "" {
		parts = append(parts, canvas.S(style.Label, o.Engine))
	} else {
		parts = append([]canvas.Span{canvas.S(style.Text, "nothing to install")}, parts...)
	}
	var out []canvas.Span
	for _, part := range parts {
		if len(out) > 0 {
			part.Text = ", " + part.Text
		}
		if room -= canvas.Width(part.Text); room < 0 {
			break
		}
		out = append(out, part)
	}
	return out
}

func (p *Page) fleetRows(n keys.Now) []line {
	var out []line
	for i, f := range p.Fleets {
		l := line{of: i, name: canvas.S(style.Text, f.Name), text: []canvas.Span{canvas.S(style.Label, f.Summary)}}
		if f.Err != nil {
			l.name.Style = style.Label
			l.text, l.must = []canvas.Span{canvas.S(style.Danger, f.Err.Error())}, true
		}
		if f.Running != "" {
			l.right = []canvas.Span{canvas.S(style.Fine, " "+n.Theme.Glyphs.Healthy+" up on "+f.Running)}
		}
		out = append(out, l)
	}
	return out
}

func (p *Page) journalRows(n keys.Now, w int) []line {
	var out []line
	for i, j := range p.Journals {
		when := j.When.Format("Jan 02 15:04")
		if j.Path == "" {
			when = "ships with it"
		}
		l := line{of: i, name: canvas.S(style.Label, when), must: true, text: []canvas.Span{canvas.S(style.Text, cmp.Or(j.Drill, "free drill"))}}
		if j.Verdict != "" {
			l.right = []canvas.Span{verdict(j.Verdict, n.Theme.Glyphs, w)}
		}
		out = append(out, l)
	}
	return out
}

// verdict is how a drill ended: a sign, and where there is room the word.
func verdict(v drill.Verdict, g style.Glyphs, w int) canvas.Span {
	const forWords = 40
	sign, st := g.Unknown, style.Label
	switch v {
	case drill.Passed:
		sign, st = g.Done, style.Fine
	case drill.Failed:
		sign, st = g.Failed, style.Danger
	}
	if w >= forWords {
		sign += " " + string(v)
	}
	return canvas.S(st, " "+sign)
}

func (p *Page) drawFooter(rows canvas.Area, n keys.Now, foot page.Footer, beat time.Duration) {
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
		add("?", "help")
		add("q", "quit")
	}
	rows.Line(1, 1, rows.W, spans...)
}
