package tui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/page/result"
	"github.com/fleetdrill/fleetdrill/tui/page/start"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

type (
	tickMsg     struct{}
	redrawMsg   struct{}
	stopMsg     struct{} // ctrl-c, the end of the context, or being forced
	machineMsg  Machine
	catalogMsg  Catalog
	journalsMsg struct {
		newest []JournalChoice
		all    int
	}
	fitsMsg struct {
		on  start.Pair
		err error
	}
	startedMsg struct {
		session Session
		err     error
	}
	eventsMsg struct {
		events []drill.Event
		closed bool
	}
	sentMsg struct {
		command runbook.Command
		err     error
	}
)

// Update implements tea.Model. It draws the frame where a message changed it.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.local = m.opt.Clock()
	if m.live != nil {
		m.live.advance(m.local)
	}
	if m.comparing != nil {
		m.comparing.advance(m.local)
	}
	if p := m.past; p.ready() && !p.held {
		p.player.Advance(m.local)
	}
	cmd := m.take(msg)
	if ask := fitsCmd(m.host, m.start.Ask()); ask != nil {
		cmd = tea.Batch(cmd, ask)
	}
	if m.past.ready() {
		if folding := m.past.settle(); folding != nil {
			cmd = tea.Batch(cmd, folding)
		}
		s, _ := m.past.shown()
		m.drill.Settle(s)
	}
	if m.dirty {
		c := m.frame()
		m.dirty, m.drawn, m.zones = false, c.String(), c.Zones()
		c.Free()
	}
	return m, cmd
}

func (m *model) take(msg tea.Msg) tea.Cmd {
	// Events do not ask for a frame: the next tick does, so that many events cost
	// no more than a few.
	events, quiet := msg.(eventsMsg)
	m.dirty = m.dirty || !quiet
	switch msg := msg.(type) {
	case tickMsg:
		m.ticking = false
		if !m.local.Before(m.notice.Until) {
			m.notice = page.Notice{}
		}
		return m.tick()
	case stopMsg:
		return m.stop()
	case machineMsg:
		m.start.Found(Machine(msg))
	case catalogMsg:
		m.start.List(Catalog(msg))
	case journalsMsg:
		m.start.Keep(msg.newest, msg.all)
	case fitsMsg:
		return m.startDid(m.start.Answer(msg.on, msg.err))
	case startedMsg:
		return m.started(msg)
	case eventsMsg:
		return m.applied(events)
	case recordedMsg:
		m.recorded(msg)
		return m.tick()
	case foldedMsg:
		m.past.folded(msg)
	case stepMsg:
		return stepped(m, msg)
	case backMsg:
		back(m, msg)
	case comparisonMsg:
		return chose(m, msg)
	case comparedMsg:
		return ranSoFar(m, msg)
	case earlierMsg, reportMsg, sentMsg:
		return answered(m, msg)
	default:
		return fromTerminal(m, msg)
	}
	return nil
}

// fromTerminal takes what the terminal brings: its size and looks, keys, the mouse, what is pasted.
func fromTerminal(m *model, msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		m.look.Light = !msg.IsDark()
		m.theme = style.New(m.look)
	case tea.PasteMsg:
		if d := m.dialogs.Top(); d != nil {
			d.Paste(strings.TrimSpace(msg.Content))
		} else if m.page() == keys.PageStart {
			m.start.Paste(strings.TrimSpace(msg.Content))
		}
	case tea.MouseMsg:
		return tea.Batch(m.mouse(msg), m.tick())
	case tea.KeyPressMsg:
		return tea.Batch(m.key(msg), m.tick())
	default:
		m.input.gaveUp(msg, m.local)
	}
	return nil
}

// answered takes what came of something that a key asked for beside the screen.
func answered(m *model, msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case earlierMsg:
		switch {
		case m.page() != keys.PageResult: // who asked has gone on
		case msg.err != nil:
			m.setNotice(style.CautBold, msg.err.Error())
		default:
			return m.open(dialog.NewCompare(msg.state))
		}
	case reportMsg:
		m.setNotice(style.Label, "report written to "+msg.path)
		if msg.err != nil {
			m.setNotice(style.DangerBold, "the report was not written: "+msg.err.Error())
		}
	case sentMsg:
		if msg.err != nil {
			m.setNotice(style.DangerBold, msg.command.String()+": "+msg.err.Error())
		}
	}
	return nil
}

// begin starts what was chosen, until stop gives it up.
func (m *model) begin(c Choice) tea.Cmd {
	ctx, giveUp := context.WithCancel(m.ctx)
	m.choice = c
	m.start.Begin(c, giveUp)
	return startCmd(ctx, m.host, c)
}

func (m *model) started(msg startedMsg) tea.Cmd {
	m.start.Starting = false
	if msg.err != nil {
		if m.start.Stopping {
			return tea.Quit
		}
		m.fatal = &page.Fatal{Title: "The drill could not be started", Text: msg.err.Error(), Back: true,
			Next: "see “fleetdrill doctor”; esc goes back to the start screen"}
		return nil
	}
	m.live = &live{session: msg.session, state: drill.NewState()}
	m.result = result.Page{Journal: msg.session.JournalPath(), Found: msg.session.Found()}
	cmds := []tea.Cmd{eventsCmd(msg.session), m.tick()}
	if m.start.Stopping {
		cmds = append(cmds, m.leave(msg.session.Found()))
	}
	return tea.Batch(cmds...)
}

// applied takes a batch of events in.
func (m *model) applied(msg eventsMsg) tea.Cmd {
	m.live.apply(msg.events, m.local)
	m.past.add(msg.events)
	m.drill.Settle(m.live.state)
	if !msg.closed {
		return eventsCmd(m.live.session)
	}
	m.dirty, m.result.Closed = true, true
	m.result.Kept = m.live.asked && m.live.page.Keep
	if !m.past.replays() {
		m.dialogs = nil
	}
	if m.fatal = m.live.end(); m.fatal != nil {
		m.past = nil
	}
	if m.fatal != nil || !m.live.leaving {
		return nil
	}
	return m.leave(m.live.page.Keep)
}

// recorded takes in the journal of a past, unless that was given up meanwhile.
func (m *model) recorded(msg recordedMsg) {
	p := msg.past
	switch {
	case m.past != p:
	case msg.err == nil:
		p.begin(msg.player, m.local)
		if p.live {
			break
		}
		p.before, m.drill, p.result.Remarks = m.drill, page.Drill{Focus: pane.Fleet}, msg.remarks
		if len(msg.remarks) > 0 {
			m.setNotice(style.CautBold, "this journal: "+strings.Join(msg.remarks, "; "))
		}
	case p.command:
		m.past = nil
		m.fatal = &page.Fatal{Title: "The journal could not be read", Text: msg.err.Error(), Back: true,
			Next: "“fleetdrill journals” lists those that there are; esc goes to the start screen"}
	default:
		m.past = nil
		m.setNotice(style.DangerBold, "can't go back: "+msg.err.Error())
	}
}
