package tui

import (
	"strings"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

type (
	tickMsg    struct{}
	redrawMsg  struct{}
	stopMsg    struct{} // a signal, ctrl-c, or the context's end
	machineMsg Machine
	startedMsg struct {
		session Session
		err     error
	}
	eventsMsg struct {
		events []drill.Event
		closed bool
	}
	sentMsg struct {
		command drill.Command
		err     error
	}
)

// Update implements tea.Model.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h, m.dirty = msg.Width, msg.Height, true
	case tea.BackgroundColorMsg:
		if m.opt.Theme == ThemeAuto {
			m.light = !msg.IsDark()
			m.setTheme()
		}
	case tickMsg:
		m.ticking, m.dirty = false, true
		if !m.opt.Clock().Before(m.notice.until) {
			m.notice = notice{}
		}
		return m, m.tick()
	case redrawMsg:
		m.dirty = true
	case stopMsg:
		return m, m.stop()
	case machineMsg:
		m.start.found(Machine(msg))
		m.dirty = true
	case startedMsg:
		return m, m.started(msg)
	case eventsMsg:
		return m, m.heard(msg)
	case sentMsg:
		if msg.err != nil {
			m.say(theme.HarmBold, msg.command.String()+": "+msg.err.Error())
			m.dirty = true
		}
	case tea.PasteMsg:
		if m.dialog != nil {
			m.dialog.paste(strings.TrimSpace(msg.Content))
			m.dirty = true
		}
	case tea.KeyPressMsg:
		m.dirty = true
		cmd := m.key(msg)
		return m, tea.Batch(cmd, m.tick())
	}
	return m, nil
}

// key gives a key to whoever has them: ctrl-c to the program, then to the
// dialog that is open, then to the page.
func (m *model) key(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "ctrl+c":
		return m.stop()
	case "ctrl+z":
		return m.suspend()
	}
	if plain, ok := afterEscape(k); ok && !m.typing() {
		esc := m.key(tea.KeyPressMsg{Code: tea.KeyEscape})
		return tea.Sequence(esc, m.key(plain))
	}
	if m.dialog != nil {
		d := m.dialog
		closed, cmd := d.key(m, k)
		if closed && m.dialog == d {
			m.dialog = nil
		}
		return cmd
	}
	m.notice = notice{}
	if m.page() == pageStart {
		return m.startKey(k)
	}
	if m.page() == pageResult && m.scrollFound(k.String()) {
		return nil
	}
	if b := bindingFor(k.String()); b != nil {
		return m.press(b)
	}
	return nil
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

// typing reports whether a text is being typed, where Alt may well make a
// character on somebody's keyboard.
func (m *model) typing() bool {
	switch m.dialog.(type) {
	case *noteDialog, *paletteDialog, *filterDialog:
		return true
	}
	return false
}

// press does what a key is for, or says why it can't.
func (m *model) press(b *binding) tea.Cmd {
	if b.why != nil {
		if why := b.why(m); why != "" {
			m.say(theme.CautBold, b.show+" "+b.name+": "+why)
			return nil
		}
	}
	return b.do(m)
}

// suspend stops the program, but not while a session lives in it: regions would
// go on without the engine, their leases would run out, and all would look hurt.
func (m *model) suspend() tea.Cmd {
	if m.start.starting || m.live != nil && !m.live.closed {
		m.say(theme.CautBold, "users and leases run in this program; ctrl+z would stop them")
		return nil
	}
	return tea.Suspend
}

// stop begins an orderly quit; the second time it insists.
func (m *model) stop() tea.Cmd {
	m.dirty = true
	if m.live == nil || m.live.closed {
		if m.live == nil && m.start.starting && !m.start.stopping {
			// A session may be about to be: end it as soon as it is there.
			m.start.stopping = true
			m.start.giveUp()
			return nil
		}
		m.insisted = m.start.starting
		return tea.Quit
	}
	if m.live.leaving {
		m.insisted = true
		return tea.Quit
	}
	return m.leave(m.live.session.Found())
}

// leave begins to end the session. The screen stays until that is done.
func (m *model) leave(keep bool) tea.Cmd {
	if m.live.closed {
		return tea.Quit
	}
	l := m.live
	if l.state.Phase != drill.PhaseTearDown {
		l.leaves(l.state.Now)
	}
	l.leaving, l.keeping = true, keep
	m.dialog = nil
	session := l.session
	return func() tea.Msg { session.Quit(keep); return nil }
}

