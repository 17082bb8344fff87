package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/page/start"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// key takes a key that the terminal brought: what no person pressed is left out, the rest
// goes to whoever has it.
func (m *model) key(k tea.KeyPressMsg) tea.Cmd {
	pressed, why := m.input.take(k, typing(m.dialogs.Top(), m.page(), m.start), m.local)
	switch k.String() {
	case "ctrl+c":
		return m.stop()
	case "ctrl+z":
		// Not while a session lives in the program: regions would go on without the engine, their
		// leases would run out, and all would look affected.
		if m.start.Starting || m.live.running() {
			m.setNotice(style.CautBold, "ctrl+z is off: users and leases run in this program, and would stop with it")
			return nil
		}
		return tea.Suspend
	}
	var cmds []tea.Cmd
	for i, k := range pressed {
		if b := m.keys.For(k.String()); i > 0 && b != nil && b.Acts() {
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
		o := d.Key(k, m.context())
		if o.Close {
			m.dialogs = m.dialogs.Without(d)
		}
		return m.chosen(o.Choice)
	}
	m.notice = page.Notice{}
	switch m.page() {
	case keys.PageStart:
		return m.startKey(k)
	case keys.PageResult:
		// In a replay space plays on, and scrolls nothing.
		w, h := m.past.room(m.w, m.h)
		if b := m.keys.For(k.String()); (m.past == nil || b == nil || b.Group != keys.GroupPast) && m.past.resultOr(&m.result).Key(k.String(), m.now().View, w, h) {
			return nil
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

func (m *model) startKey(k tea.KeyPressMsg) tea.Cmd {
	o := m.start.Key(k)
	if !o.Pass {
		return m.startDid(o)
	}
	// Only what needs no drill: help, look, quit.
	if b := m.keys.For(k.String()); b != nil && (b.Group == keys.GroupProgram || b.Group == keys.GroupLook) {
		return m.press(*b)
	}
	if why := otherLayout(k); why != "" {
		m.setNotice(style.CautBold, why)
	}
	return nil
}

// startDid takes what came of a key, a click or an answer on the start page.
func (m *model) startDid(o start.Outcome) tea.Cmd {
	switch {
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
		m.setNotice(style.CautBold, b.Show+" "+b.Name+": "+why)
		return nil
	}
	if b.Intent.Op == keys.Act {
		return m.chosen(dialog.Want{Command: m.now().Command(b.Intent.Action)})
	}
	return m.do(b.Intent)
}

// do does one of the screen's own.
func (m *model) do(in keys.Intent) tea.Cmd {
	d := &m.drill
	state := m.now().State
	switch in.Op {
	case keys.Inspect:
		if m.now().ListsLost() {
			return m.open(dialog.NewLost(d.Dataset))
		}
		d.Show(pane.Region)
	case keys.MoveRegion:
		d.MoveRegion(m.now().View, in.By)
	case keys.NextDataset:
		d.NextDataset(state)
	case keys.ListLost:
		return m.open(dialog.NewLost(d.Dataset))
	case keys.MovePane:
		d.MovePane(in.By)
	case keys.ShowPane:
		d.Show(in.Pane)
	case keys.FullPane:
		d.Full = !d.Full
	case keys.SortRegions:
		d.Show(pane.Fleet)
		d.Order = d.Order.Next()
	case keys.Present:
		d.Presenter = !d.Presenter
	case keys.EditFilter:
		if d.Focus == pane.Fleet && m.now().Tabled() {
			return m.open(dialog.NewFilter(d.Among))
		}
		d.Show(pane.Timeline)
		return m.open(dialog.NewFilter(d.Filter))
	case keys.Scroll:
		d.ScrollBy(state, in.By)
	case keys.ToggleMotion:
		if m.still = !m.still; m.still {
			m.setNotice(style.Label, "motion is reduced: only numbers change; s brings it back")
		}
	case keys.NextTheme:
		m.look.Theme = style.Next(m.theme.Name)
		m.theme = style.New(m.look)
		m.setNotice(style.Label, "theme "+m.theme.Name+": "+style.About(m.theme.Name))
	case keys.Back:
		if m.fatal == nil || m.live != nil {
			d.Back(state)
			break
		}
		// Nothing came of a start. What the machine can run was not asked for where
		// flags chose.
		m.fatal = nil
		if !m.start.Known() {
			return lookCmd(m.ctx, m.host)
		}
	case keys.OpenPalette:
		return m.open(dialog.NewPalette())
	case keys.OpenHelp:
		return m.open(dialog.NewHelp())
	case keys.Pause, keys.StepPast, keys.SkipPast, keys.JumpFault, keys.JumpEnd, keys.Speed, keys.Replay:
		over := ""
		if m.page() == keys.PageResult {
			over = m.result.Journal
		}
		cmd, why := m.travel(m.host, in, over, m.local)
		if why != "" {
			m.setNotice(style.CautBold, why)
		}
		return cmd
	case keys.OpenPsql, keys.CopyPsql, keys.CopyKubectl:
		return stepIn(m, in.Op)
	case keys.Quit:
		return m.quit()
	case keys.EndDrill:
		return m.open(dialog.NewEnd(m.live.noKeep(), m.local))
	case keys.Again, keys.NextDrill, keys.ToStart:
		if m.past.replays() {
			return m.quit() // to where it was opened
		}
		m.live.next = nextOf(in.Op, m.choice, &m.start, m.live.state.On)
		return m.leave(m.live.session.Found())
	case keys.Compare, keys.SaveReport, keys.CopyPath:
		path := m.now().Outcome.Journal
		if in.Op == keys.CopyPath {
			m.setNotice(style.Label, "the path was copied, if this terminal lets programs copy (OSC 52)")
		}
		return resultCmd(m.host, in.Op, path)
	case keys.QuitNow:
		return m.stop()
	}
	return nil
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
