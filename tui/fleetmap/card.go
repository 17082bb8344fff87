package fleetmap

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/condition"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// cardRows is the rows inside a card that no picture does without: health, traffic, and of one
// dataset its role and its data, of several a row each.
func cardRows(s *drill.State) int { return 2 + dataRows(s) }

// dataRows is the rows of a card that are about data.
func dataRows(s *drill.State) int {
	if len(s.Datasets) < 2 {
		return 2
	}
	return len(s.Datasets)
}

// drawCard draws one region: how it is, its share of the traffic, what it has of the data, and
// where there is room its web tier and its place.
func drawCard(a canvas.Area, l Look, r *drill.RegionState) {
	in := drawFrame(a, l, r)
	drawHealth(in, l, r, show.Cause(l.State, r))
	trafficRow(in, r)
	y, spare := 2, in.H-cardRows(l.State)
	if spare > 0 {
		if zones := show.ZonesOf(r, l.Theme.Glyphs); len(zones) > 0 {
			show.DrawZones(in, in.Text(0, y, style.Label, "zones "), y, zones)
		} else {
			in.Text(0, y, style.Label, "web")
		}
		in.Right(in.W, y, style.Text, condition.Web(r))
		y++
	}
	y = drawHoldings(in, l, r, y, dataRows(l.State))
	if spare > 1 {
		in.Fit(0, y, in.W, style.Label, show.PlaceOf(r.Spec))
	}
}

// drawFrame draws the frame of a card with the region's name, heavy where it is in focus, and a
// star where the region leads a dataset.
func drawFrame(a canvas.Area, l Look, r *drill.RegionState) canvas.Area {
	l.spot(a, r)
	frame := canvas.Frame{Line: style.Frame, Title: style.Strong}
	if r.Spec.Name == l.Region {
		frame = canvas.Frame{Line: style.FrameHot, Title: style.TitleHot, Heavy: true}
	}
	name := r.Spec.Name
	for _, d := range l.State.Datasets {
		if show.HoldingOf(l.Scene, d, name).Leads {
			name = l.Theme.Glyphs.Star + " " + name
			break
		}
	}
	return a.Box(frame, name, "").Inset(1, 0)
}

// drawHealth draws how a region is, and at the right end what there is room for beside it.
func drawHealth(in canvas.Area, l Look, r *drill.RegionState, right string) {
	st := show.StandingOf(l.State, r, l.Theme.Glyphs)
	if l.Recent(r.Changed) {
		st.Style.Reverse = true
	}
	words := st.Words
	if webless := r.Seen != nil && r.Seen.WebReady < r.Seen.WebWanted; webless && r.Health == drill.HealthDegraded && in.H <= cardRows(l.State) { // no row says why
		words = []string{"web " + condition.Web(r)}
	}
	x := in.Text(0, 0, st.Style, st.Sign+" "+show.Longest(in.W-2, words))
	if right != "" && x+canvas.Width(right) < in.W {
		in.Right(in.W, 0, style.Label, right)
	}
}

func trafficRow(in canvas.Area, r *drill.RegionState) {
	x := in.Text(0, 1, style.Label, "traffic ")
	if w := in.W - x - 7; w >= 4 {
		chart.Meter(in, x, 1, w, r.Share, style.Fine)
	}
	in.Right(in.W, 1, style.Text, fmt.Sprintf("%6s", format.Percent(r.Share)))
}

// drawHoldings draws what a region has of the data from row y on: of one dataset in one row or two,
// of several a row each. It returns the row after them.
func drawHoldings(in canvas.Area, l Look, r *drill.RegionState, y, rows int) int {
	all := l.State.Datasets
	names := show.ShortNames(all)
	for i, d := range all {
		if i >= rows {
			break
		}
		h := show.HoldingOf(l.Scene, d, r.Spec.Name)
		switch {
		case len(all) > 1:
			drawNamed(in, l, y, names[i], d.Name == l.Dataset, h)
			y++
		case rows == 1:
			in.Text(0, y, h.Style(), show.Longest(in.W, h.InOne()))
			y++
		default:
			role := style.Label
			if h.Leads {
				role = style.Star
			}
			in.Text(0, y, role, show.Longest(in.W, h.Role))
			in.Text(0, y+1, h.DataStyle(), show.Longest(in.W, h.Data))
			y += 2
		}
	}
	if len(all) == 0 {
		in.Text(0, y, style.Label, "no data")
	}
	return y
}

// drawNamed draws what a region has of one of several datasets: its name and, as far as there is
// room, its term or how far it is behind.
func drawNamed(in canvas.Area, l Look, y int, name string, chosen bool, h show.Holding) {
	st := style.Label
	if chosen {
		st = style.Text
	}
	x := 0
	if h.Leads {
		x, st = in.Text(0, y, style.Star, l.Theme.Glyphs.Star+" "), style.Star
	}
	texts := h.InOne()
	if h.LeadsAlone() {
		texts = []string{h.Term, ""}
	}
	// What there is to say matters more than the end of a name, which the other cards have too.
	least := canvas.Width(texts[len(texts)-1])
	name = canvas.Cut(name, max(in.W-x-1-least, min(nameLeast, in.W-x)))
	x = in.Text(x, y, st, name)
	if text := show.Longest(in.W-x-1, texts); canvas.Width(text) > 0 {
		in.Right(in.W, y, h.Style(), text)
	}
}

// nameLeast is the columns of a dataset's name that tell it from others.
const nameLeast = 4
