package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// startPage is the choice of where, which fleet and which drill.
type startPage struct {
	machine  *Machine // nil while it is being looked at
	fleets   []FleetChoice
	drills   []DrillChoice // the first is "by hand"
	section  int
	at       [3]int
	chosenOn bool // a person chose where, so that the machine's answer must not
	starting bool
	stopping bool
	giveUp   func() // ends what a start still waits for
	what     string // that is being started
}

const (
	sectionOn = iota
	sectionFleet
	sectionDrill
)

var places = []string{OnKind, OnLocal}

func newStartPage(fleets []FleetChoice, drills []DrillChoice) startPage {
	hand := DrillChoice{Title: "you press the keys", Hypothesis: "Users and data run; you break what you like and read off what it costs."}
	return startPage{fleets: fleets, drills: append([]DrillChoice{hand}, drills...), section: sectionFleet}
}

// found takes in what the machine can run. Kind is chosen where an engine
// answers, for it is the real thing.
func (p *startPage) found(machine Machine) {
	p.machine = &machine
	if !p.chosenOn && !machine.Kind.Available {
		p.at[sectionOn] = 1
	}
}

func (p *startPage) offer(on string) Offer {
	switch {
	case p.machine == nil:
		return Offer{}
	case on == OnKind:
		return p.machine.Kind
	}
	return p.machine.Local
}

func (p *startPage) lens() [3]int { return [3]int{len(places), len(p.fleets), len(p.drills)} }

func (p *startPage) fleet() *FleetChoice {
	if p.at[sectionFleet] < len(p.fleets) {
		return &p.fleets[p.at[sectionFleet]]
	}
	return nil
}

// choose moves in the section. A drill brings its fleet with it, and a fleet
// that a drill is not for takes that drill away again.
func (p *startPage) choose(by int) {
	n := p.lens()[p.section]
	if n == 0 {
		return
	}
	p.at[p.section] = (p.at[p.section] + by + n) % n
	d := p.drills[p.at[sectionDrill]]
	switch p.section {
	case sectionOn:
		p.chosenOn = true
	case sectionFleet:
		if f := p.fleet(); f != nil && d.Fleet != "" && d.Fleet != f.Name {
			p.at[sectionDrill] = 0
		}
	case sectionDrill:
		p.brings(d)
	}
}

// shows chooses in the lists what is being started, which flags may have chosen,
// and names it: a file somewhere else is in no list.
func (p *startPage) shows(c Choice) {
	p.what = c.Fleet
	for i, f := range p.fleets {
		if f.Name == c.Fleet {
			p.at[sectionFleet] = i
		}
	}
	if c.Drill == "" {
		return
	}
	p.what = c.Drill
	for i, d := range p.drills {
		if d.Name == c.Drill {
			p.at[sectionDrill] = i
			p.brings(d)
		}
	}
}

// brings chooses the fleet that a drill is for.
func (p *startPage) brings(d DrillChoice) {
	for i, f := range p.fleets {
		if d.Fleet == f.Name {
			p.at[sectionFleet] = i
		}
	}
}

