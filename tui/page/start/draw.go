package start

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/layout"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// From where the page shows more than one list at a time, and from where what is said of the
// selected thing stands below the drills and not below all.
const (
	columnsW = 76
	besideW  = 110
)

// aboutH is the least height of what is said of the selected thing.
const aboutH = 6

// Draw draws the page. beat is a clock for what moves before a drill has one.
func (p *Page) Draw(a canvas.Area, n keys.Now, foot page.Footer, beat time.Duration) {
	a.Text(1, 0, style.Brand, "fleetdrill")
	a.Fit(13, 0, a.W-14, style.Label, "lose a region on purpose, and measure what it costs")
	body := a.Rows(1, a.H-layout.FooterHeight-1)
	switch {
	case a.W >= besideW:
		p.drawBeside(body, n, beat)
	case a.W >= columnsW:
		about := max(body.H/3, aboutH)
		p.drawColumns(body.Rows(0, body.H-about), n)
		p.drawAbout(body.Rows(body.H-about, about), n)
	default:
		about := min(max(body.H/3, 4), body.H/2)
		p.drawSection(body.Rows(0, body.H-about), n, p.focus)
		p.drawAbout(body.Rows(body.H-about, about), n)
	}
	p.drawFooter(a.Rows(a.H-layout.FooterHeight, layout.FooterHeight), n, foot, beat)
}

// drawBeside: drills and what is said of the selected thing at the left, the rest at the right.
func (p *Page) drawBeside(a canvas.Area, n keys.Now, beat time.Duration) {
	left := a.W * 11 / 20
	list := min(len(p.list.rows)+2, max(a.H-aboutH-2, a.H*3/5))
	p.drawSection(a.Sub(0, 0, left, list), n, drills)
	p.drawAbout(a.Sub(0, list, left, a.H-list), n)
	p.drawRight(a.Sub(left, 0, a.W-left, a.H), n, beat)
}

// drawColumns: drills at the left, the rest at the right.
func (p *Page) drawColumns(a canvas.Area, n keys.Now) {
	left := max(a.W*11/20, min(44, a.W))
	p.drawSection(a.Sub(0, 0, left, a.H), n, drills)
	p.drawRight(a.Sub(left, 0, a.W-left, a.H), n, 0)
}

// drawRight gives platforms what they need, then fleets, and journals the rest. Where that is
// more than there are journals, something worth reading has it.
func (p *Page) drawRight(a canvas.Area, n keys.Now, beat time.Duration) {
	const least = 3 // a list of one line
	on := min(len(p.platformRows(n, a.W-4))+2, max(a.H/2, least))
	rest := a.H - on
	fleet := min(max(len(p.Fleets), 1)+2, max(rest*3/5, least))
	last := min(max(len(p.Journals), 1)+2, rest-fleet)
	fleet = min(max(len(p.Fleets), 1)+2, rest-last)
	p.drawSection(a.Rows(0, on), n, platforms)
	p.drawSection(a.Rows(on, fleet), n, fleets)
	tip := rest - fleet - last
	if tip >= 4 {
		p.drawSection(a.Rows(on+fleet, last), n, journals)
		page.Tip(a.Rows(on+fleet+last, tip), beat)
		return
	}
	p.drawSection(a.Rows(on+fleet, rest-fleet), n, journals)
}

// line is a line of a list.
type line struct {
	of    int // which thing of the list it is; -1 for a heading, or what is said of the one above
	name  canvas.Span
	text  []canvas.Span
	right []canvas.Span
}

