// Package result is the page of what a drill found.
package result

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/measure/domain"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/layout"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/pane/data"
	"github.com/fleetdrill/fleetdrill/tui/pane/recovery"
	"github.com/fleetdrill/fleetdrill/tui/picture"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
	"github.com/fleetdrill/fleetdrill/tui/written"
)

// Page is what a drill found: its verdict, its objectives, each failover with
// its stages, and where the journal is. What has no room is scrolled to.
type Page struct {
	Journal string // "" for none
	Found   bool   // the fleet was there before, and is left there
	Kept    bool   // the fleet was left up because a person said so
	Closed  bool   // nothing is left to tear down
	// Remarks is what a person has to know of how the journal was read: see journal.Loaded.
	Remarks []string
	scroll  int
}

// resultLayout is the findings, drawn as high as they are, and what is seen of them.
type resultLayout struct {
	findings *canvas.Canvas
	rows     int
	room     int
	overflow int // how many rows it can be scrolled
}

func (p Page) lay(v pane.View, w, h int) resultLayout {
	l := resultLayout{room: max(h-layout.FooterHeight-2, 0)}
	l.room = max(l.room-len(page.JournalLines(p.Journal, w)), 0)
	// Blank rows are for where they push nothing off.
	gap := 1
	if h-layout.FooterHeight < 30 {
		gap = 0
	}
	l.findings, l.rows = p.tallFindings(w, v, gap, false)
	if l.rows > l.room {
		l.findings, l.rows = p.tallFindings(w, v, gap, true)
	}
	l.overflow = max(l.rows-l.room, 0)
	return l
}

// Key scrolls where the findings are longer than a screen of w × h, or says why there is nothing to scroll;
// false for a key that is for something else.
func (p *Page) Key(key string, n keys.Now, w, h int) (taken bool, why string) {
	own := keys.OwnOf(key, keys.PageResult, n.Time())
	overflow := p.lay(n.View, w, h).overflow
	if overflow == 0 {
		if own == 0 || own == keys.OwnMore || own == keys.OwnBack {
			return false, ""
		}
		return true, "all of the result is on the screen"
	}
	switch half := max(h/2, 1); own {
	case keys.OwnDown:
		p.scroll++
	case keys.OwnUp:
		p.scroll--
	case keys.OwnPageDown, keys.OwnMore:
		p.scroll += half
	case keys.OwnPageUp:
		p.scroll -= half
	case keys.OwnBack:
		p.scroll = 0
	default:
		return false, ""
	}
	p.scroll = min(max(p.scroll, 0), overflow)
	return true, ""
}

// Draw draws the page.
func (p Page) Draw(a canvas.Area, n keys.Now, foot page.Footer) {
	l := p.lay(n.View, a.W, a.H)
	h := a.H - layout.FooterHeight
	x := a.Text(1, 0, style.Brand, "fleetdrill")
	a.Line(x+2, 0, a.W-1, canvas.S(style.Strong, page.DrillName(n.State)), canvas.S(style.Label, " "+page.FleetOn(n.State)))
	page.DrawJournal(a.Rows(0, h), p.Journal)
	body := a.Rows(2, l.room)
	from := min(max(p.scroll, 0), l.overflow)
	body.Copy(l.findings.All().Rows(from, body.H))
	if l.overflow > 0 {
		a.Right(a.W-1, 0, style.Label, fmt.Sprintf(" rows %d – %d of %d", from+1, from+body.H, l.rows))
	}
	p.drawFooter(a.Rows(h, layout.FooterHeight), n, foot, l.overflow > 0)
}

