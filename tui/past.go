package tui

import (
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/journal/player"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/page/result"
)

// past is what is looked at in place of what happens now: a journal that is played back, or
// what the drill that runs came to a while ago. Of both the journal is the source, so that
// the screen keeps no events of a drill that it shows live.
type past struct {
	live   bool
	player *player.Player // nil while the journal is being read
	missed []drill.Event  // of the drill that runs, which came while its journal was being read

	folding bool          // a state is being made beside the screen
	seen    time.Duration // the clock that the state which is shown is seen at meanwhile
	held    bool          // the scrubber is, by the mouse
	played  bool          // when that began

	// Of a replay: its result, how the page was looked at before, and from where it was opened.
	result  result.Page
	before  page.Drill
	command bool // by the command line, so that leaving it quits
}

type (
	// recordedMsg is a journal that was read for a past, and folded up to where one looks first.
	recordedMsg struct {
		past    *past
		player  *player.Player
		remarks []string
		err     error
	}
	// foldedMsg is the state of a position, made beside the screen.
	foldedMsg struct {
		past     *past
		state    *drill.State
		position int
	}
)

// foldAtOnce is how many events are applied within one frame; more are applied beside the
// screen. See docs/benchmarks.md for what one takes.
const foldAtOnce = 2000

// readCmd reads a journal for a past, and goes to where one looks first.
func readCmd(host Host, p *past, path string, first func(*player.Player)) tea.Cmd {
	return func() tea.Msg {
		rec, err := host.Load(path)
		if err == nil && len(rec.Events) == 0 {
			err = errors.New("the journal " + path + " is empty: nothing happened in it")
		}
		if err != nil {
			return recordedMsg{past: p, err: err}
		}
		pl := player.New(rec.Events)
		first(pl)
		pl.At()
		return recordedMsg{past: p, player: pl, remarks: rec.Remarks}
	}
}

// ready reports whether there is something of the past to look at.
func (p *past) ready() bool { return p != nil && p.player != nil }

// replays reports whether a journal is looked at, not the drill that runs.
func (p *past) replays() bool { return p != nil && !p.live }

// moves reports whether the picture changes by itself.
func (p *past) moves() bool {
	return p != nil && (p.player == nil || p.folding || !p.player.Paused())
}

// begin takes in the journal, folded up to where one looks first. A replay plays from there.
func (p *past) begin(pl *player.Player, local time.Time) {
	p.player = pl
	p.add(p.missed)
	p.missed = nil
	if !p.live {
		pl.Pause(pl.AtEnd(), local)
	}
}

// add takes in what happens now, of the drill that runs.
func (p *past) add(events []drill.Event) {
	switch {
	case p == nil || !p.live:
	case p.player == nil:
		p.missed = append(p.missed, events...)
	default:
		for i, e := range events {
			if e.Seq == p.player.Last()+1 { // else the journal ended early, and is all there is
				p.player.Add(events[i:])
				return
			}
		}
	}
}

// settle makes the state of the position, or has it made.
func (p *past) settle() tea.Cmd {
	if !p.ready() || p.folding {
		return nil
	}
	if p.player.Cost() <= foldAtOnce {
		p.player.At()
		p.seen = p.player.Clock()
		return nil
	}
	p.folding = true
	fold, position := p.player.Folding()
	return func() tea.Msg { return foldedMsg{past: p, state: fold(), position: position} }
}

// folded takes in what settle had made.
func (p *past) folded(msg foldedMsg) {
	if msg.past == p {
		p.player.Folded(msg.state, msg.position)
		p.folding, p.seen = false, msg.state.Now
	}
}

// shown is the state that is looked at, and the engine's clock there.
func (p *past) shown() (*drill.State, time.Duration) {
	s, position := p.player.Shown()
	if position == p.player.Position() {
		return s, p.player.Clock()
	}
	return s, p.seen
}

// room is what a page has of a screen of w × h: all of it, but for the lines of the past.
func (p *past) room(w, h int) (int, int) {
	if p == nil {
		return w, h
	}
	return w, h - page.TapeAbove - page.TapeBelow
}

// resultOr is the result of a replay, or the one of the session.
func (p *past) resultOr(r *result.Page) *result.Page {
	if p.replays() {
		return &p.result
	}
	return r
}
