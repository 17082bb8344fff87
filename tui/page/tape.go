package page

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/journal/player"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Tape says that a page shows the past, and where in it: a line above the page, and a scrubber
// below it. It is drawn around any page of a drill.
type Tape struct {
	keys.Past
	Over     bool // the live drill has ended meanwhile
	Moving   bool // what is shown is not yet what was gone to
	Recorded time.Time
	// Incomplete says that not all of the journal is in what is shown; its result says what is missing.
	Incomplete bool
	At, Of     time.Duration // where one is, of how long it is
	Speed      float64
	Marks      []player.Mark
}

// The rows that a tape takes above a page and below it.
const (
	TapeAbove = 1
	TapeBelow = 1
)

// Body is what is left to the page.
func (t Tape) Body(a canvas.Area) canvas.Area { return a.Rows(TapeAbove, a.H-TapeAbove-TapeBelow) }

// Draw draws both lines, and leaves the page's room alone.
func (t Tape) Draw(a canvas.Area, n keys.Now) {
	t.drawWords(a.Rows(0, TapeAbove), n)
	if !t.Reading {
		t.drawScrubber(a.Rows(a.H-TapeBelow, TapeBelow), n)
	}
}

// The looks of the line above: a past that is mistaken for now misleads, so it is loud.
var (
	pausedBadge = style.Style{Ink: style.Warn, Bold: true, Reverse: true}
	replayBadge = style.Style{Ink: style.Lead, Bold: true, Reverse: true}
)

func (t Tape) drawWords(row canvas.Area, n keys.Now) {
	var words, hints []canvas.Span
	ends := []int{0}                                     // of each hint
	hint := func(name string, op keys.Op, ways ...int) { // a click on a key presses it
		for i, by := range ways {
			does := " "
			if i == len(ways)-1 {
				does += name + "  "
			}
			hints = append(hints, KeyOf(n, n.Keys.Own(op, by), does)...)
		}
		ends = append(ends, len(hints))
	}
	if t.Live {
		words = t.liveWords()
		hint("now", keys.Pause, 0)
		hint("step", keys.StepPast, -1, 1)
	} else {
		words = t.replayWords(n)
		switch {
		case t.AtEnd:
			hint("again", keys.Pause, 0)
		case t.Paused:
			hint("play", keys.Pause, 0)
		default:
			hint("pause", keys.Pause, 0)
		}
		hint("leave", keys.Quit, 0)
		hint("step", keys.StepPast, -1, 1)
		hint("fault", keys.JumpFault, -1, 1)
		hint("speed", keys.Speed, -1, 1)
	}
	x := row.Line(0, 0, row.W, words...)
	for len(ends) > 1 && x+canvas.SpansWidth(hints) > row.W-1 { // the first of them matter most
		ends = ends[:len(ends)-1]
		hints = hints[:ends[len(ends)-1]]
	}
	row.Line(row.W-canvas.SpansWidth(hints), 0, row.W, hints...)
}

func (t Tape) liveWords() []canvas.Span {
	if t.Reading {
		return []canvas.Span{canvas.S(pausedBadge, " PAUSING "), canvas.S(style.Label, " the journal is being read")}
	}
	rest := " the drill runs on "
	if t.Over {
		rest = " the drill is over "
	}
	return []canvas.Span{
		canvas.S(pausedBadge, " PAUSED "), canvas.S(style.CautBold, " you look at "+format.Age(t.Ago)+" ago,"), canvas.S(style.CautBold, rest),
	}
}

func (t Tape) replayWords(n keys.Now) []canvas.Span {
	badge := canvas.S(replayBadge, " REPLAY ")
	if t.Reading {
		return []canvas.Span{badge, canvas.S(style.Label, " the journal is being read")}
	}
	state := "playing"
	switch {
	case t.Moving:
		state = "seeking"
	case t.AtEnd:
		state = "at its end"
	case t.Paused:
		state = "paused"
	}
	words := []canvas.Span{
		badge, canvas.S(style.Strong, " "+format.Dated(t.Recorded, "2 Jan 2006 15:04")), canvas.S(style.CautBold, "  "+state),
		canvas.S(style.Text, "  "+speedWord(t.Speed, n.Theme.ASCII)), canvas.S(style.Text, "  at "+format.Clock(t.At)), canvas.S(style.Label, " of "+format.Clock(t.Of)+" "),
	}
	if t.Incomplete {
		words = append(words, canvas.S(style.CautBold, " incomplete "))
	}
	return words
}

// speedWord is a speed as people read it.
func speedWord(speed float64, ascii bool) string {
	switch {
	case speed == 0.25 && !ascii:
		return "¼×"
	case speed == 0.5 && !ascii:
		return "½×"
	}
	return fmt.Sprintf("%g×", speed)
}

// track is where on a screen of w columns the scrubber's line stands.
func track(w int) (x, n int) { return 1, max(w-2, 1) }

// column is where on the line a time is.
func (t Tape) column(at time.Duration, n int) int {
	if t.Of <= 0 {
		return 0
	}
	return min(max(int(float64(at)/float64(t.Of)*float64(n-1)+0.5), 0), n-1)
}

// TimeAt is the time that the scrubber has at a column of a screen of w columns.
func (t Tape) TimeAt(column, w int) time.Duration {
	x, n := track(w)
	if n < 2 {
		return 0
	}
	return time.Duration(float64(t.Of) * float64(min(max(column-x, 0), n-1)) / float64(n-1))
}

func (t Tape) drawScrubber(row canvas.Area, n keys.Now) {
	x, w := track(row.W)
	here := t.column(t.At, w)
	row.HLine(x, 0, w, style.Frame, "─")
	row.HLine(x, 0, here, style.Star, "━")
	taken := map[int]bool{}
	glyph, look := "●", style.Star
	for _, m := range t.Marks {
		at := t.column(m.At, w)
		for taken[at] && at < w-1 { // of several at once each is seen
			at++
		}
		taken[at] = true
		sign, st := markSign(m.Kind, n.Theme.Glyphs)
		if at == here {
			glyph, look = sign, st
			continue
		}
		row.Text(x+at, 0, st, sign)
	}
	look.Reverse = true
	row.Text(x+here, 0, look, glyph)
}

// markSign is the sign of a mark; the timeline has the words.
func markSign(kind player.MarkKind, g style.Glyphs) (string, style.Style) {
	switch kind {
	case player.MarkFault:
		return g.Down, style.DangerBold
	case player.MarkFailover:
		return g.Star, style.Star
	case player.MarkRecovered:
		return g.Done, style.FineBold
	}
	return "┃", style.Strong
}
