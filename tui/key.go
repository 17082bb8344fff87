package tui

import (
	"time"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// key takes a key that the terminal brought: what no person pressed is left out, the rest
// goes to whoever has it.
func (m *model) key(k tea.KeyPressMsg) tea.Cmd {
	rest := m.sequence.Rest(bytesOf(k), m.local)
	switch k.String() {
	case "ctrl+c":
		return m.stop()
	case "ctrl+z":
		return m.suspend()
	}
	if rest {
		m.setNotice(style.Label, "“"+k.String()+"” came as the rest of a key and was left out; press it again if you meant it")
		return nil
	}
	d := m.dialogs.Top()
	typing := d != nil && d.Typing()
	if inText(k) && m.pour.Takes(k.String(), m.local) {
		switch {
		case !typing:
			m.setNotice(style.CautBold, "text came in faster than anybody types, and was left out")
			return nil
		case k.Text == "":
			d.Paste(" ") // a line's end in a text is not Enter
			return nil
		}
	}
	if plain, ok := afterEscape(k); ok && !typing {
		return m.escaped(plain)
	}
	if !typing {
		k = latin(k)
	}
	return m.pressed(k)
}

// bytesOf is what a terminal sent for a key, where that can be a part of a sequence.
func bytesOf(k tea.KeyPressMsg) string {
	if plain, ok := afterEscape(k); ok {
		return "\x1b" + plain.Text
	}
	switch k.String() {
	case "esc":
		return "\x1b"
	case "ctrl+g":
		return "\a"
	case "enter":
		return "\r"
	case "tab":
		return "\t"
	}
	return k.Text
}

// inText reports whether a text could have a key.
func inText(k tea.KeyPressMsg) bool {
	return k.Text != "" || k.Mod == 0 && (k.Code == tea.KeyEnter || k.Code == tea.KeyTab)
}

// escaped takes a key that came together with Escape. Terminals send the same bytes for it
// with Alt, and slow lines for the begin of others, so it is not taken for a command.
func (m *model) escaped(k tea.KeyPressMsg) tea.Cmd {
	esc := m.pressed(tea.KeyPressMsg{Code: tea.KeyEscape})
	if b := m.keys.For(k.String()); b != nil && b.Intent.Op == keys.Act && !b.Intent.Action.Harmless {
		m.setNotice(style.CautBold, "“"+k.String()+"” came together with esc, or with Alt, and was left out; press it alone")
		return esc
	}
	return tea.Sequence(esc, m.pressed(k))
}

// latin is a key of another layout as the one in its place on a Latin keyboard, where the
// terminal tells which that is.
func latin(k tea.KeyPressMsg) tea.KeyPressMsg {
	if k.Code <= unicode.MaxASCII || k.Text == "" || k.BaseCode == 0 || k.BaseCode > unicode.MaxASCII {
		return k
	}
	r := k.BaseCode
	if k.Mod.Contains(tea.ModShift) {
		r = unicode.ToUpper(r)
	}
	return tea.KeyPressMsg{Code: k.BaseCode, Mod: k.Mod, Text: string(r)}
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
		if m.result.Key(k.String(), m.now().View, m.w, m.h) {
			return nil
		}
	}
	if b := m.keys.For(k.String()); b != nil {
		return m.press(*b)
	}
	m.otherLayout(k)
	return nil
}

// otherLayout says which keys there are where one of another alphabet was pressed.
func (m *model) otherLayout(k tea.KeyPressMsg) {
	if r, _ := utf8.DecodeRuneInString(k.Text); r > unicode.MaxASCII && unicode.IsLetter(r) {
		m.setNotice(style.CautBold, "“"+k.Text+"” is no key here: commands are Latin letters; switch the layout (arrows, tab, enter, esc and digits work in any)")
	}
}

