package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/layout"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// View implements tea.Model. It is asked after every message, so it gives the
// frame that Update drew last.
func (m *model) View() tea.View {
	v := tea.NewView(m.drawn)
	v.AltScreen = true
	// Terminals that can say which key of a Latin layout was pressed together with Ctrl.
	v.KeyboardEnhancements.ReportAlternateKeys = true
	// Clicks, the wheel, and what is dragged; with shift a terminal selects text as ever.
	v.MouseMode = tea.MouseModeCellMotion
	v.WindowTitle = "fleetdrill"
	if s, _ := m.shown(); s != nil && s.Fleet.Name != "" {
		v.WindowTitle += " " + s.Fleet.Name
	}
	return v
}

// frame is the whole screen. It changes nothing.
func (m *model) frame() *canvas.Canvas {
	c := canvas.New(m.w, m.h, m.theme)
	m.draw(c.All())
	return c
}

func (m *model) draw(a canvas.Area) {
	if a.W < layout.MinW || a.H < layout.MinH {
		drawTooSmall(a)
		return
	}
	n := m.now()
	if n.Past != nil {
		t := m.tape(n.Past)
		t.Draw(a, n)
		a = t.Body(a)
	}
	foot := page.Footer{Notice: m.notice, FailedAt: failedAt(n.State)}
	switch n.Page {
	case keys.PageStart:
		m.start.Draw(a, n, foot, beat(m.local))
	case keys.PageBringUp:
		page.BringUp(a, n, foot)
	case keys.PageDrill:
		m.drill.Draw(a, n, foot)
	case keys.PageLeaving:
		m.live.page.Draw(a, n, foot)
	case keys.PageResult:
		m.past.resultOr(&m.result).Draw(a, n, foot)
	case keys.PageCompared:
		m.comparing.page.Draw(a, n, foot)
	case keys.PageReading:
		page.Reading(a, n, foot, beat(m.local))
	case keys.PageFatal:
		m.fatal.Draw(a, n, foot)
	}
	if d := m.dialogs.Top(); d != nil {
		if !dialog.InFooter(d) {
			// The header stays as it is: who is affected is never hidden.
			header := layout.Header(a.W, a.H)
			a.Rows(header, a.H-header).Dim()
			a.Zone(nil)
		}
		d.Draw(a, m.context())
	}
}

func drawTooSmall(a canvas.Area) {
	y := max((a.H-2)/2, 0)
	a.Center(0, y, a.W, style.Strong, "too small")
	a.Center(0, y+1, a.W, style.Text, fmt.Sprintf("need %d×%d", layout.MinW, layout.MinH))
	if a.H > y+2 {
		a.Center(0, y+2, a.W, style.Label, fmt.Sprintf("is %d×%d", a.W, a.H))
	}
}

// beat moves spinners where there is no engine's clock yet.
func beat(local time.Time) time.Duration {
	return time.Duration(local.UnixMilli()%60_000) * time.Millisecond
}
