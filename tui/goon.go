package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// What goes on from the result of a drill.

type (
	// earlierMsg is the last run of the same drill.
	earlierMsg struct {
		recording Recording
		err       error
	}
	reportMsg struct {
		path string
		err  error
	}
)

// goOn does what a key of the result page asks for.
func (m *model) goOn(op keys.Op) tea.Cmd {
	path, host := m.result.Journal, m.host
	switch op {
	case keys.Again:
		return m.then(&m.choice)
	case keys.NextDrill:
		return m.then(m.nextChoice())
	case keys.ToStart:
		return m.then(nil)
	case keys.Compare:
		return func() tea.Msg { r, err := host.Earlier(path); return earlierMsg{r, err} }
	case keys.SaveReport:
		return func() tea.Msg { to, err := host.SaveReport(path); return reportMsg{to, err} }
	case keys.CopyPath:
		m.setNotice(style.Label, "copied, if this terminal lets programs copy (OSC 52): "+path)
		return tea.SetClipboard(path)
	}
	return nil
}

// nextChoice is the drill that follows in the list, where the last one ran; nil after the last. After a
// drill by hand that is the first.
func (m *model) nextChoice() *Choice {
	d, found := m.start.Next(m.choice.Drill)
	if !found {
		return nil
	}
	return &Choice{On: m.live.state.On, Fleet: d.Fleet, Drill: d.Name}
}

// then ends the session as q does, and then begins what was chosen, or with nil goes back to the start.
func (m *model) then(c *Choice) tea.Cmd {
	m.live.next = &next{}
	if c != nil {
		again := *c
		again.On = m.live.state.On
		m.live.next.choice = &again
	}
	if m.live.running() {
		return m.leave(m.live.session.Found())
	}
	return m.onwards()
}

// next is what comes after a session: a choice, or the start page.
type next struct{ choice *Choice }

// onwards leaves a session that is over for what comes next.
func (m *model) onwards() tea.Cmd {
	c := m.live.next.choice
	m.live, m.result, m.dialogs, m.fatal = nil, page.Result{}, nil, nil
	m.drill = page.Drill{Focus: pane.Fleet}
	m.newStart() // a fleet may have been left up, and a journal was written
	m.dirty = true
	machine := machineCmd(m.ctx, m.host)
	if c == nil {
		return tea.Batch(machine, m.tick())
	}
	return tea.Batch(m.begin(*c), machine, m.tick())
}

// compared opens the comparison with an earlier run.
func (m *model) compared(msg earlierMsg) tea.Cmd {
	if m.page() != keys.PageResult {
		return nil // who asked has gone on
	}
	if msg.err != nil {
		m.setNotice(style.CautBold, msg.err.Error())
		return nil
	}
	before := drill.NewState()
	for _, e := range msg.recording.Events {
		before.Apply(e)
	}
	return m.open(dialog.NewCompare(before))
}

// reported says where the report was written.
func (m *model) reported(msg reportMsg) {
	if msg.err != nil {
		m.setNotice(style.DangerBold, fmt.Sprintf("the report was not written: %s", msg.err))
		return
	}
	m.setNotice(style.Label, "report written to "+msg.path)
}
