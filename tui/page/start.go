package page

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/layout"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// StartOutcome is what a key on the start page brought about.
type StartOutcome struct {
	Choice *Choice        // what is to be started; nil where nothing is
	Replay *JournalChoice // the journal to play back; nil where none is
	Why    string         // why what was chosen can't be started
	Pass   bool           // the key is for nothing on this page
}

// Key takes a key.
func (p *Start) Key(key string) (o StartOutcome) {
	switch key {
	case "tab", "right", "l":
		p.section = (p.section + 1) % 3
	case "shift+tab", "left", "h":
		p.section = (p.section + 2) % 3
	case "down", "j":
		p.move(1)
	case "up", "k":
		p.move(-1)
	case "enter":
		c, why := p.ready()
		if why != "" {
			return StartOutcome{Why: why}
		}
		return StartOutcome{Choice: &c}
	case "esc":
		p.section = sectionFleet
	default:
		o.Pass = true
	}
	return o
}

// ready is the choice, or why it can't be started.
func (p *Start) ready() (Choice, string) {
	f, d, on := p.fleet(), p.drills[p.at[sectionDrill]], p.on()
	switch {
	case p.Starting:
		return Choice{}, "it is being started"
	case p.machine == nil:
		return Choice{}, "still looking at what this machine can run"
	case !p.offer(on).Available:
		return Choice{}, fmt.Sprintf("%s can't run here: %s", on, p.offer(on).Why)
	case f == nil:
		return Choice{}, "there is no fleet to choose"
	case f.Err != nil:
		return Choice{}, f.Err.Error()
	case d.Err != nil:
		return Choice{}, d.Err.Error()
	}
	return Choice{On: on, Fleet: f.Name, Drill: d.Name}, ""
}

// Draw draws the page. beat is a clock for what moves before a drill has one.
func (p *Start) Draw(a canvas.Area, n keys.Now, foot Footer, beat time.Duration) {
	a.Text(1, 0, style.Brand, "fleetdrill")
	a.Fit(13, 0, a.W-14, style.Label, "lose a region on purpose, and measure what it costs")
	w := min(a.W, 110)
	// Each section has a frame; drills get what is left.
	y := 1
	if a.H >= 22 {
		y = 2
	}
	on := 2 + len(p.platforms)
	hint := 4
	room := a.H - layout.FooterHeight - y - on - hint
	fleets := min(max(len(p.fleets), 1), max(room/2-2, 1)) + 2
	drills := min(len(p.drills)+2, max(room-fleets, 3))
	p.drawSection(a.Sub(0, y, w, on), n, sectionOn, "Where", p.platformRows(n.Theme.Glyphs))
	p.drawSection(a.Sub(0, y+on, w, fleets), n, sectionFleet, "Fleet", p.fleetRows(n.Theme.Glyphs))
	p.drawSection(a.Sub(0, y+on+fleets, w, drills), n, sectionDrill, "Drill", p.drillRows())
	below := y + on + fleets + drills // on a small screen the foot has its last rows
	p.drawHint(a.Sub(2, below, w-4, min(hint, a.H-layout.FooterHeight-below)))
	if rest := y + on + fleets + drills + hint + 1; a.H-layout.FooterHeight-rest >= 8 {
		Tip(a.Sub(0, rest, w, 8), beat)
	}
	rows := a.Rows(a.H-layout.FooterHeight, layout.FooterHeight)
	if p.Starting && foot.Notice.Text == "" {
		n.Now = beat
		rows.Text(1, 0, style.Caution, n.Spinner()+" starting "+p.what)
	} else {
		foot.drawTasks(rows.Rows(0, 1), n)
	}
	g := n.Theme.Glyphs
	rows.Line(1, 1, a.W,
		canvas.S(style.Key, g.Enter), canvas.S(style.Label, " start  "), canvas.S(style.Key, "↑ ↓"), canvas.S(style.Label, " choose  "),
		canvas.S(style.Key, "tab"), canvas.S(style.Label, " next list  "), canvas.S(style.Key, "?"), canvas.S(style.Label, " keys  "),
		canvas.S(style.Key, "q"), canvas.S(style.Label, " quit"))
}

// startRow is a line of a list: a name, and what there is to say of it.
type startRow struct {
	glyph string
	name  canvas.Span
	text  []canvas.Span
	right []canvas.Span
}

