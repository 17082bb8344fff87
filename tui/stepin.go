package tui

import (
	"context"
	"errors"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// StepIn is a session whose regions a person can step into by hand. An error is a sentence with
// what to do instead.
type StepIn interface {
	// Psql is the program that opens the server of a dataset's replica in a region, and its
	// command as a shell takes it.
	Psql(ctx context.Context, dataset, region string) (Program, string, error)
	// Kubectl is the command that reaches a region's cluster.
	Kubectl(region string) (string, error)
}

// Program takes the terminal until its user leaves it.
type Program interface {
	Run() error
	SetStdin(io.Reader)
	SetStdout(io.Writer)
	SetStderr(io.Writer)
}

type (
	// stepMsg is how to step in, once that is known.
	stepMsg struct {
		of      *live // that was asked
		op      keys.Op
		program Program
		line    string
		err     error
	}
	// backMsg comes when the person is back.
	backMsg struct{ err error }
)

// askWithin bounds the question how to step in, which may ask the container engine.
const askWithin = 10 * time.Second

// stepIn finds out how to step into what is in focus, beside the screen.
func stepIn(m *model, in keys.Intent) tea.Cmd {
	s, can := m.live.session.(StepIn)
	if !can {
		m.setNotice(style.CautBold, "this drill runs nowhere that could be stepped into")
		return nil
	}
	of := m.live
	ctx, dataset, region := m.ctx, m.now().Chosen(), m.drill.Region
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, askWithin)
		defer cancel()
		msg := stepMsg{of: of, op: in.Op}
		switch {
		case in.Op == keys.CopyKubectl:
			msg.line, msg.err = s.Kubectl(region)
		case dataset == nil:
			msg.err = errors.New("this fleet has no datasets")
		default:
			msg.program, msg.line, msg.err = s.Psql(ctx, dataset.Name, region)
		}
		return msg
	}
}

// stepped does what was found out.
func stepped(m *model, msg stepMsg) tea.Cmd {
	switch {
	case msg.of != m.live || !m.live.running():
		m.setNotice(style.CautBold, "the drill has ended meanwhile: there is nothing to step into any more")
	case msg.err != nil:
		m.setNotice(style.CautBold, msg.err.Error())
	case msg.op == keys.OpenPsql:
		return tea.Exec(msg.program, func(err error) tea.Msg { return backMsg{err} })
	default:
		m.setNotice(style.Label, "copied: "+msg.line)
		return tea.SetClipboard(msg.line)
	}
	return nil
}

// back is after a program that had the terminal.
func back(m *model, msg backMsg) {
	if msg.err != nil {
		m.setNotice(style.CautBold, "the program ended with an error: "+msg.err.Error())
		return
	}
	m.setNotice(style.Label, "back; the drill ran on meanwhile")
}
