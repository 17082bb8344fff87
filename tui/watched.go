package tui

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/journal/player"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
)

// watched is the drill that is looked at.
type watched struct {
	fatal *page.Fatal // what ended everything
	live  *live       // nil before the first session
	past  *past       // nil while one looks at now

	comparing *comparing // nil where no drill runs on several fleets
}

// page is which of the screens is shown.
func (w *watched) page() keys.Page {
	switch {
	case w.fatal != nil:
		return keys.PageFatal
	case w.past.replays() && !w.past.ready():
		return keys.PageReading
	case w.past.replays():
	case w.comparing != nil:
		return keys.PageCompared
	case w.live == nil:
		return keys.PageStart
	case w.live.leaving:
		return keys.PageLeaving
	}
	s, _ := w.shown()
	return pageOf(s)
}

// pageOf is the page for what a drill has come to.
func pageOf(s *drill.State) keys.Page {
	switch {
	case s.Verdict != "":
		return keys.PageResult
	case s.Phase == "" || s.Phase == drill.PhaseBringUp:
		return keys.PageBringUp
	}
	return keys.PageDrill
}

// shown is what of a drill is looked at, with the engine's clock; nil where there is no drill.
func (w *watched) shown() (*drill.State, time.Duration) {
	switch {
	case w.past.ready():
		return w.past.shown()
	case w.live != nil && !w.past.replays():
		return w.live.state, w.live.now
	}
	return nil, 0
}

// lookBack is what keys may know of the past; nil where one looks at now.
func (w *watched) lookBack() *keys.Past {
	p := w.past
	if p == nil {
		return nil
	}
	k := &keys.Past{Live: p.live, Reading: p.player == nil, Paused: true, NoStart: p.replays() && (p.command || w.live != nil)}
	if pl := p.player; pl != nil {
		k.Paused, k.AtStart, k.AtEnd = pl.Paused(), pl.AtStart(), pl.AtEnd()
		if p.live {
			k.Ago = max(w.live.now-pl.Clock(), 0)
		}
	}
	return k
}

// tape is the lines around a page of the past.
func (w *watched) tape(k *keys.Past) page.Tape {
	t := page.Tape{Past: *k}
	pl := w.past.player
	if pl == nil {
		return t
	}
	end := pl.End()
	_, position := pl.Shown()
	t.Moving, t.Recorded = position != pl.Position(), end.Started
	t.Incomplete = len(w.past.result.Remarks) > 0
	t.At, t.Of, t.Speed, t.Marks = pl.Clock(), pl.Length(), pl.Speed(), player.Marks(end)
	if t.Live {
		t.Of = max(t.Of, w.live.now)
		t.Over = w.live.closed || w.live.state.Verdict != ""
	}
	return t
}
