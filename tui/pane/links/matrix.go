package links

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Ends is where links come from (regions, then populations) and where they go to (regions).
func Ends(s *drill.State) (from, to []string) {
	for _, r := range s.Regions {
		to = append(to, r.Spec.Name)
	}
	from = slices.Clone(to)
	for _, p := range s.Populations {
		from = append(from, p.Spec.Name)
	}
	return from, to
}

// The columns of a cell, and the rows of what is said of the link in focus.
const cellLeast, cellMost, aboutRows = 12, 34, 7

// Matrix draws a cell for each link and direction, with what was asked for and what was measured, and
// below them all that is known of the link in focus. What has no room is beyond the edge: the link in
// focus never is.
func Matrix(a canvas.Area, sc show.Scene, link [2]string) {
	from, to := Ends(sc.State)
	if len(to) < 2 {
		a.Text(0, 0, style.Label, "this fleet has no links between regions")
		return
	}
	name := show.NameWidth(sc.State, 10)
	cell := min(max((a.W-name-2)/len(to), cellLeast), cellMost)
	about := min(aboutRows, max(a.H-3, 0))
	grid := a.Rows(0, a.H-about)
	high := 1
	if 2*len(from)+1 <= grid.H {
		high = 2
	}
	columns := window(len(to), (a.W-name-2)/cell, slices.Index(to, link[1]))
	rows := window(len(from), (grid.H-1)/high, slices.Index(from, link[0]))
	farthest := farthestOf(sc.State)
	for x, c := range columns {
		grid.Right(name+1+(x+1)*cell, 0, marked(to[c] == link[1]), canvas.Cut(to[c], cell-1))
	}
	for y, r := range rows {
		grid.Fit(0, 1+y*high, name, marked(from[r] == link[0]), from[r])
		for x, c := range columns {
			at := grid.Sub(name+3+x*cell, 1+y*high, cell-2, high)
			drawCell(at, sc, from[r], to[c], farthest)
			if link == [2]string{from[r], to[c]} {
				grid.Text(name+1+(x+1)*cell, 1+y*high, style.Star, "◂") // behind the text, which stands at the right
			}
		}
	}
	drawAbout(a.Rows(min(1+len(rows)*high+1, a.H-about), about), sc, link)
}

func marked(is bool) style.Style {
	if is {
		return style.TitleHot
	}
	return style.Label
}

// window is which of n things are shown where so many have room, with one of them among them.
func window(n, room, with int) []int {
	room = min(max(room, 1), n)
	first := min(max(with-room/2, 0), n-room)
	all := make([]int, room)
	for i := range all {
		all[i] = first + i
	}
	return all
}

// roundTrip is the simulated round trip of a link; false where two places have none.
func roundTrip(s *drill.State, from, to string) (time.Duration, bool) {
	if p, ok := s.Fleet.Population(from); ok {
		d, known := p.RTT[to]
		return d, known
	}
	_, linked := s.Fleet.LinkBetween(from, to)
	return measure.RoundTrip(s, from, to), linked
}

// drawCell draws one direction of a link: its round trip, or who cuts it, and where there is a second
// row what crosses it.
func drawCell(a canvas.Area, sc show.Scene, from, to string, farthest time.Duration) {
	s := sc.State
	d, linked := roundTrip(s, from, to)
	if !linked || from == to {
		a.Right(a.W, 0, style.Label, format.None)
		return
	}
	cuts, back := measure.CutBy(s, from, to), measure.CutBy(s, to, from)
	switch {
	case len(cuts) > 1:
		a.Right(a.W, 0, style.DangerBold, fmt.Sprintf("cut by %d", len(cuts)))
	case len(cuts) == 1:
		a.Right(a.W, 0, style.DangerBold, "cut")
	case len(back) > 0:
		a.Right(a.W, 0, style.Danger, "no answers")
	default:
		shaped := len(measure.ShapedBy(s, from, to))+len(measure.ShapedBy(s, to, from)) > 0
		chart.Heat(a.Rows(0, 1), float64(d)/float64(farthest), shaped, distanceText(sc, d, from, to, a.W))
	}
	if a.H > 1 {
		text, st := format.Unknown, style.Label
		if l := sampled(s, from, to); l != nil {
			text = show.RateText(l.Rate, a.W)
			if loss := measure.ShapeNow(s, from, to).Loss; loss > 0 {
				text = show.Longest(a.W, []string{text + ", loss " + format.Percent(loss), text})
			}
			if l.Rate > 0 {
				st = style.Text
			}
		}
		a.Right(a.W, 1, st, text)
	}
}

