package tui

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/keys"
)

// stepping is a session that can be stepped into.
type stepping struct {
	*fakeSession
	asked []string
	err   error
}

type standIn struct{ ran bool }

func (p *standIn) Run() error          { p.ran = true; return nil }
func (p *standIn) SetStdin(io.Reader)  {}
func (p *standIn) SetStdout(io.Writer) {}
func (p *standIn) SetStderr(io.Writer) {}

func (s *stepping) Psql(_ context.Context, dataset, region string) (Program, string, error) {
	s.asked = append(s.asked, dataset+" in "+region)
	return &standIn{}, "psql 'host=@x'", s.err
}

func (s *stepping) Kubectl(region string) (string, error) {
	s.asked = append(s.asked, "cluster of "+region)
	return "kubectl --kubeconfig k get pods", s.err
}

// stepped presses a key, has its question answered, and returns what comes of that.
func pressed(t *testing.T, s *stage, key string) tea.Cmd {
	t.Helper()
	for _, cmd := range s.press(key) {
		if cmd == nil {
			continue
		}
		if msg, is := message(cmd).(stepMsg); is {
			return s.update(msg)
		}
	}
	return nil
}

// message is the last message of a command, which may be several in a row.
func message(cmd tea.Cmd) tea.Msg {
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, c := range msg {
			if c == nil {
				continue
			}
			if m, is := message(c).(stepMsg); is {
				return m
			}
		}
	default:
		return msg
	}
	return nil
}

// The screen asks for the dataset and the region in focus, steps aside for psql, and copies commands.
func TestSteppingIn(t *testing.T) {
	s := byHand(t)
	session := &stepping{fakeSession: newFakeSession()}
	s.live.session = session
	s.still()
	if cmd := pressed(t, s, "e"); cmd == nil {
		t.Error("psql was not begun")
	}
	s.update(backMsg{})
	s.shows("back; the drill ran on meanwhile")
	if cmd := pressed(t, s, "O"); cmd == nil {
		t.Error("nothing was copied")
	}
	s.shows("copied: psql 'host=@x'")
	pressed(t, s, "Y")
	s.shows("copied: kubectl --kubeconfig k get pods")
	if got := strings.Join(session.asked, ", "); got != "orders in us-east, orders in us-east, cluster of us-east" {
		t.Errorf("asked for %s", got)
	}
	s.update(backMsg{errors.New("no terminal")})
	s.shows("no terminal")
}

// What can't be stepped into says why, and begins nothing; with the drill the keys are off.
func TestSteppingInIsRefused(t *testing.T) {
	s := byHand(t)
	session := &stepping{fakeSession: newFakeSession(), err: errors.New("orders has the engine log: there is no server to open")}
	s.live.session = session
	s.still()
	if cmd := pressed(t, s, "e"); cmd != nil {
		t.Error("psql was begun in spite of it")
	}
	s.shows("there is no server to open")
	s.live.session = session.fakeSession
	pressed(t, s, "e")
	s.shows("runs nowhere that could be stepped into")
	s.live.session = session
	s.events([]drill.Event{{Seq: s.live.state.LastSeq + 1, T: s.live.state.Now, Body: drill.DrillEnded{Verdict: drill.Inconclusive}}})
	if pressed(t, s, "e"); len(session.asked) != 1 {
		t.Errorf("asked %v after the end", session.asked)
	}
	if b := s.keys.Op(keys.OpenPsql); b.Off(s.now()) == "" {
		t.Error("the key is on after the end")
	}
}

// An answer that comes after the session ended, or for another one, begins and copies nothing.
func TestSteppingInTooLate(t *testing.T) {
	for _, op := range []keys.Op{keys.OpenPsql, keys.CopyPsql, keys.CopyKubectl} {
		s := byHand(t)
		s.live.session = &stepping{fakeSession: newFakeSession()}
		answer := stepIn(s.model, keys.Intent{Op: op})().(stepMsg)
		s.update(eventsMsg{closed: true})
		if cmd := stepped(s.model, answer); cmd != nil {
			t.Errorf("%v: it does something", op)
		}
		if !strings.Contains(s.notice.Text, "has ended meanwhile") {
			t.Errorf("%v: it says %q", op, s.notice.Text)
		}
		s = byHand(t)
		if cmd := stepped(s.model, answer); cmd != nil {
			t.Errorf("%v: it does something in another drill", op)
		}
	}
}
