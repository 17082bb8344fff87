package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page/start"
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

// newStart is the start page before anything was read: lookCmd has what fills it.
func newStart(host Host, o Options) start.Page {
	return start.New(start.Offered{Platforms: host.Platforms(), Questions: host.Questions(), First: o.First})
}
