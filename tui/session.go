package tui

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/tui/page/start"
)

func machineCmd(ctx context.Context, host Host) tea.Cmd {
	return func() tea.Msg { return machineMsg(host.Machine(ctx)) }
}

// lookCmd finds out what the start page has to choose from: each comes on its own, as one may take
// longer than another.
func lookCmd(ctx context.Context, host Host) tea.Cmd {
	return tea.Batch(
		catalogCmd(host),
		func() tea.Msg { newest, all := host.Journals(); return journalsMsg{newest, all} },
		machineCmd(ctx, host),
	)
}

func catalogCmd(host Host) tea.Cmd {
	return func() tea.Msg { return catalogMsg(host.Catalog()) }
}

// fitsCmd finds out whether a drill can run on a fleet; nil where nothing is asked.
func fitsCmd(host Host, on *start.Pair) tea.Cmd {
	if on == nil {
		return nil
	}
	return func() tea.Msg { return fitsMsg{*on, host.Fits(on.Drill, on.Fleet)} }
}

func startCmd(ctx context.Context, host Host, c Choice) tea.Cmd {
	return func() tea.Msg {
		s, err := host.Start(ctx, c)
		return startedMsg{session: s, err: err}
	}
}

// eventsCmd waits for the next batch and takes what else is there by then, so
// that a burst is one message.
func eventsCmd(s Session) tea.Cmd {
	return func() tea.Msg {
		batch, open := <-s.Events()
		if !open {
			return eventsMsg{closed: true}
		}
		// Three indexes, so that adding to the batch copies it.
		msg := eventsMsg{events: batch[:len(batch):len(batch)]}
		for len(msg.events) < 4096 {
			select {
			case more, open := <-s.Events():
				if !open {
					msg.closed = true
					return msg
				}
				msg.events = append(msg.events, more...)
			default:
				return msg
			}
		}
		return msg
	}
}

func sendCmd(s Session, c runbook.Command) tea.Cmd {
	return func() tea.Msg { return sentMsg{command: c, err: s.Send(c)} }
}

func failuresText(list []drill.TaskFailed) string {
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "%s: %s\n", f.Task, f.Error)
		if f.Next != "" {
			fmt.Fprintf(&b, "%s\n", f.Next)
		}
	}
	return b.String()
}

// failedStages is what went wrong while a fleet came up.
func failedStages(s *drill.State) string {
	var b strings.Builder
	add := func(name string, stages []drill.StageEntered) {
		for _, st := range stages {
			if st.Status == drill.StageFailed {
				fmt.Fprintf(&b, "%s, %s: %s\n", name, st.Stage, st.Detail)
			}
		}
	}
	add("fleet", s.Stages)
	for _, r := range s.Regions {
		add(r.Spec.Name, r.Stages)
	}
	return b.String()
}
