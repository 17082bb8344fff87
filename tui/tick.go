package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/keys"
)

// The times between two frames: short while a clock runs that matters, long
// where only the drill's own does.
const (
	tickBusy  = 100 * time.Millisecond
	tickCalm  = 200 * time.Millisecond
	tickStill = 500 * time.Millisecond
)

// tick asks for the next frame while the picture changes without a key or an
// event. There is only ever one tick under way.
func (m *model) tick() tea.Cmd {
	moves := m.notice.Text != "" || m.past.moves()
	switch {
	case m.fatal != nil:
	case m.comparing != nil:
		moves = moves || m.comparing.running()
	case m.live == nil:
		moves = moves || m.past == nil && m.start.Waits()
	default:
		moves = moves || m.live.running()
	}
	if m.ticking || !moves {
		return nil
	}
	m.ticking = true
	every := tickCalm
	switch {
	case m.still:
		every = tickStill
	case m.past.replays() || m.live == nil || m.page() != keys.PageDrill || timed(m.live.state):
		every = tickBusy
	}
	return tea.Tick(every, func(time.Time) tea.Msg { return tickMsg{} })
}