func (p Page) drawFooter(a canvas.Area, n keys.Now, foot page.Footer, scrolls bool) {
	switch {
	case p.Found:
		a.Fit(1, 0, a.W-2, style.Label, "the fleet is left as it was found; quit, then “fleetdrill down” removes it")
	case p.Kept:
		a.Fit(1, 0, a.W-2, style.Label, "the fleet is left up, as was asked for; “fleetdrill down” removes it")
	case !p.Closed:
		a.Text(1, 0, style.Caution, n.Spinner()+" the fleet is being taken down")
	}
	if foot.DrawNotice(a) > 1 {
		return
	}
	x := a.Line(1, 1, a.W, page.KeyOf(n, n.Keys.Op(keys.Quit), " quit  ")...)
	last := page.KeyOf(n, n.Keys.Op(keys.OpenHelp), " help")
	for _, k := range footKeys(n, scrolls) {
		if x+canvas.SpansWidth(k)+canvas.SpansWidth(last) <= a.W {
			x = a.Line(x, 1, a.W, k...)
		}
	}
	a.Line(x, 1, a.W, last...)
}

// footKeys is the keys that can do something here, those that are needed most first; what has no room
// is found by "?".
func footKeys(n keys.Now, scrolls bool) (all [][]canvas.Span) {
	if scrolls {
		all = append(all, []canvas.Span{canvas.S(style.Key, "↑↓"), canvas.S(style.Label, " scroll  ")})
	}
	if b := n.Keys.Op(keys.Inspect); b != nil && b.Off(n) == "" { // here it lists the lost writes
		all = append(all, page.KeyOf(n, b, " lost writes  "))
	}
	for _, b := range n.Keys {
		if (b.Place == keys.OnResult || b.Intent.Op == keys.NextDataset) && b.Off(n) == "" {
			all = append(all, page.KeyOf(n, &b, " "+b.Name+"  "))
		}
	}
	return all
}

// tallFindings draws all below the title on a canvas as high as that takes, and
// returns with it the rows that are used.
func (p Page) tallFindings(w int, v pane.View, gap int, long bool) (*canvas.Canvas, int) {
	for h := 64; ; h *= 2 {
		c := canvas.New(w, h, v.Theme)
		rows := p.drawFound(c.All(), v, gap, long)
		if rows < h || h > maxFound { // else something may have stopped at the end
			return c, min(rows, h)
		}
	}
}

// maxFound bounds the canvas where a drill by hand went wrong without end.
const maxFound = 4000

// ownRows is how many rows a person's own writes may have: what else was found is not to be pushed off.
const ownRows = 9

// drawFound draws everything that a drill found; it returns the rows used. Where
// that is long, failovers in words come before they are drawn.
func (p Page) drawFound(a canvas.Area, v pane.View, gap int, long bool) int {
	s := v.State
	word, why := format.Outcome(s)
	glyph, st := verdictSign(s, v.Theme.Glyphs)
	x := a.Text(1, 0, st, fmt.Sprintf(" %s %s ", glyph, word))
	y := 0
	for _, l := range canvas.Wrap(why, a.W-x-3) {
		a.Text(x+2, y, style.Text, l)
		y++
	}
	y = max(y, 1)
	if warning := format.Unasked(s); warning != "" {
		a.Text(1, y, style.DangerBold, v.Theme.Glyphs.Failed+" "+warning)
		y++
	}
	y += page.DrawRemarks(a.Sub(1, y, a.W-2, a.H-y), p.Remarks)
	y++
	y += drawStory(a.Sub(1, y, a.W-2, a.H-y), v)
	if n := drawHypothesis(a.Sub(1, y, a.W-2, a.H-y), v); n > 0 {
		y += n + 1
	}
	y += drawTroubles(a.Sub(1, y, a.W-2, a.H-y), v)
	if n := drawStrategies(a.Sub(1, y, a.W-2, a.H-y), v); n > 0 {
		y += n + gap
	}
	if n := written.Lines(a.Sub(1, y, a.W-2, min(a.H-y, ownRows)), s, v.Theme.Glyphs, ""); n > 0 {
		y += n + gap
	}
	body := a.Sub(1, y, a.W-2, a.H-y)
	if body.W >= 96 {
		left := body.W/2 - 2
		used := drawFindings(body.Sub(0, 0, left, body.H), v, gap)
		used += drawPredictions(body.Sub(0, used, left, body.H-used), v)
		used = max(used, drawFailovers(body.Sub(left+4, 0, body.W-left-4, body.H), v))
		return y + used + drawPictures(body.Rows(used, body.H-used), v, gap)
	}
	used := drawFindings(body, v, gap)
	if long {
		for _, f := range failoversOf(v) {
			used += drawFailoverShort(body.Rows(used, body.H-used), f)
		}
	}
	used += drawFailovers(body.Rows(used, body.H-used), v)
	used += drawPredictions(body.Rows(used, body.H-used), v)
	return y + used + drawPictures(body.Rows(used, body.H-used), v, gap)
}

