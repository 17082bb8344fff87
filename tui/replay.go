package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill/journal/player"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// replay opens a journal, "" for the one that ships, and plays it from when the fleet was up.
func (m *model) replay(path string) tea.Cmd {
	p := &past{before: m.drill, result: page.Result{Journal: path, Closed: true}}
	m.past, m.drill, m.dialogs = p, page.Drill{Focus: pane.Fleet}, nil
	return tea.Batch(readCmd(m.host, p, path, func(pl *player.Player) { pl.Seek(pl.Running()) }), m.tick())
}

// look pauses the live screen where it is, and steps from there.
func (m *model) look(step func(*player.Player)) tea.Cmd {
	p, at := &past{live: true}, m.live.now
	m.past = p
	return readCmd(m.host, p, m.live.session.JournalPath(), func(pl *player.Player) {
		pl.Seek(at)
		step(pl)
	})
}

// recorded takes in the journal of a past, unless that was given up meanwhile.
func (m *model) recorded(msg recordedMsg) tea.Cmd {
	p := msg.past
	if m.past != p {
		return nil
	}
	if msg.err != nil {
		return m.unread(msg.err)
	}
	p.player = msg.player
	p.add(p.missed)
	p.missed = nil
	if p.live {
		return nil
	}
	p.player.Pause(p.player.AtEnd(), m.local)
	if len(msg.remarks) > 0 {
		m.setNotice(style.CautBold, "this journal: "+strings.Join(msg.remarks, "; "))
	}
	return nil
}

// unread gives a past up whose journal can't be read.
func (m *model) unread(err error) tea.Cmd {
	p := m.past
	m.past = nil
	switch {
	case p.live:
		m.setNotice(style.DangerBold, "can't go back: "+err.Error())
	case p.command:
		m.fatal = &page.Fatal{Title: "The journal could not be read", Text: err.Error(), Next: "“fleetdrill journals” lists those that can be; “fleetdrill replay” alone plays the one that ships"}
	default:
		m.drill = p.before
		m.setNotice(style.DangerBold, "can't play it back: "+err.Error())
	}
	return nil
}

// pause holds the screen still, or lets it go on.
func (m *model) pause() tea.Cmd {
	switch p := m.past; {
	case p == nil:
		return m.look(func(*player.Player) {})
	case p.live:
		m.past = nil
	case p.player.AtEnd():
		p.player.Seek(p.player.Running())
		p.player.Pause(false, m.local)
	default:
		p.player.Pause(!p.player.Paused(), m.local)
	}
	return nil
}

// move moves about in the past, and says so where there is nothing to go to. A live screen is
// paused first.
func (m *model) move(move func(*player.Player) bool, nothing string) tea.Cmd {
	if m.past == nil {
		return m.look(func(pl *player.Player) { move(pl) })
	}
	if !move(m.past.player) {
		m.setNotice(style.CautBold, nothing)
	}
	return nil
}

// skip is how far one skips at once.
const skip = 5 * time.Second

// travel does what a key asks for that is about the past.
func (m *model) travel(in keys.Intent) tea.Cmd {
	on, local := in.By > 0, m.local
	to := func(t func(*player.Player) time.Duration) tea.Cmd {
		return m.move(func(pl *player.Player) bool { pl.Seek(t(pl)); return true }, "")
	}
	switch in.Op {
	case keys.Pause:
		return m.pause()
	case keys.Replay:
		return m.replay(m.result.Journal)
	case keys.Speed:
		if !m.past.player.Faster(in.By) {
			m.setNotice(style.Label, fmt.Sprintf("%g× is as far as it goes", m.past.player.Speed()))
		}
	case keys.StepPast:
		return m.move(func(pl *player.Player) bool {
			pl.Pause(true, local)
			if on {
				return pl.Next()
			}
			return pl.Previous()
		}, "the timeline has nothing there")
	case keys.JumpFault:
		return m.move(func(pl *player.Player) bool {
			if on {
				return pl.NextFault()
			}
			return pl.PrevFault()
		}, "there is no fault that way")
	case keys.SkipPast:
		return to(func(pl *player.Player) time.Duration { return pl.Clock() + time.Duration(in.By)*skip })
	case keys.JumpEnd:
		switch {
		case on && m.past != nil && m.past.live:
			m.past = nil // back to now
		case on:
			return to((*player.Player).Length)
		default:
			return to(func(*player.Player) time.Duration { return 0 })
		}
	}
	return nil
}

// leaveReplay goes back to where a replay was opened.
func (m *model) leaveReplay() tea.Cmd {
	p := m.past
	m.past, m.dialogs, m.drill = nil, nil, p.before
	if p.command {
		return tea.Quit
	}
	return nil
}

// scrub takes the mouse on the scrubber's line; false where it is for something else.
func (m *model) scrub(did keys.Mouse) bool {
	p := m.past
	if !p.ready() {
		return false
	}
	at := m.tape(m.now()).TimeAt(did.X, m.w)
	switch {
	case did.Did == keys.Clicked && did.Y >= m.h-page.TapeBelow:
		p.held, p.played = true, !p.player.Paused()
		p.player.Pause(true, m.local)
		p.player.Seek(at)
	case did.Did == keys.Dragged && p.held:
		p.player.Seek(at)
	case did.Did == keys.Released && p.held:
		p.held = false
		p.player.Pause(!p.played || p.player.AtEnd(), m.local)
	default:
		return false
	}
	return true
}
