package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// View implements tea.Model. It is asked after every message, so a frame that
// nothing has changed is given again.
func (m *model) View() tea.View {
	if !m.dirty {
		return m.drawn
	}
	m.dirty = false
	m.drawn = tea.NewView(m.frame())
	m.drawn.AltScreen = true
	m.drawn.WindowTitle = m.title()
	return m.drawn
}

func (m *model) title() string {
	if m.live != nil && m.live.state.Fleet.Name != "" {
		return "fleetdrill " + m.live.state.Fleet.Name
	}
	return "fleetdrill"
}

// frame is the whole screen as text.
func (m *model) frame() string {
	c := canvas.New(m.w, m.h)
	m.draw(c.All())
	return c.String(m.theme)
}

func (m *model) draw(a canvas.Area) {
	if a.W < minW || a.H < minH {
		drawTooSmall(a)
		return
	}
	v := m.view()
	switch m.page() {
	case pageStart:
		m.drawStart(a, v)
	case pageBringUp:
		pane.BringUp(a.Rows(0, a.H-footerH), v, "brings up")
		m.drawFooter(a.Rows(a.H-footerH, footerH), v)
	case pageDrill:
		m.drawDrill(a, v)
	case pageLeaving:
		m.drawLeaving(a, v)
	case pageResult:
		v.Scroll = m.live.found
		m.live.below = pane.Result(a.Rows(0, a.H-footerH), v, m.live.session.JournalPath())
		m.drawResultFooter(a.Rows(a.H-footerH, footerH), v)
	case pageFatal:
		m.drawFatal(a, v)
	}
	if m.dialog != nil {
		if _, typed := m.dialog.(*filterDialog); !typed {
			// The header stays as it is: who is hurt is never hidden.
			header, _ := layout(v.State, a.W, a.H, m.focus, m.full)
			a.Rows(header, a.H-header).Dim()
		}
		m.dialog.draw(a, m, v)
	}
}

func drawTooSmall(a canvas.Area) {
	y := max((a.H-2)/2, 0)
	a.Center(0, y, a.W, theme.Strong, "too small")
	a.Center(0, y+1, a.W, theme.Text, fmt.Sprintf("need %d×%d", minW, minH))
	if a.H > y+2 {
		a.Center(0, y+2, a.W, theme.Label, fmt.Sprintf("is %d×%d", a.W, a.H))
	}
}

func (m *model) drawDrill(a canvas.Area, v pane.View) {
	header, panes := layout(v.State, a.W, a.H, m.focus, m.full)
	pane.Header(a.Rows(0, header), v)
	for _, p := range panes {
		area := a.Sub(p.x, p.y, p.w, p.h)
		if p.strip {
			pane.DrawStrip(area, v)
			continue
		}
		pane.Draw(p.id, area, v)
	}
	m.drawFooter(a.Rows(a.H-footerH, footerH), v)
}

func (m *model) drawLeaving(a canvas.Area, v pane.View) {
	title := "takes down"
	if m.live.keeping {
		title = "leaves running"
	}
	pane.TearDown(a.Rows(0, a.H-footerH), v, title, m.live.left)
	m.drawTasks(a.Rows(a.H-footerH, 1), v)
	a.Fit(1, a.H-1, a.W-2, theme.Label, "ctrl+c leaves at once and leaves the rest to “fleetdrill down”")
}

func (m *model) drawResultFooter(a canvas.Area, v pane.View) {
	switch {
	case m.live.session.Found():
		a.Fit(1, 0, a.W-2, theme.Label, "the fleet is left there, as it was found; “fleetdrill down” removes it")
	case !m.live.closed:
		a.Text(1, 0, theme.Caution, spinner(v)+" the fleet is being taken down")
	}
	if m.notice.text != "" {
		a.Rows(0, 1).Clear()
		a.Fit(1, 0, a.W-2, m.notice.style, m.notice.text)
	}
	spans := []canvas.Span{canvas.S(theme.Key, "q"), canvas.S(theme.Label, " quit  ")}
	if canListLost(m) == "" {
		spans = append(spans, canvas.S(theme.Key, m.theme.Glyphs.Enter), canvas.S(theme.Label, " lost writes  "))
	}
	if canChooseDataset(m) == "" {
		spans = append(spans, canvas.S(theme.Key, "d"), canvas.S(theme.Label, " next dataset  "))
	}
	if m.live.below > 0 {
		spans = append(spans, canvas.S(theme.Key, "↑↓"), canvas.S(theme.Label, " scroll  "))
	}
	a.Line(1, 1, a.W, append(spans, canvas.S(theme.Key, "?"), canvas.S(theme.Label, " keys"))...)
}

// drawFatal is a full page about an error that ended everything: what happened,
// to what, and what to do next.
func (m *model) drawFatal(a canvas.Area, v pane.View) {
	a.Text(1, 0, theme.Brand, "fleetdrill")
	a.Fit(1, 2, a.W-2, theme.HarmBold, v.Theme.Glyphs.Failed+" "+m.fatal.title)
	y := 4
	for _, l := range canvas.Wrap(m.fatal.text, a.W-4) {
		if y < a.H-5 {
			a.Text(3, y, theme.Text, l)
			y++
		}
	}
	y++
	for _, l := range canvas.Wrap(m.fatal.next, a.W-4) {
		a.Text(3, y, theme.Caution, l)
		y++
	}
	if m.live != nil {
		if path := m.live.session.JournalPath(); path != "" {
			a.Line(1, a.H-3, a.W-1, canvas.S(theme.Label, "journal  "), canvas.S(theme.Text, path))
		}
	}
	spans := []canvas.Span{canvas.S(theme.Key, "q"), canvas.S(theme.Label, " quit")}
	if m.live == nil {
		spans = append(spans, canvas.S(theme.Key, "  esc"), canvas.S(theme.Label, " start screen"))
	}
	a.Line(1, a.H-1, a.W, spans...)
}

// beat moves spinners where there is no engine's clock yet.
func (m *model) beat() time.Duration {
	return time.Duration(m.opt.Clock().UnixMilli()%60_000) * time.Millisecond
}