// drawPictures draws what was measured over time, below all that is said of it; it returns the rows. Where there is little
// room a band is one row high.
func drawPictures(a canvas.Area, v pane.View, gap int) (y int) {
	for _, p := range format.Pictures(v.State) {
		y += picture.Draw(a.Rows(y, a.H-y), p, 1+2*gap) + 1
	}
	return max(y-1, 0) // no blank row after the last
}

// verdictSign is how a verdict looks. A free drill has none, so it is neither good nor bad.
func verdictSign(s *drill.State, g style.Glyphs) (glyph string, st style.Style) {
	badge := func(ink style.Role) style.Style { return style.Style{Ink: ink, Bold: true, Reverse: true} }
	word, _ := format.Outcome(s)
	switch {
	case s.Verdict == drill.Passed && format.Unasked(s) == "":
		return g.Done, badge(style.Good)
	case s.Verdict == drill.Failed || s.Verdict == drill.Aborted:
		return g.Failed, style.Alarm
	case word == format.FreeDrill:
		return g.Pointer, style.Style{Bold: true, Reverse: true}
	}
	return "?", badge(style.Warn)
}

// drawStory is what happened, an incident a paragraph; it returns the rows, with one left blank.
func drawStory(a canvas.Area, v pane.View) (y int) {
	for _, text := range format.Story(v.State) {
		for i, l := range canvas.Wrap(text, a.W-2) {
			if i == 0 {
				a.Text(0, y, style.Star, v.Theme.Glyphs.Pointer)
			}
			a.Text(2, y, style.Text, l)
			y++
		}
	}
	if y > 0 {
		y++
	}
	return y
}

// drawFindings draws objectives and totals, with gap rows between them; it returns
// the rows that it took.
func drawFindings(a canvas.Area, v pane.View, gap int) int {
	y := drawPromises(a, v)
	if y > 0 {
		y += gap
	}
	r := measure.RequestsOf(v.State)
	x := a.Text(0, y, style.Label, "requests  ")
	if r.Known {
		a.Line(x, y, a.W, canvas.S(style.Text, format.Count(r.Requests)), canvas.S(style.Label, ", failed "), canvas.S(style.Text, format.Count(r.Failed)))
	} else {
		a.Text(x, y, style.Label, format.Unknown)
	}
	y++
	if h := measure.BlastRadius(v.State); h.Known {
		x = a.Text(0, y, style.Label, "affected  ")
		a.Line(x, y, a.W, canvas.S(style.Text, format.Percent(h.Share)), canvas.S(style.Label, affectedOf(a.W-x-canvas.Width(format.Percent(h.Share)), format.Count(h.Asked))))
		y++
		y += drawByDomain(a.Rows(y, a.H-y), x, domain.Affected(v.State, h.Command))
	}
	y += drawWebTier(a.Rows(y, a.H-y), v.State)
	return y + drawDataFound(a.Rows(y, a.H-y), v) + 1
}

// affectedOf says in w columns of whom a share is affected.
func affectedOf(w int, asked string) string {
	return show.Longest(w, []string{" of the " + asked + " users who asked, worst fault", " of " + asked + " who asked, worst fault", " of " + asked + " who asked"})
}

