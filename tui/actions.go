package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// commandOf is the command of a verb for what is focused.
func (m *model) commandOf(verb drill.Verb) drill.Command {
	c := drill.Command{Verb: verb, By: "operator"}
	switch verb {
	case drill.VerbPromote, drill.VerbSwitchover, drill.VerbForce:
		c.Dataset, c.To = m.dataset, m.region
	case drill.VerbReseed:
		c.Dataset, c.Region = m.dataset, m.region
	default:
		c.Region = m.region
	}
	return c
}

// command sends a verb for what is focused, without asking.
func command(verb drill.Verb) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd { return m.send(m.commandOf(verb)) }
}

// ask opens the dialog that shows what a verb is predicted to break.
func ask(verb drill.Verb) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		return m.open(newHarmDialog(m.commandOf(verb), m.opt.Clock()))
	}
}

func inspect(m *model) tea.Cmd {
	if m.page() == pageResult || m.focus == pane.Data {
		return listLost(m)
	}
	return m.show(pane.Region)
}

func listLost(m *model) tea.Cmd {
	m.dialog = &lostDialog{dataset: m.dataset}
	return nil
}

func nextDataset(m *model) tea.Cmd {
	list := m.live.state.Datasets
	at := slices.IndexFunc(list, func(d *drill.DatasetState) bool { return d.Name == m.dataset })
	m.dataset = list[(at+1)%len(list)].Name
	return nil
}

func (m *model) cycle(by int) tea.Cmd {
	n := int(pane.Last)
	return m.show(pane.ID((int(m.focus)-1+by+n)%n + 1))
}

func (m *model) scrollBy(n int) tea.Cmd {
	most := 0
	if m.live != nil {
		most = max(len(pane.TimelineLines(m.live.state, m.filter)), len(m.live.state.Sent))
	}
	m.scroll = min(max(m.scroll+n, 0), most)
	return nil
}

// scrollFound scrolls the result page, where it is longer than the screen; false
// for a key that does not.
func (m *model) scrollFound(key string) bool {
	l := m.live
	if l.below == 0 {
		return false
	}
	switch page := max(m.h/2, 1); key {
	case "down", "j":
		l.found++
	case "up", "k":
		l.found--
	case "pgdown", "space", "ctrl+f":
		l.found += page
	case "pgup", "ctrl+b":
		l.found -= page
	case "esc":
		l.found = 0
	default:
		return false
	}
	l.found = min(max(l.found, 0), l.below)
	return true
}

func toggleMotion(m *model) tea.Cmd {
	m.still = !m.still
	if m.still {
		m.say(theme.Label, "nothing moves now but numbers; s brings motion back")
	}
	return nil
}

// back undoes one thing at a time and never quits.
func back(m *model) tea.Cmd {
	switch {
	case m.fatal != nil && m.live == nil:
		return m.startAgain()
	case m.scroll > 0:
		m.scroll = 0
	case m.filter != "":
		m.filter = ""
	case m.full:
		m.full = false
	default:
		m.focus = pane.Fleet
	}
	return nil
}

// startAgain goes back to the start screen where nothing came of a start. What the
// machine can run was not asked for where flags chose.
func (m *model) startAgain() tea.Cmd {
	m.fatal = nil
	if m.start.machine != nil {
		return m.tick()
	}
	return tea.Batch(machineCmd(m.ctx, m.host), m.tick())
}

func quit(m *model) tea.Cmd {
	if m.live == nil || m.live.closed {
		return tea.Quit
	}
	if m.live.leaving {
		m.say(theme.Label, "the fleet is being taken down; ctrl+c leaves at once and leaves the rest to “fleetdrill down”")
		return nil
	}
	if m.live.state.Verdict != "" {
		return m.leave(m.live.session.Found()) // over, and being taken down as it is, or left
	}
	return m.open(newQuitDialog(m))
}

func openFilter(m *model) tea.Cmd {
	m.show(pane.Timeline)
	m.dialog = &filterDialog{line: input{text: m.filter}, was: m.filter}
	return nil
}

func openNote(m *model) tea.Cmd    { m.dialog = &noteDialog{}; return nil }
func openHelp(m *model) tea.Cmd    { m.dialog = &helpDialog{}; return nil }
func openPalette(m *model) tea.Cmd { m.dialog = &paletteDialog{}; return nil }