// ready is the choice, or why it can't be started.
func (p *startPage) ready() (Choice, string) {
	f, d, on := p.fleet(), p.drills[p.at[sectionDrill]], places[p.at[sectionOn]]
	switch {
	case p.starting:
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

func (m *model) startKey(k tea.KeyPressMsg) tea.Cmd {
	p := &m.start
	switch k.String() {
	case "tab", "right", "l":
		p.section = (p.section + 1) % 3
	case "shift+tab", "left", "h":
		p.section = (p.section + 2) % 3
	case "down", "j":
		p.choose(1)
	case "up", "k":
		p.choose(-1)
	case "enter":
		c, why := p.ready()
		if why != "" {
			m.say(theme.CautBold, why)
			return nil
		}
		return m.begin(c)
	case "esc":
		p.section = sectionFleet
	default:
		// Only what needs no drill: help, look, quit.
		if b := bindingFor(k.String()); b != nil && (b.group == groupRest || b.group == groupLook) {
			return m.press(b)
		}
	}
	return nil
}

func (m *model) drawStart(a canvas.Area, v pane.View) {
	p := &m.start
	a.Text(1, 0, theme.Brand, "fleetdrill")
	a.Fit(13, 0, a.W-14, theme.Label, "lose a region on purpose, and measure what it costs")
	w := min(a.W, 110)
	// Each section has a frame; drills get what is left.
	y := 1
	if a.H >= 22 {
		y = 2
	}
	on := 2 + len(places)
	hint := 4
	room := a.H - footerH - y - on - hint
	fleets := min(max(len(p.fleets), 1), max(room/2-2, 1)) + 2
	drills := min(len(p.drills)+2, max(room-fleets, 3))
	m.drawSection(a.Sub(0, y, w, on), v, sectionOn, "Where", m.placeRows())
	m.drawSection(a.Sub(0, y+on, w, fleets), v, sectionFleet, "Fleet", m.fleetRows())
	m.drawSection(a.Sub(0, y+on+fleets, w, drills), v, sectionDrill, "Drill", m.drillRows())
	below := y + on + fleets + drills // on a small screen the foot has its last rows
	m.drawHint(a.Sub(2, below, w-4, min(hint, a.H-footerH-below)))
	if rest := y + on + fleets + drills + hint + 1; a.H-footerH-rest >= 8 {
		pane.Tip(a.Sub(0, rest, w, 8), m.beat())
	}
	foot := a.Rows(a.H-footerH, footerH)
	if p.starting && m.notice.text == "" {
		foot.Text(1, 0, theme.Caution, spinner(pane.View{Theme: m.theme, Motion: !m.still, Now: m.beat()})+" starting "+p.what)
	} else {
		m.drawTasks(foot.Rows(0, 1), v)
	}
	g := m.theme.Glyphs
	foot.Line(1, 1, a.W,
		canvas.S(theme.Key, g.Enter), canvas.S(theme.Label, " start  "), canvas.S(theme.Key, "↑ ↓"), canvas.S(theme.Label, " choose  "),
		canvas.S(theme.Key, "tab"), canvas.S(theme.Label, " next list  "), canvas.S(theme.Key, "?"), canvas.S(theme.Label, " keys  "),
		canvas.S(theme.Key, "q"), canvas.S(theme.Label, " quit"))
}

// startRow is a line of a list: a name, and what there is to say of it.
type startRow struct {
	glyph string
	name  canvas.Span
	text  []canvas.Span
	right []canvas.Span
}

func (m *model) drawSection(a canvas.Area, v pane.View, section int, title string, rows []startRow) {
	at := m.start.at[section]
	note := ""
	if len(rows) > a.H-2 {
		note = fmt.Sprintf("%d of %d", at+1, len(rows))
	}
	in := a.Box(v.Frame(m.start.section == section), title, note).Inset(1, 0)
	if len(rows) == 0 {
		in.Text(2, 0, theme.Label, "none found")
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
			in.Text(0, y, theme.Star, v.Theme.Glyphs.Pointer)
			r.name.Style.Bold = true
			if m.start.section == section {
				r.name.Style.Ink = theme.Lead
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

func (m *model) placeRows() []startRow {
	var rows []startRow
	for _, on := range places {
		o := m.start.offer(on)
		r := startRow{glyph: m.theme.Glyphs.Healthy, name: canvas.S(theme.Text, on)}
		switch {
		case m.start.machine == nil:
			r.glyph = m.theme.Glyphs.Starting
			r.text = []canvas.Span{canvas.S(theme.Label, "looking at this machine")}
		case !o.Available:
			r.glyph, r.name.Style = m.theme.Glyphs.Down, theme.Label
			r.text = []canvas.Span{canvas.S(theme.Caution, o.Why)}
		default:
			r.text = offerSpans(on, o)
		}
		rows = append(rows, r)
	}
	return rows
}

func offerSpans(on string, o Offer) []canvas.Span {
	what := "child processes, nothing to install"
	if on == OnKind {
		what = "real clusters"
	}
	spans := []canvas.Span{canvas.S(theme.Text, what)}
	if o.Engine != "" && on == OnKind {
		spans = append(spans, canvas.S(theme.Label, " · "+o.Engine))
	}
	if o.Duration > 0 {
		spans = append(spans, canvas.S(theme.Label, " · up in "), canvas.S(theme.Text, "~"+pane.Minutes(o.Duration)))
	}
	if o.Memory > 0 {
		spans = append(spans, canvas.S(theme.Label, " · "), canvas.S(theme.Text, "~"+pane.Bytes(o.Memory)))
		if o.MemoryFree > 0 {
			st := theme.Label
			if o.MemoryFree < o.Memory {
				st = theme.HarmBold
			}
			spans = append(spans, canvas.S(st, " of "+pane.Bytes(o.MemoryFree)+" free"))
		}
	}
	return spans
}

func (m *model) fleetRows() []startRow {
	var rows []startRow
	for _, f := range m.start.fleets {
		r := startRow{name: canvas.S(theme.Text, f.Name), text: []canvas.Span{canvas.S(theme.Label, f.Summary)}}
		if f.Err != nil {
			r.name.Style = theme.Label
			r.text = []canvas.Span{canvas.S(theme.Harm, f.Err.Error())}
		}
		if f.Running != "" {
			r.right = []canvas.Span{canvas.S(theme.Fine, " "+m.theme.Glyphs.Healthy+" runs on "+f.Running)}
		}
		rows = append(rows, r)
	}
	return rows
}

func (m *model) drillRows() []startRow {
	var rows []startRow
	for _, d := range m.start.drills {
		name := d.Name
		if name == "" {
			name = "by hand"
		}
		r := startRow{name: canvas.S(theme.Text, name), text: []canvas.Span{canvas.S(theme.Label, d.Title)}}
		if d.Err != nil {
			r.name.Style = theme.Label
			r.text = []canvas.Span{canvas.S(theme.Harm, d.Err.Error())}
		}
		rows = append(rows, r)
	}
	return rows
}

// drawHint says what the chosen drill expects, and where the last journal is.
func (m *model) drawHint(a canvas.Area) {
	d := m.start.drills[m.start.at[sectionDrill]]
	y := 0
	for _, l := range canvas.Wrap(d.Hypothesis, a.W) {
		if y < a.H-1 {
			a.Text(0, y, theme.Text, l)
			y++
		}
	}
	// Of a local fleet nothing runs on: the mark is of one that can be joined.
	if f := m.start.fleet(); f != nil && f.Running == OnKind && places[m.start.at[sectionOn]] == OnKind && y < a.H-1 {
		a.Fit(0, y, a.W, theme.Caution, f.Name+" runs already: it is joined, and left running afterwards")
	}
	if m.opt.LastJournal != "" {
		a.Line(0, a.H-1, a.W, canvas.S(theme.Label, "last journal  "), canvas.S(theme.Label, m.opt.LastJournal))
	}
}