// drawDataFound is what became of the data: each split brain, then what was lost and
// who came back. Of several datasets the table above has the lost ones, so here is
// only the one in focus.
func drawDataFound(a canvas.Area, v pane.View) int {
	y := 0
	several := len(v.State.Datasets) > 1
	named := func(d *drill.DatasetState) (x int) {
		if several {
			x = a.Text(0, y, style.Text, d.Name) + 1
		}
		return x
	}
	for _, d := range v.State.Datasets {
		for _, b := range d.Splits {
			data.SplitBrain(a, named(d), y, b, v.Hints.ListLost)
			y++
		}
	}
	d := v.Chosen()
	if d == nil {
		return y
	}
	x := named(d)
	data.Lost(a.Sub(x, y, a.W-x, 1), v.Scene, d, 0)
	return y + 1 + data.Rejoins(a, v.Scene, d, y+1)
}

func failoversOf(v pane.View) []*drill.Failover {
	return focusedFirst(v, v.State.Failovers, func(f *drill.Failover) string { return f.Dataset })
}

// drawFailovers draws the failovers with their stages, those of the dataset in focus
// before the others, the first first, and then the switchovers; it returns the rows.
func drawFailovers(a canvas.Area, v pane.View) int {
	y := 0
	for _, f := range failoversOf(v) {
		term := ""
		if f.Epoch > 0 {
			term = "  " + format.Term(f.Epoch)
		}
		a.Line(0, y, a.W, canvas.S(style.Title, "failover of "+f.Dataset), canvas.S(style.Label, fmt.Sprintf("  %s → %s", f.From, f.To)+term))
		stages := recovery.WaterfallHeight(v.State, f)
		recovery.Waterfall(a.Rows(y+1, stages), v.Scene, f)
		y += stages + 2
	}
	for _, m := range focusedFirst(v, v.State.Moves, func(m drill.Switchover) string { return m.Dataset }) {
		a.Line(0, y, a.W, canvas.S(style.Title, "switchover of "+m.Dataset), canvas.S(style.Label, fmt.Sprintf("  %s → %s", m.From, m.To)))
		rows := recovery.SwitchoverHeight(m.SwitchoverDone)
		recovery.Switchover(a.Rows(y+1, rows), v.Scene, m.SwitchoverDone)
		y += rows + 2
	}
	return y
}

// focusedFirst is a list with what is of the dataset in focus before the rest.
func focusedFirst[T any](v pane.View, list []T, dataset func(T) string) []T {
	var own, rest []T
	for _, e := range list {
		if d := v.Chosen(); d != nil && dataset(e) == d.Name {
			own = append(own, e)
		} else {
			rest = append(rest, e)
		}
	}
	return append(own, rest...)
}

// drawFailoverShort says in lines what is drawn further below; it returns how many
// it took.
func drawFailoverShort(a canvas.Area, f *drill.Failover) int {
	text := fmt.Sprintf("failover of %s from %s", f.Dataset, f.From)
	if f.To != "" {
		text += " to " + f.To
	}
	sep := ": "
	for _, stage := range drill.FailoverStages {
		if took, ok := f.Took(stage); ok {
			text += sep + string(stage) + " " + format.Span(took)
			sep = " · "
		}
	}
	if rto, ok := f.RTO(); ok {
		text += ", first write after " + format.Span(rto)
	}
	lines := canvas.Wrap(text, a.W)
	for y, l := range lines {
		a.Text(0, y, style.Text, l)
	}
	return len(lines) + 1
}

// drawTroubles lists what went wrong beside the drill itself, with what to do.
func drawTroubles(a canvas.Area, v pane.View) int {
	y := 0
	for _, f := range v.State.Failures {
		a.Line(0, y, a.W, canvas.S(style.DangerBold, v.Theme.Glyphs.Failed+" "+f.Task+": "), canvas.S(style.Text, f.Error))
		y++
		if f.Next != "" {
			a.Fit(2, y, a.W-2, style.Caution, f.Next)
			y++
		}
	}
	for _, r := range v.State.Regions {
		for _, st := range r.Stages {
			if st.Status == drill.StageFailed {
				a.Line(0, y, a.W, canvas.S(style.DangerBold, v.Theme.Glyphs.Failed+" "+r.Spec.Name+", "+st.Stage+": "), canvas.S(style.Text, st.Detail))
				y++
			}
		}
	}
	if y > 0 {
		y++
	}
	return y
}
