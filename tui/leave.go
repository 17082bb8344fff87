package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/page/result"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// stop begins an orderly quit; the second time it quits at once.
func (m *model) stop() tea.Cmd {
	l := m.live
	switch {
	case m.comparing != nil:
		return leaveComparison(m, true)
	case l == nil && m.start.Starting && !m.start.Stopping:
		// A session may be about to be: end it as soon as it is there.
		m.start.Stopping = true
		m.start.GiveUp()
		return nil
	case !l.running():
		m.forced = m.start.Starting
		return tea.Quit
	case l.leaving:
		m.forced = true
		return tea.Quit
	}
	l.stopped = true
	return m.leave(l.session.Found())
}

// leave begins to end the session. The screen stays until that is done; then it goes on to what comes
// next, or the program ends.
func (m *model) leave(keep bool) tea.Cmd {
	if m.live.running() {
		m.dialogs, m.past = nil, nil
		return m.live.leave(keep)
	}
	if m.live == nil || m.live.next == nil || m.live.stopped {
		return tea.Quit
	}
	n := m.live.next
	m.live, m.past, m.result, m.dialogs, m.fatal = nil, nil, result.Page{}, nil, nil
	m.drill = page.Drill{Focus: pane.Fleet}
	m.start = newStart(m.host, m.opt) // a fleet may have been left up, and a journal was written
	m.dirty = true
	cmds := []tea.Cmd{lookCmd(m.ctx, m.host)}
	if n.choice != nil {
		cmds = append(cmds, m.begin(*n.choice))
	}
	return tea.Batch(append(cmds, m.tick())...)
}
