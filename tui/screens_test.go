package tui

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/keys"
)

// stage is a model with a terminal size and a clock that the test turns.
type stage struct {
	*model
	t    *testing.T
	host *fakeHost
	at   time.Time
	told []drill.Event // of the session
}

func newStage(t *testing.T, w, h int, o Options) *stage {
	t.Helper()
	s := &stage{t: t, host: newFakeHost(), at: time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)}
	o.Clock = func() time.Time { return s.at }
	s.model = newModel(context.Background(), s.host, o)
	s.update(tea.WindowSizeMsg{Width: w, Height: h})
	s.looked()
	return s
}

// looked takes in what the start page has to choose from.
func (s *stage) looked() {
	s.update(catalogMsg(s.host.Catalog()))
	newest, all := s.host.Journals()
	s.update(journalsMsg{newest, all})
	s.update(machineMsg(s.host.machine))
}

// update hands a message to the model; the command is the caller's to run.
func (s *stage) update(msg tea.Msg) tea.Cmd {
	_, cmd := s.Update(msg)
	return cmd
}

// events begins a session and applies events to it.
func (s *stage) events(events []drill.Event) {
	if s.live == nil {
		s.update(startedMsg{session: s.host.session})
	}
	s.told = append(s.told, events...)
	s.update(eventsMsg{events: events})
	s.update(tickMsg{})
}

func (s *stage) screen() string { return s.View().Content }

// text is the screen without escape sequences.
func (s *stage) text() string { return stripped(s.screen()) }

// press presses keys one after the other, as fast as fingers can.
func (s *stage) press(names ...string) (cmds []tea.Cmd) {
	s.t.Helper()
	for _, k := range names {
		s.at = s.at.Add(keys.Pace)
		cmds = append(cmds, s.update(keyMsg(k)))
	}
	return cmds
}

// wait turns the clock.
func (s *stage) wait(d time.Duration) { s.at = s.at.Add(d); s.update(tickMsg{}) }

func (s *stage) shows(want string) {
	s.t.Helper()
	if !strings.Contains(s.text(), want) {
		s.t.Fatalf("the screen does not show %q:\n%s", want, s.text())
	}
}

func (s *stage) hides(want string) {
	s.t.Helper()
	if strings.Contains(s.text(), want) {
		s.t.Fatalf("the screen shows %q:\n%s", want, s.text())
	}
}