// leaves notes when the fleet began to be taken down, or was told to be: of a drill
// that is over that is before a person leaves, and its stages have begun by then.
func (l *live) leaves(at time.Duration) {
	l.left, l.troubles = at, len(l.state.Failures)
}

func (m *model) started(msg startedMsg) tea.Cmd {
	m.dirty = true
	m.start.starting = false
	if msg.err != nil {
		if m.start.stopping {
			return tea.Quit
		}
		m.fatal = &trouble{title: "The drill could not be started", text: msg.err.Error(), next: "see “fleetdrill doctor”; esc goes back to the start screen"}
		return nil
	}
	m.live = &live{session: msg.session, state: drill.NewState()}
	cmds := []tea.Cmd{eventsCmd(msg.session), m.tick()}
	if m.start.stopping {
		cmds = append(cmds, m.leave(msg.session.Found()))
	}
	return tea.Batch(cmds...)
}

// heard takes a batch of events in. It does not ask for a frame: the next tick
// does, so that many events cost no more than a few.
func (m *model) heard(msg eventsMsg) tea.Cmd {
	l := m.live
	for _, e := range msg.events {
		l.state.Apply(e)
		switch b := e.Body.(type) {
		case drill.TaskFailed:
			l.failedAt = e.T
		case drill.PhaseEntered:
			if b.Phase == drill.PhaseTearDown && !l.leaving {
				l.leaves(e.T)
			}
		}
	}
	if len(msg.events) > 0 {
		l.heard = m.opt.Clock()
	}
	if m.region == "" && len(l.state.Regions) > 0 {
		m.region = l.state.Regions[0].Spec.Name
	}
	if m.dataset == "" && len(l.state.Datasets) > 0 {
		m.dataset = l.state.Datasets[0].Name
	}
	if !msg.closed {
		return eventsCmd(l.session)
	}
	return m.ended()
}

// ended is called once the session is over and nothing of it is left to do.
func (m *model) ended() tea.Cmd {
	l := m.live
	l.closed, m.dirty = true, true
	m.dialog = nil
	switch {
	case l.leaving && len(l.state.Failures) > l.troubles:
		m.fatal = &trouble{title: "Something was left behind", text: failuresText(l.state.Failures[l.troubles:]), next: "“fleetdrill down” takes away what is ours."}
	case l.leaving:
		return tea.Quit
	case l.state.Verdict == "":
		m.fatal = &trouble{title: "The drill ended before it was judged", text: failuresText(l.state.Failures) + failedStages(l.state)}
	}
	return nil
}

// The times between two frames: short while a clock runs that matters, long
// where only the drill's own does.
const (
	tickBusy  = 100 * time.Millisecond
	tickCalm  = 200 * time.Millisecond
	tickStill = 500 * time.Millisecond
)

// tick asks for the next frame while something runs. There is only ever one
// tick under way.
func (m *model) tick() tea.Cmd {
	if m.ticking || !m.moves() {
		return nil
	}
	m.ticking = true
	every := tickCalm
	switch {
	case m.still:
		every = tickStill
	case m.live == nil || m.busy():
		every = tickBusy
	}
	return tea.Tick(every, func(time.Time) tea.Msg { return tickMsg{} })
}

// moves reports whether the picture changes without a key or an event.
func (m *model) moves() bool {
	switch {
	case m.notice.text != "":
		return true
	case m.fatal != nil:
		return false
	case m.live == nil:
		return m.start.machine == nil || m.start.starting
	}
	return !m.live.closed
}

// busy reports whether a stage or a command is being timed.
func (m *model) busy() bool {
	s := m.live.state
	if m.page() != pageDrill {
		return true
	}
	for _, c := range s.Commands {
		if c.Ended == nil {
			return true
		}
	}
	for _, f := range s.Failovers {
		if stage, _ := f.Current(); stage != "" {
			return true
		}
	}
	return false
}

// move chooses the next region, by one forward or back.
func (m *model) move(by int) tea.Cmd {
	names := m.live.state.Fleet.RegionNames()
	if len(names) == 0 {
		return nil
	}
	at := 0
	for i, n := range names {
		if n == m.region {
			at = i
		}
	}
	m.region = names[(at+by+len(names))%len(names)]
	return nil
}

func (m *model) show(id pane.ID) tea.Cmd {
	if m.focus != id {
		m.scroll = 0
	}
	m.focus = id
	return nil
}
