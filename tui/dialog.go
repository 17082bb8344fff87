package tui

import (
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// dialog is laid over the page and gets every key while it is open.
type dialog interface {
	// key takes a key; closed says that the dialog is done.
	key(m *model, k tea.KeyPressMsg) (closed bool, cmd tea.Cmd)
	paste(text string)
	draw(a canvas.Area, m *model, v pane.View)
}

// nothing to paste into.
type unpasted struct{}

func (unpasted) paste(string) {}

// guard keeps keys that were in flight when a dialog opened, pressed for what
// was there before, from answering it. Its choices are drawn only once they can
// be chosen, so whoever sees them can press a key.
type guard struct{ opened time.Time }

// inFlight is longer than a burst of keys that piled up, and too short for
// anybody to have read the question.
const inFlight = 150 * time.Millisecond

func (g guard) armed(now time.Time) bool { return now.Sub(g.opened) >= inFlight }

// open shows a guarded dialog, and asks for the frame that has its choices.
func (m *model) open(d dialog) tea.Cmd {
	m.dialog = d
	return tea.Tick(inFlight, func(time.Time) tea.Msg { return redrawMsg{} })
}

// over clears a box of at most w × h in the middle of the screen and frames it.
func over(a canvas.Area, w, h int, f canvas.Frame, title, note string) canvas.Area {
	w, h = min(w, a.W), min(h, a.H)
	x, y := (a.W-w)/2, max((a.H-h)/2-1, 0)
	a.Sub(x-1, y, w+2, h).Clear() // a blank on each side sets it off
	box := a.Sub(x, y, w, h)
	return box.Box(f, title, note).Inset(1, 0)
}

var (
	calmFrame   = canvas.Frame{Line: theme.FrameHot, Title: theme.TitleHot}
	dangerFrame = canvas.Frame{Line: theme.Harm, Title: theme.HarmBold, Heavy: true}
)

// button draws a choice, the focused one reversed and pointed at; it returns
// the column after it.
func button(a canvas.Area, v pane.View, x, y int, focused bool, st theme.Style, text string) int {
	mark := "  "
	if focused {
		mark = v.Theme.Glyphs.Pointer + " "
		st.Bold, st.Reverse = true, true
	}
	return a.Text(x, y, st, " "+mark+text+"  ") + 2
}

// filterDialog is the filter of the timeline; it is typed in the footer and
// takes effect as it is typed.
type filterDialog struct {
	line input
	was  string
}

func (d *filterDialog) paste(text string) { d.line.add(text) }

func (d *filterDialog) key(m *model, k tea.KeyPressMsg) (bool, tea.Cmd) {
	switch k.String() {
	case "enter":
		return true, nil
	case "esc":
		m.filter = d.was
		return true, nil
	}
	d.line.key(k)
	m.filter, m.scroll = d.line.text, 0
	return false, nil
}

func (d *filterDialog) draw(a canvas.Area, _ *model, _ pane.View) {
	row := a.Rows(a.H-2, 1)
	row.Clear()
	x := row.Text(1, 0, theme.Key, "/")
	d.line.draw(row, x, 0, a.W-30)
	row.Right(a.W-1, 0, theme.Label, "enter keeps it   esc undoes")
}

// noteDialog is a remark for the journal.
type noteDialog struct{ line input }

func (d *noteDialog) paste(text string) { d.line.add(text) }

func (d *noteDialog) key(m *model, k tea.KeyPressMsg) (bool, tea.Cmd) {
	switch k.String() {
	case "esc":
		return true, nil
	case "enter":
		if d.line.text == "" {
			return true, nil
		}
		m.say(theme.Label, "noted")
		return true, m.send(noteCommand(d.line.text))
	}
	d.line.key(k)
	return false, nil
}

func (d *noteDialog) draw(a canvas.Area, _ *model, _ pane.View) {
	in := over(a, 70, 4, calmFrame, "Note for the journal", "")
	d.line.draw(in, 0, 0, in.W)
	in.Fit(0, 1, in.W, theme.Label, "enter writes it   esc drops it")
}

// lostDialog lists lost writes, and what two authorities acknowledged at once.
type lostDialog struct {
	unpasted
	dataset    string
	scroll     int
	rows, room int // as drawn last
}

func (d *lostDialog) key(_ *model, k tea.KeyPressMsg) (bool, tea.Cmd) {
	switch k.String() {
	case "down", "j":
		d.scroll++
	case "up", "k":
		d.scroll--
	case "pgdown", "space":
		d.scroll += 10
	case "pgup":
		d.scroll -= 10
	case "home", "g":
		d.scroll = 0
	case "esc", "q", "enter":
		return true, nil
	}
	d.scroll = min(max(d.scroll, 0), max(d.rows-d.room, 0))
	return false, nil
}

func (d *lostDialog) draw(a canvas.Area, _ *model, v pane.View) {
	lost := measure.Lost(v.State, d.dataset).N
	title, note := "Acknowledged writes of "+d.dataset+" that are lost", pane.Count(lost)
	if s := v.State.Dataset(d.dataset); s != nil && len(s.Splits) > 0 {
		title, note = "Acknowledged writes of "+d.dataset+": lost, or split", pane.Count(lost)+" lost"
	}
	in := over(a, 74, min(pane.LostRows(v, d.dataset)+4, max(a.H-8, 6)), calmFrame, title, note)
	v.Scroll, d.room = d.scroll, max(in.H-1, 1)
	d.rows = pane.LostWrites(in.Sub(0, 0, in.W, in.H-1), v, d.dataset)
	in.Fit(0, in.H-1, in.W, theme.Label, "↑ ↓ scroll   esc back")
}
