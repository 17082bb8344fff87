package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/page/start"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// key takes a key that the terminal brought: what no person pressed is left out, the rest
// goes to whoever has it.
func (m *model) key(k tea.KeyPressMsg) tea.Cmd {
	pressed, why := m.input.take(k, typing(m.dialogs.Top(), m.page(), m.start), m.keys, m.local)
	switch k.String() {
	case "ctrl+c":
		return m.stop()
	case "ctrl+z":
		// Not while a session lives in the program: regions would go on without the engine, their
		// leases would run out, and all would look affected.
		if m.start.Starting || m.live.running() || m.comparing.running() {
			m.setNotice(style.CautBold, "ctrl+z is off: users and leases run in this program, and would stop with it")
			return nil
		}
		return tea.Suspend
	}
	var cmds []tea.Cmd
	for i, k := range pressed {
		if b := m.keys.For(k.String()); i > 0 && b != nil && b.Alone() {
			why = "“" + k.String() + "” came together with esc, or with Alt, and was left out; press it alone"
			break
		}
		cmds = append(cmds, m.pressed(k))
	}
	if why != "" {
		m.setNotice(style.CautBold, why)
	}
	return tea.Sequence(cmds...)
}

// pressed gives a key to whoever has them: to the dialog on top, then to the page.
func (m *model) pressed(k tea.KeyPressMsg) tea.Cmd {
	if d := m.dialogs.Top(); d != nil {
		if why := otherLayout(k); why != "" && !d.Typing() {
			m.setNotice(style.CautBold, why)
		}
		o := d.Key(k, m.context())
		if o.Close {
			m.dialogs = m.dialogs.Without(d)
		}
		return m.chosen(o.Choice)
	}
	m.notice = page.Notice{}
	switch m.page() {
	case keys.PageStart:
		if o := m.start.Key(k); !o.Pass {
			return m.startDid(o)
		}
	case keys.PageResult:
		w, h := m.past.room(m.w, m.h)
		if taken, why := m.past.resultOr(&m.result).Key(k.String(), m.now(), w, h); taken {
			if why != "" {
				m.setNotice(style.CautBold, why)
			}
			return nil
		}
	case keys.PageDrill:
		if b := m.keys.For(k.String()); m.drill.Matrix && b != nil && b.Intent.Op == keys.MoveRegion {
			m.drill.MoveCell(m.now().State, k.String(), b.Intent.By)
			return nil
		}
	case keys.PageCompared:
		if m.comparing.page.Key(k.String(), m.now(), m.w, m.h) {
			return nil
		}
		if keys.OwnOf(k.String(), keys.PageCompared, m.now().Time()) == keys.OwnEnter {
			path, why := m.comparing.page.Replay()
			if why != "" {
				m.setNotice(style.CautBold, why)
				return nil
			}
			return m.replay(m.host, path)
		}
	}
	if b := m.keys.For(k.String()); b != nil {
		return m.press(*b)
	}
	if why := otherLayout(k); why != "" {
		m.setNotice(style.CautBold, why)
	}
	return nil
}

// typing reports whether keys are characters of a text now.
func typing(top dialog.Dialog, shown keys.Page, p start.Page) bool {
	if top != nil {
		return top.Typing()
	}
	return shown == keys.PageStart && p.Typing()
}

// startDid takes what came of a key, a click or an answer on the start page.
func (m *model) startDid(o start.Outcome) tea.Cmd {
	switch {
	case o.Choice != nil && o.Choice.Compare:
		return comparisonCmd(m.host, *o.Choice)
	case o.Choice != nil:
		return m.begin(*o.Choice)
	case o.Replay != nil:
		return m.replay(m.host, o.Replay.Path)
	case o.Why != "":
		m.setNotice(style.CautBold, o.Why)
	}
	return nil
}

// press does what a key is for, or says why it can't.
func (m *model) press(b keys.Binding) tea.Cmd {
	if why := b.Off(m.now()); why != "" {
		what := b.Name
		if sign := b.Sign(m.theme.Glyphs); sign != what && sign != "" {
			what = sign + " " + what
		}
		m.setNotice(style.CautBold, what+": "+why)
		return nil
	}
	if b.Intent.Op == keys.Act {
		return m.chosen(dialog.Want{Command: m.now().Command(b.Intent.Action)})
	}
	return do(m, b.Intent)
}

// chosen does what was chosen in a dialog.
func (m *model) chosen(choice dialog.Choice) tea.Cmd {
	switch choice.(type) {
	case dialog.Want, dialog.Send:
		// A question that was opened before is not answered to a drill of the past.
		if why := m.now().NoCommands(); m.past != nil && why != "" {
			m.dialogs = nil
			m.setNotice(style.CautBold, why)
			return nil
		}
	}
	switch c := choice.(type) {
	case dialog.Want:
		if d := dialog.Next(m.context(), c); d != nil {
			return m.open(d)
		}
		m.dialogs = nil
		return sendCmd(m.live.session, c.Command)
	case dialog.Send:
		m.dialogs = nil
		return sendCmd(m.live.session, c.Command)
	case dialog.Leave:
		m.live.stay = c.Stay
		return m.leave(c.Keep)
	case dialog.Press:
		if c.Region != "" {
			m.drill.Region = c.Region
		}
		return m.press(c.Binding)
	case dialog.Filter:
		m.drill.Find(c.Text)
	}
	return nil
}

func (m *model) quit() tea.Cmd {
	l := m.live
	switch {
	case m.past.replays():
		p := m.past
		m.past = nil
		if p.ready() {
			m.drill = p.before
		}
		if p.command {
			return tea.Quit
		}
		return nil
	case m.comparing != nil:
		return leaveComparison(m, false)
	case m.start.Starting:
		return m.stop() // a fleet may be about to be
	case !l.running():
		return tea.Quit
	case l.leaving:
		m.setNotice(style.Label, "the fleet is being taken down; ctrl+c leaves at once, “fleetdrill down” does the rest")
		return nil
	case l.state.Verdict != "":
		return m.leave(l.session.Found()) // over, and being taken down as it is, or left
	}
	return m.open(dialog.NewQuit(l.noKeep(), m.local))
}
