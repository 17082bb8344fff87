package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/page/start"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// What goes on from the result of a drill.

type (
	// earlierMsg is what the last run of the same drill came to.
	earlierMsg struct {
		state *drill.State
		err   error
	}
	reportMsg struct {
		path string
		err  error
	}
)

// resultCmd does what a key of the result page asks for and takes its time; nil for any other.
func resultCmd(host Host, op keys.Op, journal string) tea.Cmd {
	switch op {
	case keys.Compare:
		return func() tea.Msg {
			r, err := host.Earlier(journal)
			s := drill.NewState()
			for _, e := range r.Events {
				s.Apply(e)
			}
			return earlierMsg{s, err}
		}
	case keys.SaveReport:
		return func() tea.Msg { to, err := host.SaveReport(journal); return reportMsg{to, err} }
	case keys.CopyPath:
		return tea.SetClipboard(journal)
	}
	return nil
}

// next is what comes after a session: a choice, or with nil the start page.
type next struct{ choice *Choice }

// nextOf is what a key of the result page begins, where the last drill ran.
func nextOf(op keys.Op, was Choice, p *start.Page, on string) *next {
	switch op {
	case keys.Again:
		was.On = on
		return &next{&was}
	case keys.NextDrill:
		if d, found := p.Next(was.Drill); found {
			return &next{&Choice{On: on, Fleet: d.Fleet, Drill: d.Name}}
		}
	}
	return &next{}
}

// left is called once a session is over that was left: it goes on to what comes next, or ends the program.
func (m *model) left() tea.Cmd {
	if m.live == nil || m.live.next == nil || m.live.stopped {
		return tea.Quit
	}
	n := m.live.next
	m.live, m.result, m.dialogs, m.fatal = nil, page.Result{}, nil, nil
	m.drill = page.Drill{Focus: pane.Fleet}
	m.start = newStart(m.host, m.opt) // a fleet may have been left up, and a journal was written
	m.dirty = true
	cmds := []tea.Cmd{machineCmd(m.ctx, m.host)}
	if n.choice != nil {
		cmds = append(cmds, m.begin(*n.choice))
	}
	return tea.Batch(append(cmds, m.tick())...)
}

// newStart is the start page, of what there is now.
func newStart(host Host, o Options) start.Page {
	return start.New(start.Offered{
		Platforms: host.Platforms(), Fleets: host.Fleets(), Drills: host.Drills(), Journals: host.Journals(),
		Questions: host.Questions(), Fits: host.Fits, First: o.First,
	})
}