// afterEscape undoes what a terminal makes of Escape and a key right behind it:
// the two look like that key with Alt. No key here is one with Alt.
func afterEscape(k tea.KeyPressMsg) (tea.KeyPressMsg, bool) {
	if k.Mod&^tea.ModShift != tea.ModAlt || !unicode.IsPrint(k.Code) {
		return k, false
	}
	r := k.Code
	if k.Mod.Contains(tea.ModShift) {
		r = unicode.ToUpper(r)
	}
	return tea.KeyPressMsg{Code: k.Code, Mod: k.Mod &^ tea.ModAlt, Text: string(r)}, true
}

func (m *model) startKey(k tea.KeyPressMsg) tea.Cmd {
	o := m.start.Key(k.String())
	switch {
	case o.Choice != nil:
		return m.begin(*o.Choice)
	case o.Why != "":
		m.setNotice(style.CautBold, o.Why)
	case o.Pass:
		// Only what needs no drill: help, look, quit.
		if b := m.keys.For(k.String()); b != nil && (b.Group == keys.GroupProgram || b.Group == keys.GroupLook) {
			return m.press(*b)
		}
		m.otherLayout(k)
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
		d.MoveRegion(state, in.By)
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
	case keys.EditFilter:
		d.Show(pane.Timeline)
		return m.open(dialog.NewFilter(d.Filter))
	case keys.Scroll:
		d.ScrollBy(state, in.By)
	case keys.ToggleMotion:
		if m.still = !m.still; m.still {
			m.setNotice(style.Label, "nothing moves now but numbers; s brings motion back")
		}
	case keys.ToggleLight:
		m.light = !m.light
		m.restyle()
	case keys.Back:
		if m.fatal == nil || m.live != nil {
			d.Back()
			break
		}
		// Nothing came of a start. What the machine can run was not asked for where
		// flags chose.
		m.fatal = nil
		if !m.start.Known() {
			return machineCmd(m.ctx, m.host)
		}
	case keys.OpenPalette:
		return m.open(dialog.NewPalette())
	case keys.OpenHelp:
		return m.open(dialog.NewHelp())
	case keys.Quit:
		return m.quit()
	case keys.QuitNow:
		return m.stop()
	}
	return nil
}

// chosen does what was chosen in a dialog.
func (m *model) chosen(choice dialog.Choice) tea.Cmd {
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
		return m.leave(c.Keep)
	case dialog.Press:
		if c.Region != "" {
			m.drill.Region = c.Region
		}
		return m.press(c.Binding)
	case dialog.Filter:
		m.drill.Filter, m.drill.Scroll = c.Text, 0
	}
	return nil
}

// open shows a dialog, and asks for the frame in which its choices can be chosen.
func (m *model) open(d dialog.Dialog) tea.Cmd {
	m.dialogs = m.dialogs.Push(d)
	return tea.Tick(dialog.InFlight, func(time.Time) tea.Msg { return redrawMsg{} })
}

// suspend stops the program, but not while a session lives in it: regions would
// go on without the engine, their leases would run out, and all would look affected.
func (m *model) suspend() tea.Cmd {
	if m.start.Starting || m.live.running() {
		m.setNotice(style.CautBold, "users and leases run in this program; ctrl+z would stop them")
		return nil
	}
	return tea.Suspend
}

func (m *model) quit() tea.Cmd {
	l := m.live
	switch {
	case !l.running():
		return tea.Quit
	case l.leaving:
		m.setNotice(style.Label, "the fleet is being taken down; ctrl+c leaves at once and leaves the rest to “fleetdrill down”")
		return nil
	case l.state.Verdict != "":
		return m.leave(l.session.Found()) // over, and being taken down as it is, or left
	}
	why := ""
	switch {
	case m.page() == keys.PageBringUp && !l.session.Found():
		why = "A fleet that is only half up can't be kept."
	case !l.session.CanKeep():
		why = "Its processes end with this program, so it can't be kept."
	}
	return m.open(dialog.NewQuit(why, m.local))
}
