// Package compared is the page of a drill that runs on several fleets, one after the other: which
// run is on, and what came of each, side by side.
package compared

import (
	"fmt"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/comparison"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/layout"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/picture"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Run is the drill on one fleet, as far as it is.
type Run struct {
	Fleet string
	State *drill.State  // of what it came to so far; nil before it began
	Now   time.Duration // the engine's clock
	Over  bool          // nothing of it is left to do
	Why   string        // why it did not come about
	// Journal is where its events are written; "" for nowhere.
	Journal string
}

// Page is a drill on several fleets.
type Page struct {
	Name  string // the comparison's; "" for one of the command line
	Title string
	// Question is what it answers; "" where it says none.
	Question string
	Drill    string
	On       string
	Runs     []Run
	// Ending says that it was given up, and its fleet is being taken down.
	Ending bool
	scroll int
	focus  int // the run that is replayed
}

// Replay is the journal of the run in focus, or why there is nothing to replay yet.
func (p Page) Replay() (journal, why string) {
	switch r := p.Runs[p.focus]; {
	case !r.Over:
		return "", "the run on " + r.Fleet + " is not over"
	case r.Journal == "":
		return "", "the run on " + r.Fleet + " has no journal"
	default:
		return r.Journal, ""
	}
}

// Over reports whether nothing is left to do.
func (p Page) Over() bool {
	for _, r := range p.Runs {
		if !r.Over {
			return false
		}
	}
	return true
}

// Key scrolls where the page is longer than a screen of w × h, or moves the focus; false for a key that is for something else.
func (p *Page) Key(key string, n keys.Now, w, h int) bool {
	half := max(h/2, 1)
	switch keys.OwnOf(key, keys.PageCompared, n.Time()) {
	case keys.OwnDown:
		p.scroll++
	case keys.OwnUp:
		p.scroll--
	case keys.OwnPageDown:
		p.scroll += half
	case keys.OwnPageUp:
		p.scroll -= half
	case keys.OwnNextList:
		p.focus = (p.focus + 1) % len(p.Runs)
	case keys.OwnLastList:
		p.focus = (p.focus + len(p.Runs) - 1) % len(p.Runs)
	default:
		return false
	}
	_, rows := p.tall(w, n)
	p.scroll = min(max(p.scroll, 0), max(rows-room(h), 0))
	return true
}

// room is the rows between heading and footer.
func room(h int) int { return max(h-2-layout.FooterHeight, 1) }

// Draw draws the page.
func (p Page) Draw(a canvas.Area, n keys.Now, foot page.Footer) {
	x := a.Text(1, 0, style.Brand, "fleetdrill") + 2
	at := 0
	for _, r := range p.Runs {
		if r.Over || r.State != nil {
			at++
		}
	}
	right := a.Right(a.W-1, 0, style.Strong, fmt.Sprintf("fleet %d of %d", at, len(p.Runs)))
	name := p.Name
	if name == "" {
		name = "comparison"
	}
	a.Line(x, 0, right-2, canvas.S(style.Strong, name), canvas.S(style.Label, "  "+p.Drill+" on "+p.On))
	text, rows := p.tall(a.W, n)
	body := a.Rows(2, room(a.H))
	from := min(max(p.scroll, 0), max(rows-body.H, 0))
	body.Copy(text.All().Rows(from, body.H))
	x = a.Fit(1, 1, a.W-2, style.Label, p.Title) + 2
	if canvas.Width(p.Question) < a.W-x { // half a question asks nothing
		a.Text(x, 1, style.Text, p.Question)
	}
	p.drawFooter(a.Rows(a.H-layout.FooterHeight, layout.FooterHeight), n, foot, rows > body.H)
}

func (p Page) drawFooter(a canvas.Area, n keys.Now, foot page.Footer, scrolls bool) {
	if p.Ending && !p.Over() {
		a.Text(1, 0, style.Caution, n.Spinner()+" the fleet is being taken down")
	}
	if foot.DrawNotice(a) > 1 {
		return
	}
	x := a.Line(1, 1, a.W, page.KeyOf(n, n.Keys.Op(keys.Quit), " quit  ")...)
	if _, why := p.Replay(); why == "" {
		x = a.Line(x, 1, a.W, canvas.S(style.Key, n.Theme.Glyphs.Enter), canvas.S(style.Label, " replay "+p.Runs[p.focus].Fleet+"  "))
	}
	if len(p.Runs) > 1 {
		x = a.Line(x, 1, a.W, canvas.S(style.Key, "tab"), canvas.S(style.Label, " next run  "))
	}
	if scrolls {
		x = a.Line(x, 1, a.W, canvas.S(style.Key, "↑↓"), canvas.S(style.Label, " scroll  "))
	}
	a.Line(x, 1, a.W, page.KeyOf(n, n.Keys.Op(keys.OpenHelp), " help")...)
}

// tall is all between heading and footer on a canvas as high as that takes, and the rows that are used.
func (p Page) tall(w int, n keys.Now) (*canvas.Canvas, int) {
	runs := make([]comparison.Run, 0, len(p.Runs))
	for _, r := range p.Runs {
		runs = append(runs, comparison.Run{Label: r.Fleet, State: r.State, Why: r.Why})
	}
	held := comparison.Of(runs...)
	const aText = 6 // rows of a sentence on the narrowest screen, at most
	pictures := held.Pictures()
	drawn := 0
	for _, p := range pictures {
		drawn += picture.Rows(p, band) + 1
	}
	c := canvas.New(w, mostWhy*len(p.Runs)+len(held.Rows)+6+drawn+aText*(len(held.Findings)+len(p.Runs)), n.Theme)
	a := c.All().Sub(1, 0, w-2, c.All().H)
	y, name := 0, 0
	for _, r := range p.Runs {
		name = min(max(name, canvas.Width(r.Fleet)), mostName)
	}
	for i, r := range p.Runs {
		st := style.Strong
		if i == p.focus {
			st = style.TitleHot
		}
		y += r.draw(a.Rows(y, a.H-y), n, name, st)
	}
	y++
	var sum, rest []string // what it comes to stands first, what that is made of below the numbers
	if last := len(held.Findings) - 1; p.Over() && last >= 0 {
		sum, rest = held.Findings[last:], held.Findings[:last]
	}
	if len(sum) > 0 {
		y += drawTexts(a.Rows(y, a.H-y), sum, style.Strong, n) + 1
	}
	if p.Over() && len(pictures) > 0 { // that of all runs
		y += picture.Draw(a.Rows(y, a.H-y), pictures[0], band) + 1
		pictures = pictures[1:]
	}
	if runs[0].State != nil {
		y += drawTable(a.Rows(y, a.H-y), held) + 1
	}
	y += drawTexts(a.Rows(y, a.H-y), rest, style.Text, n)
	for _, p := range pictures {
		y += 1 + picture.Draw(a.Rows(y+1, a.H-y-1), p, band)
	}
	return c, y
}

// band is the rows of a line in a picture: enough for what is missing to have a pattern.
const band = 3

// drawTexts draws sentences, each from a line of its own on; it returns the rows.
func drawTexts(a canvas.Area, texts []string, st style.Style, n keys.Now) (y int) {
	for _, text := range texts {
		for i, l := range canvas.Wrap(text, a.W-2) {
			if i == 0 {
				a.Text(0, y, style.Star, n.Theme.Glyphs.Pointer)
			}
			a.Text(2, y, st, l)
			y++
		}
	}
	return y
}

// mostWhy is the rows that the reason of a run may have; the rest is in its journal.
const mostWhy = 4

// mostName is the columns that a fleet's name has at most, beside how far its run is.
const mostName = 28

// draw draws how far a run is, beside names of a width and style; it returns the rows.
func (r Run) draw(a canvas.Area, n keys.Now, name int, named style.Style) int {
	g := n.Theme.Glyphs
	sign, st := "·", style.Label
	var about []canvas.Span
	switch {
	case r.Why != "":
		sign, st = g.Failed, style.DangerBold
		about = append(about, canvas.S(style.Text, r.Why))
	case r.State == nil:
		about = append(about, canvas.S(style.Label, "waits"))
	case r.State.Verdict != "":
		word, why := format.Outcome(r.State)
		sign, st = verdictSign(r.State.Verdict, g)
		about = append(about, canvas.S(style.Strong, word))
		if why != "" {
			about = append(about, canvas.S(style.Text, ": "+why))
		}
	default:
		sign, st = n.Spinner(), style.Caution
		about = r.progress()
	}
	a.Text(0, 0, st, sign)
	a.Fit(2, 0, name, named, r.Fleet)
	x := 2 + name + 2
	if canvas.SpansWidth(about) <= a.W-x || r.State != nil && r.State.Verdict == "" {
		a.Line(x, 0, a.W, about...)
		return 1
	}
	var text string // which may be long: why it did not come about, or was not judged
	for _, s := range about {
		text += s.Text
	}
	lines := canvas.CutLines(canvas.Wrap(strings.Join(strings.Fields(text), " "), a.W-x), mostWhy, a.W-x)
	for y, l := range lines {
		a.Text(x, y, style.Text, l)
	}
	return len(lines)
}

// verdictSign is how a verdict looks beside a fleet's name.
func verdictSign(v drill.Verdict, g style.Glyphs) (string, style.Style) {
	switch v {
	case drill.Passed:
		return g.Done, style.FineBold
	case drill.Failed, drill.Aborted:
		return g.Failed, style.DangerBold
	}
	return "?", style.CautBold
}

// progress is what a run is at, and who is hurt now.
func (r Run) progress() []canvas.Span {
	s := r.State
	at := format.Phase(s.Phase)
	if s.Phase == drill.PhaseRunning && s.Plan != nil && s.Step >= 0 && s.Step < len(s.Plan.Steps) {
		at = fmt.Sprintf("step %d of %d: %s", s.Step+1, len(s.Plan.Steps), s.Plan.Steps[s.Step].Command)
	}
	if s.Phase == "" {
		at = format.Phase(drill.PhaseBringUp)
	}
	spans := []canvas.Span{canvas.S(style.Text, at), canvas.S(style.Label, "  "+format.ShortWhen(s, r.Now))}
	if now := measure.AffectedNow(s); now.Known {
		st := style.Fine
		if now.Affected > 0 {
			st = style.DangerBold
		}
		spans = append(spans, canvas.S(st, "  failing now "+format.Percent(now.Share)))
	}
	return spans
}
