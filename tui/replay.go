package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill/journal/player"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/page/result"
)

// replay opens a journal, "" for the one that ships, and plays it from when the fleet was up.
func (w *watched) replay(host Host, path string) tea.Cmd {
	return w.replayFrom(host, path, func(pl *player.Player) bool { return false })
}

// replayFrom is replay from where a move leads, if there is such a place.
func (w *watched) replayFrom(host Host, path string, move func(*player.Player) bool) tea.Cmd {
	w.past = &past{result: result.Page{Journal: path, Closed: true}}
	return readCmd(host, w.past, path, func(pl *player.Player) {
		if !move(pl) {
			pl.Seek(pl.Running())
		}
	})
}

// toFault moves to the next fault, or the one before; of a drill that is over, to its first or its last.
func toFault(pl *player.Player, by int, over bool) bool {
	if by > 0 {
		return pl.NextFault()
	}
	if over {
		pl.Seek(pl.Length())
	}
	return pl.PrevFault()
}

// look pauses the live screen where it is, and moves from there.
func (w *watched) look(host Host, move func(*player.Player) bool) (cmd tea.Cmd, why string) {
	path, at := w.live.session.JournalPath(), w.live.now
	if path == "" {
		return nil, "this drill keeps no journal, which the past is read from"
	}
	w.past = &past{live: true}
	return readCmd(host, w.past, path, func(pl *player.Player) {
		pl.Seek(at)
		move(pl)
	}), ""
}

// skip is how far one key skips.
const skip = 5 * time.Second

// travel does what a key asks for that is about the past; why says what came in its way. over is
// the journal of the drill that is over, "" while it runs.
func (w *watched) travel(host Host, in keys.Intent, over string, local time.Time) (cmd tea.Cmd, why string) {
	on := in.By > 0
	move := func(move func(*player.Player) bool, nothing string) (tea.Cmd, string) {
		switch {
		case w.past == nil:
			return w.look(host, move)
		case !move(w.past.player):
			return nil, nothing
		}
		return nil, ""
	}
	seek := func(to func(*player.Player) time.Duration) (tea.Cmd, string) {
		return move(func(pl *player.Player) bool { pl.Seek(to(pl)); return true }, "")
	}
	switch in.Op {
	case keys.Pause:
		if w.past == nil {
			return seek((*player.Player).Clock)
		}
		w.past = w.past.goOn(local)
	case keys.Replay:
		return w.replay(host, over), ""
	case keys.Speed:
		if pl := w.past.player; !pl.Faster(in.By) {
			return nil, fmt.Sprintf("%g× is as far as it goes", pl.Speed())
		}
	case keys.StepPast:
		return move(func(pl *player.Player) bool {
			pl.Pause(true, local)
			if on {
				return pl.Next()
			}
			return pl.Previous()
		}, "the timeline has nothing there")
	case keys.JumpFault:
		if w.past == nil && over != "" {
			return w.replayFrom(host, over, func(pl *player.Player) bool { return toFault(pl, in.By, true) }), ""
		}
		return move(func(pl *player.Player) bool { return toFault(pl, in.By, false) }, "there is no fault that way")
	case keys.SkipPast:
		return seek(func(pl *player.Player) time.Duration { return pl.Clock() + time.Duration(in.By)*skip })
	case keys.JumpEnd:
		switch {
		case on && w.past != nil && w.past.live:
			w.past = nil // back to now
		case on:
			return seek((*player.Player).Length)
		default:
			return seek(func(*player.Player) time.Duration { return 0 })
		}
	}
	return nil, ""
}

// goOn is the past after the key that pauses: none of a live drill, which is back at now then; a
// replay goes on or pauses, and begins anew from its end.
func (p *past) goOn(local time.Time) *past {
	switch pl := p.player; {
	case p.live:
		return nil
	case pl.AtEnd():
		pl.Seek(pl.Running())
		pl.Pause(false, local)
	default:
		pl.Pause(!pl.Paused(), local)
	}
	return p
}

// scrub takes the mouse on the scrubber's line of a screen of width × height; false where what was
// done is for something else.
func (w *watched) scrub(did keys.Mouse, width, height int, local time.Time) bool {
	p := w.past
	if !p.ready() {
		return false
	}
	pl, at := p.player, w.tape(w.lookBack()).TimeAt(did.X, width)
	switch {
	case did.Did == keys.Clicked && did.Y >= height-page.TapeBelow:
		p.held, p.played = true, !pl.Paused()
		pl.Pause(true, local)
		pl.Seek(at)
	case did.Did == keys.Dragged && p.held:
		pl.Seek(at)
	case did.Did == keys.Released && p.held:
		p.held = false
		pl.Pause(!p.played || pl.AtEnd(), local)
	default:
		return false
	}
	return true
}
