package start

import (
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

// Draw draws the page. beat is a clock for what moves before a drill has one.
func (p *Page) Draw(a canvas.Area, n keys.Now, foot page.Footer, beat time.Duration) {
	a.Text(1, 0, style.Brand, "fleetdrill")
	a.Fit(13, 0, a.W-14, style.Label, "lose a region on purpose, and measure what it costs")
	pic := picture{*p}
	body := a.Rows(top, a.H-layout.FooterHeight-top)
	sub := func(r rect) canvas.Area { return body.Sub(r.x, r.y, r.w, r.h) }
	in := pic.arrange(body.W, body.H, n)
	for s, r := range in.lists {
		pic.drawSection(sub(r), n, section(s))
	}
	pic.drawAbout(sub(in.about), n)
	page.Tip(sub(in.tip), beat)
	if f := pic.fleet(); f != nil {
		drawParts(sub(in.parts), *f)
	}
	drawKeys(sub(in.keys), n)
	pic.drawFooter(a.Rows(a.H-layout.FooterHeight, layout.FooterHeight), n, foot, beat)
}

// picture is the page as it is drawn: a copy, so that drawing changes nothing.
type picture struct{ Page }

// drawParts lists what is in a fleet.
func drawParts(a canvas.Area, f FleetChoice) {
	if a.H < 3 {
		return
	}
	in := a.Box(canvas.Frame{Line: style.Frame, Title: style.Title}, f.Name, "").Inset(1, 0)
	for i, part := range f.Parts {
		in.Fit(0, i, in.W, style.Text, part)
	}
}

// drawKeys lists what can be done once a drill runs, as far as there is room.
func drawKeys(a canvas.Area, n keys.Now) {
	if a.H < 3 {
		return
	}
	var acts []keys.Binding
	for _, b := range n.Keys {
		if b.Intent.Op == keys.Act && b.Show != "" && !b.Intent.Action.Harmless {
			acts = append(acts, b)
		}
	}
	title := "In a drill"
	if b := n.Keys.Op(keys.OpenHelp); b != nil {
		title += ", with " + b.Show + " for more"
	}
	in := a.Rows(0, min(a.H, len(acts)+2)).Box(canvas.Frame{Line: style.Frame, Title: style.Title}, title, "").Inset(1, 0)
	for i, b := range acts {
		x := max(6, in.Text(2, i, style.Key, b.Sign(n.Theme.Glyphs))+1)
		in.Fit(x, i, in.W-x, style.Text, b.Help)
	}
}

var titles = [sections]string{"Drills", "Where", "Fleets", "Last journals"}

// drawSection draws one list in its frame, scrolled so that what is selected is seen.
func (p picture) drawSection(a canvas.Area, n keys.Now, s section) {
	if a.H < 3 {
		return
	}
	a.Zone(spot{s, -1})
	focused := p.focus == s
	rows := p.lines(s, n, a.W-4)
	note := ""
	if k := p.len(s); len(rows) > a.H-2 && k > 0 {
		note = fmt.Sprintf("%d of %d", p.at[s]+1, k)
	}
	if s == journals {
		if shown := p.shownRecorded(); shown < p.recorded {
			note = fmt.Sprintf("newest %s of %s", format.Count(shown), format.Count(p.recorded))
		}
	}
	title := titles[s]
	if s == drills && (p.filtering || p.filter.Value() != "") {
		text := []rune(p.filter.Value())
		if p.filtering {
			text = slices.Insert(text, p.filter.Position(), '▏')
		}
		title += "  " + "filter: " + string(text)
	}
	in := a.Box(n.Frame(focused), title, note).Inset(1, 0)
	if len(rows) == 0 {
		in.Fit(2, 0, in.W-2, style.Label, p.empty(s))
		return
	}
	name, texts := widths(rows, in.W)
	for y, from := 0, p.scrolled(s, rows, in.H); y < in.H && from+y < len(rows); y++ {
		in.Rows(y, 1).Zone(spot{s, rows[from+y].of})
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
			text, right = max(text, canvas.SpansWidth(r.text)), max(right, canvas.SpansWidth(r.right))
		}
	}
	name = min(name, 34)
	return name, w-(2+name+2)-right-1 >= min(text, 32)
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
	switch said := foot.DrawNotice(rows); {
	case said > 1:
		return
	case said == 0 && p.Starting:
		n.Now = beat
		rows.Text(1, 0, style.Caution, n.Spinner()+" starting "+p.what)
	case said == 0:
		foot.DrawTasks(rows.Rows(0, 1), n)
	}
	var spans []canvas.Span
	add := func(press canvas.Key, show, what string) {
		spans = append(spans, canvas.S(style.Key, show).Pressing(press), canvas.S(style.Label, " "+what+"  ").Pressing(press))
	}
	switch {
	case p.filtering:
		add("enter", n.Theme.Glyphs.Enter, "keep the filter")
		add("", "↑ ↓", "choose")
		add("esc", "esc", "show all")
	default:
		verb := "start"
		if p.focus == journals {
			verb = "replay"
		}
		add("enter", n.Theme.Glyphs.Enter, verb)
		add("", "↑ ↓", "choose")
		add("tab", "tab", "next")
		for _, op := range []keys.Op{keys.EditFilter, keys.OpenHelp, keys.Quit} {
			if b := n.Keys.Op(op); b != nil {
				add(canvas.Key(b.Keys[0]), b.Sign(n.Theme.Glyphs), b.Name)
			}
		}
	}
	rows.Line(1, 1, rows.W, spans...)
}

// shownRecorded is how many of the journals in the list are of drills that were run here.
func (p picture) shownRecorded() (n int) {
	for _, j := range p.journals {
		if j.Path != "" {
			n++
		}
	}
	return n
}
