package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// do does one of the screen's own.
func do(m *model, in keys.Intent) tea.Cmd {
	if does := doing(in.Op); does != nil {
		return does(m, in)
	}
	m.drill.Do(in, m.now())
	return nil
}

// doing is what one of the screen's own does; nil for what the page of a drill does by itself.
func doing(op keys.Op) func(*model, keys.Intent) tea.Cmd {
	switch op {
	case keys.Inspect:
		return inspectFocus
	case keys.ListLost:
		return listLost
	case keys.EditFilter:
		return editFilter
	case keys.ToggleMotion:
		return toggleMotion
	case keys.NextTheme:
		return nextTheme
	case keys.Back:
		return goBack
	case keys.OpenPalette, keys.OpenHelp, keys.EndDrill:
		return openDialog
	case keys.Pause, keys.StepPast, keys.SkipPast, keys.JumpFault, keys.JumpEnd, keys.Speed, keys.Replay:
		return travel
	case keys.OpenPsql, keys.CopyPsql, keys.CopyKubectl:
		return stepIn
	case keys.Again, keys.NextDrill, keys.ToStart:
		return goOn
	case keys.Compare, keys.SaveReport, keys.CopyPath:
		return ofResult
	case keys.Quit, keys.QuitNow:
		return leaveAll
	}
	return nil
}

func inspectFocus(m *model, in keys.Intent) tea.Cmd {
	if m.now().ListsLost() {
		return listLost(m, in)
	}
	m.drill.Show(pane.Region)
	return nil
}

func listLost(m *model, _ keys.Intent) tea.Cmd { return m.open(dialog.NewLost(m.drill.Dataset)) }

// editFilter lets the filter of what is in focus be typed.
func editFilter(m *model, _ keys.Intent) tea.Cmd {
	d := &m.drill
	switch n := m.now(); {
	case n.Page == keys.PageStart:
		m.start.EditFilter()
		return nil
	case d.Focus == pane.Fleet && n.Tabled():
		return m.open(dialog.NewFilter(d.Among))
	}
	d.Show(pane.Timeline)
	return m.open(dialog.NewFilter(d.Filter))
}

func openDialog(m *model, in keys.Intent) tea.Cmd {
	switch in.Op {
	case keys.OpenPalette:
		return m.open(dialog.NewPalette())
	case keys.OpenHelp:
		return m.open(dialog.NewHelp())
	}
	return m.open(dialog.NewEnd(m.live.noKeep(), m.local))
}

func leaveAll(m *model, in keys.Intent) tea.Cmd {
	if in.Op == keys.QuitNow {
		return m.stop()
	}
	return m.quit()
}

func toggleMotion(m *model, in keys.Intent) tea.Cmd {
	if m.still = !m.still; m.still {
		text := "motion is reduced: only numbers change"
		if b := m.keys.Op(in.Op); b != nil {
			text += "; " + b.Show + " brings it back"
		}
		m.setNotice(style.Label, text)
	}
	return nil
}

func nextTheme(m *model, _ keys.Intent) tea.Cmd {
	m.look.Theme = style.Next(m.theme.Name)
	m.theme = style.New(m.look)
	m.setNotice(style.Label, "theme "+m.theme.Name+": "+style.About(m.theme.Name))
	return nil
}

func goBack(m *model, _ keys.Intent) tea.Cmd {
	if c := m.comparing; c != nil && !c.running() && !c.command {
		return leftComparison(m, c)
	}
	if m.fatal == nil || m.live != nil {
		m.drill.Back(m.now().State)
		return nil
	}
	// Nothing came of a start. What the machine can run was not asked for where flags chose.
	m.fatal = nil
	if !m.start.Known() {
		return lookCmd(m.ctx, m.host)
	}
	return nil
}

func travel(m *model, in keys.Intent) tea.Cmd {
	over := ""
	if m.page() == keys.PageResult {
		over = m.result.Journal
	}
	cmd, why := m.travel(m.host, in, over, m.local)
	if why != "" {
		m.setNotice(style.CautBold, why)
	}
	return cmd
}

// goOn leaves a result for what is next; that of a replay, for where it was opened.
func goOn(m *model, in keys.Intent) tea.Cmd {
	if m.past.replays() {
		return m.quit()
	}
	m.live.next = nextOf(in.Op, m.choice, &m.start, m.live.state.On)
	return m.leave(m.live.session.Found())
}

func ofResult(m *model, in keys.Intent) tea.Cmd {
	if in.Op == keys.CopyPath {
		m.setNotice(style.Label, "the path was copied, if this terminal lets programs copy (OSC 52)")
	}
	return resultCmd(m.host, in.Op, m.now().Outcome.Journal)
}