func (p *Start) drawSection(a canvas.Area, n keys.Now, section int, title string, rows []startRow) {
	at := p.at[section]
	note := ""
	if len(rows) > a.H-2 {
		note = fmt.Sprintf("%d of %d", at+1, len(rows))
	}
	in := a.Box(n.Frame(p.section == section), title, note).Inset(1, 0)
	if len(rows) == 0 {
		in.Text(2, 0, style.Label, "none found")
		return
	}
	from := max(0, at-in.H+1)
	name := 0
	for _, r := range rows {
		name = max(name, canvas.Width(r.name.Text))
	}
	name = min(name, 24)
	for y := 0; y < in.H && from+y < len(rows); y++ {
		r := rows[from+y]
		if from+y == at {
			in.Text(0, y, style.Star, n.Theme.Glyphs.Pointer)
			r.name.Style.Bold = true
			if p.section == section {
				r.name.Style.Ink = style.Lead
			}
		}
		x := 2
		if r.glyph != "" {
			x = in.Text(x, y, r.name.Style, r.glyph) + 1
		}
		in.Fit(x, y, name, r.name.Style, r.name.Text)
		limit := in.W
		for i := len(r.right) - 1; i >= 0; i-- {
			limit = in.Right(limit, y, r.right[i].Style, r.right[i].Text)
		}
		in.Line(x+name+3, y, limit, r.text...)
	}
}

func (p *Start) platformRows(g style.Glyphs) []startRow {
	var rows []startRow
	for _, on := range p.platforms {
		o := p.offer(on)
		r := startRow{glyph: g.Healthy, name: canvas.S(style.Text, on)}
		switch {
		case p.machine == nil:
			r.glyph = g.Starting
			r.text = []canvas.Span{canvas.S(style.Label, "looking at this machine")}
		case !o.Available:
			r.glyph, r.name.Style = g.Down, style.Label
			r.text = []canvas.Span{canvas.S(style.Caution, o.Why)}
		default:
			r.text = offerSpans(o)
		}
		rows = append(rows, r)
	}
	return rows
}

func offerSpans(o Offer) []canvas.Span {
	spans := []canvas.Span{canvas.S(style.Text, o.What)}
	if o.Engine != "" {
		spans = append(spans, canvas.S(style.Label, " · "+o.Engine))
	}
	if o.Duration > 0 {
		spans = append(spans, canvas.S(style.Label, " · up in "), canvas.S(style.Text, "~"+format.Minutes(o.Duration)))
	}
	if o.Memory > 0 {
		spans = append(spans, canvas.S(style.Label, " · "), canvas.S(style.Text, "~"+format.Bytes(o.Memory)))
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

func (p *Start) fleetRows(g style.Glyphs) []startRow {
	var rows []startRow
	for _, f := range p.fleets {
		r := startRow{name: canvas.S(style.Text, f.Name), text: []canvas.Span{canvas.S(style.Label, f.Summary)}}
		if f.Err != nil {
			r.name.Style = style.Label
			r.text = []canvas.Span{canvas.S(style.Danger, f.Err.Error())}
		}
		if f.Running != "" {
			r.right = []canvas.Span{canvas.S(style.Fine, " "+g.Healthy+" runs on "+f.Running)}
		}
		rows = append(rows, r)
	}
	return rows
}

func (p *Start) drillRows() []startRow {
	var rows []startRow
	for _, d := range p.drills {
		name := d.Name
		if name == "" {
			name = "by hand"
		}
		r := startRow{name: canvas.S(style.Text, name), text: []canvas.Span{canvas.S(style.Label, d.Title)}}
		if d.Err != nil {
			r.name.Style = style.Label
			r.text = []canvas.Span{canvas.S(style.Danger, d.Err.Error())}
		}
		rows = append(rows, r)
	}
	return rows
}

// drawHint says what the chosen drill expects, and where the last journal is.
func (p *Start) drawHint(a canvas.Area) {
	d := p.drills[p.at[sectionDrill]]
	y := 0
	for _, l := range canvas.Wrap(d.Hypothesis, a.W) {
		if y < a.H-1 {
			a.Text(0, y, style.Text, l)
			y++
		}
	}
	// The mark is of a fleet that can be joined, as on some platforms none can.
	if f := p.fleet(); f != nil && f.Running != "" && f.Running == p.on() && p.offer(p.on()).Joins && y < a.H-1 {
		a.Fit(0, y, a.W, style.Caution, f.Name+" runs already: it is joined, and left running afterwards")
	}
	if p.Journal != "" {
		const label = "last journal  "
		a.Text(a.Text(0, a.H-1, style.Label, label), a.H-1, style.Label, canvas.CutMiddle(p.Journal, a.W-len(label)))
	}
}