func (p *Page) lines(s section, n keys.Now, w int) []line {
	switch s {
	case platforms:
		return p.platformRows(n, w)
	case fleets:
		return p.fleetRows(n)
	case journals:
		return p.journalRows()
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
	name := 0
	for _, r := range rows {
		if r.of >= 0 {
			name = max(name, canvas.Width(r.name.Text))
		}
	}
	name = min(name, 34)
	for y, from := 0, p.scrolled(s, rows, in.H); y < in.H && from+y < len(rows); y++ {
		p.drawLine(in, y, n, rows[from+y], s, name)
	}
}

func (p *Page) drawLine(in canvas.Area, y int, n keys.Now, r line, s section, name int) {
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
	if room := limit - (2 + name + 2); len(r.text) > 0 && room > 0 {
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
			st := style.Label
			if r.heading == firstHeading {
				st = style.TitleHot
			}
			out = append(out, line{of: -1, name: canvas.S(st, r.heading)})
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
			l.text = []canvas.Span{canvas.S(style.Danger, d.Err.Error())}
		case it.first:
			l.name.Style = style.Strong
			l.text = []canvas.Span{canvas.S(style.Text, p.firstWords())}
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

// firstWords says what the drill that is to be done first needs.
func (p *Page) firstWords() string {
	o := p.offer(p.on())
	if p.machine == nil || o.What == "" {
		return "a good drill to begin with"
	}
	return fmt.Sprintf("on %s: %s", o.Name, o.What)
}

func (p *Page) platformRows(n keys.Now, w int) []line {
	g := n.Theme.Glyphs
	var out []line
	for i, on := range p.Platforms {
		o := p.offer(on)
		l := line{of: i, name: canvas.S(style.Text, g.Healthy+" "+on)}
		var missing []string
		switch {
		case p.machine == nil:
			l.name.Text = g.Starting + " " + on
			l.text = []canvas.Span{canvas.S(style.Label, "looking at this machine")}
		case !o.Available:
			l.name = canvas.S(style.Label, g.Down+" "+on)
			l.text = []canvas.Span{canvas.S(style.Label, "can't run here")}
			missing = []string{o.Why}
		default:
			l.text = needs(o)
			for _, m := range o.Missing {
				missing = append(missing, m.What)
			}
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

// needs is what a fleet takes on a platform that can be had: "docker 28.5, up in ~2 min, ~1.9 GiB".
func needs(o Offer) []canvas.Span {
	spans := []canvas.Span{canvas.S(style.Text, cmp.Or(o.Engine, o.What))}
	if o.Duration > 0 {
		spans = append(spans, canvas.S(style.Label, ", up in ~"+format.Minutes(o.Duration)))
	} else {
		spans = append(spans, canvas.S(style.Label, ", up at once"))
	}
	if o.Memory > 0 {
		spans = append(spans, canvas.S(style.Label, ", ~"+format.Bytes(o.Memory)))
		if o.MemoryFree > 0 {
			st := style.Label
			if o.MemoryFree < o.Memory {
				st = style.DangerBold
			}
			spans = append(spans, canvas.S(st, " of "+format.Bytes(o.MemoryFree)+" free"))
		}
	}
	return spans
}

func (p *Page) fleetRows(n keys.Now) []line {
	var out []line
	for i, f := range p.Fleets {
		l := line{of: i, name: canvas.S(style.Text, f.Name), text: []canvas.Span{canvas.S(style.Label, f.Summary)}}
		if f.Err != nil {
			l.name.Style = style.Label
			l.text = []canvas.Span{canvas.S(style.Danger, f.Err.Error())}
		}
		if f.Running != "" {
			l.right = []canvas.Span{canvas.S(style.Fine, " "+n.Theme.Glyphs.Healthy+" up on "+f.Running)}
		}
		out = append(out, l)
	}
	return out
}

func (p *Page) journalRows() []line {
	var out []line
	for i, j := range p.Journals {
		when := j.When.Format("Jan 02 15:04")
		if j.Path == "" {
			when = "ships with it"
		}
		l := line{of: i, name: canvas.S(style.Label, when), text: []canvas.Span{canvas.S(style.Text, cmp.Or(j.Drill, "free drill"))}}
		if j.Verdict != "" {
			l.right = []canvas.Span{canvas.S(style.Label, " "+string(j.Verdict))}
		}
		out = append(out, l)
	}
	return out
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
		add("tab", "next list")
		add("/", "filter")
		add("?", "keys")
		add("q", "quit")
	}
	rows.Line(1, 1, rows.W, spans...)
}