// sampled is the last sample of one direction of a link; nil where there is none.
func sampled(s *drill.State, from, to string) *telemetry.Link {
	for i, l := range s.Links {
		if l.From == from && l.To == to {
			return &s.Links[i]
		}
	}
	return nil
}

// drawAbout says of the link in focus what was asked of it and what was measured, each way, and which
// faults hold it.
func drawAbout(a canvas.Area, sc show.Scene, link [2]string) {
	s, from, to := sc.State, link[0], link[1]
	a.HLine(0, 0, a.W, style.Frame, "─")
	a.Text(1, 0, style.TitleHot, " "+from+" → "+to+" ")
	d, linked := roundTrip(s, from, to)
	if from == to || !linked {
		a.Text(0, 1, style.Label, "there is no link")
		return
	}
	measured := format.Unknown
	if m, known := measure.RoundTripMeasured(s, from, to); known {
		measured = format.Span(m)
	}
	wanted := format.Span(d)
	if l, _ := s.Fleet.LinkBetween(from, to); l.RTT != d && l.RTT > 0 {
		wanted += " (" + format.Span(l.RTT) + " in the fleet file)"
	}
	a.Line(0, 1, a.W, canvas.S(style.Label, "round trip  simulated "), canvas.S(style.Text, wanted), canvas.S(style.Label, "  measured "), canvas.S(style.Strong, measured))
	drawWay(a.Rows(2, 1), s, "→ ", from, to)
	drawWay(a.Rows(3, 1), s, "← ", to, from)
	y := 4
	for _, text := range held(s, from, to) {
		for _, l := range canvas.Wrap(text.Text, a.W) {
			a.Text(0, y, text.Style, l)
			y++
		}
	}
}

// drawWay says what crosses one direction, and what is lost on it.
func drawWay(a canvas.Area, s *drill.State, arrow, from, to string) {
	x := a.Text(0, 0, style.Label, arrow)
	l := sampled(s, from, to)
	if l == nil {
		a.Text(x, 0, style.Label, "not sampled yet")
		return
	}
	shape := measure.ShapeNow(s, from, to)
	spans := []canvas.Span{canvas.S(style.Text, format.Rate(l.Rate)), canvas.S(style.Label, ", "+format.Bytes(l.Bytes)+" in all")}
	if shape.Bandwidth > 0 {
		spans = append(spans, canvas.S(style.Label, ", at most "+format.Bits(shape.Bandwidth)))
	}
	loss := "  no loss simulated"
	if shape.Loss > 0 {
		loss = "  loss simulated " + format.Percent(shape.Loss)
	}
	spans = append(spans, canvas.S(style.Label, loss))
	if l.Resent > 0 {
		spans = append(spans, canvas.S(style.Caution, ", "+format.Plural(l.Resent, "segment", "segments")+" sent again"))
	}
	a.Line(x, 0, a.W, spans...)
}

// held says which faults hold a link, each way; each is lifted by itself.
func held(s *drill.State, from, to string) (texts []canvas.Span) {
	there, back := measure.CutBy(s, from, to), measure.CutBy(s, to, from)
	add := func(way string, by []*drill.Fault) {
		if len(by) > 0 {
			texts = append(texts, canvas.S(style.DangerBold, way+faultNames(by)))
		}
	}
	if slices.Equal(there, back) {
		add("cut", there)
	} else {
		add("→ cut", there)
		add("← cut", back)
	}
	shaped := measure.ShapedBy(s, from, to)
	for _, f := range measure.ShapedBy(s, to, from) {
		if !slices.Contains(shaped, f) {
			shaped = append(shaped, f)
		}
	}
	if len(shaped) > 0 {
		texts = append(texts, canvas.S(style.CautBold, "slow, narrow or lossy"+faultNames(shaped)))
	}
	if len(texts) == 0 {
		texts = append(texts, canvas.S(style.Label, "no fault holds it"))
	}
	return texts
}

// faultNames counts faults where they are several, and says of each what it did to which links.
func faultNames(faults []*drill.Fault) string {
	var names []string
	for _, f := range faults {
		names = append(names, format.Where(f.FaultProved)+" "+cmp.Or(f.Done, string(f.Fault)))
	}
	if len(names) == 1 {
		return ": " + names[0]
	}
	return fmt.Sprintf(" by %d: %s; each is lifted by itself", len(names), strings.Join(names, ", "))
}
