package result

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/pane/data"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// strategyColumn is a column of the table of datasets, w wide.
type strategyColumn struct {
	head string
	w    int
	left bool
	text func(s *drill.State, d *drill.DatasetState) string
	// when says for which drills the column is there; nil is for all.
	when func(s *drill.State) bool
}

// standbysDiffer reports whether datasets' standbys stand ready to different degrees: what each costs is then half of the
// comparison, and how fast a write is the lesser part.
func standbysDiffer(s *drill.State) bool {
	for _, d := range s.Datasets[1:] {
		a, b := measure.StandingOf(s, s.Datasets[0]), measure.StandingOf(s, d)
		if a.Web != b.Web || a.Stores != b.Stores {
			return true
		}
	}
	return false
}

var strategyColumns = []strategyColumn{
	{"confirmed as", 19, true, func(_ *drill.State, d *drill.DatasetState) string { return d.Spec.Durability().String() }, nil},
	{"RTO", 8, false, func(s *drill.State, d *drill.DatasetState) string { return format.ShortLeast(measure.RTO(s, d.Name)) }, nil},
	{"lost", 7, false, func(s *drill.State, d *drill.DatasetState) string {
		lost := measure.Lost(s, d.Name)
		if !lost.Known {
			return format.None
		}
		return format.Count(lost.N)
	}, nil},
	{"RPO", 8, false, func(s *drill.State, d *drill.DatasetState) string { return format.ShortLeast(measure.RPO(s, d.Name)) }, standbysDiffer},
	{"a month", 9, false, aMonth, standbysDiffer},
	{"stands ready", 20, false, func(s *drill.State, d *drill.DatasetState) string {
		st := measure.StandingOf(s, d)
		return format.Standing(st.Web, st.Stores, st.Kept)
	}, standbysDiffer},
	{"slowest writes p50/p99", 25, false, slowestWrites, nil},
	{"stored", 14, false, held, nil},
}

// drawStrategies is what each dataset's way of keeping its data cost, side by
// side, since that is what a drill with several of them asks. It returns the rows
// that it took.
func drawStrategies(a canvas.Area, v pane.View) int {
	if len(v.State.Datasets) == 0 {
		return 0
	}
	name := 8
	for _, d := range v.State.Datasets {
		name = max(name, canvas.Width(d.Name))
	}
	name = min(name, 16)
	a.Text(2, 0, style.Title, "dataset")
	for i, d := range v.State.Datasets {
		st := style.Text
		if len(v.State.Datasets) > 1 && d == v.Chosen() {
			a.Text(0, i+1, style.Star, v.Theme.Glyphs.Pointer)
			st = style.TitleHot
		}
		a.Fit(2, i+1, name, st, d.Name)
	}
	x := 2 + name + 2
	for _, c := range strategyColumns {
		if c.when != nil && !c.when(v.State) {
			continue
		}
		if x+c.w > a.W {
			break
		}
		put := func(y int, st style.Style, text string) {
			if c.left {
				a.Fit(x, y, c.w, st, text)
			} else {
				a.Right(x+c.w, y, st, canvas.Cut(text, c.w))
			}
		}
		put(0, style.Title, c.head)
		for i, d := range v.State.Datasets {
			st, text := style.Text, c.text(v.State, d)
			switch {
			case text == format.None:
				st = style.Label
			case c.head == "lost" && (text != "0" || measure.Altered(v.State, d.Name) > 0):
				st = style.DangerBold
			}
			put(i+1, st, text)
		}
		x += c.w
	}
	return len(v.State.Datasets) + 1 + drawAltered(a, v, len(v.State.Datasets)+1)
}

// drawAltered is a line for each of several datasets whose writes are not as they
// were sent; of a single one that is durable where its lost writes are.
func drawAltered(a canvas.Area, v pane.View, y int) (rows int) {
	if len(v.State.Datasets) < 2 {
		return 0
	}
	for _, d := range v.State.Datasets {
		if n := measure.Altered(v.State, d.Name); n > 0 {
			a.Line(0, y+rows, a.W, canvas.S(style.DangerBold, v.Theme.Glyphs.Failed+" "+d.Name+": "+data.AlteredText(n)))
			rows++
		}
	}
	return rows
}

// aMonth is what stands ready would cost: a model.
func aMonth(s *drill.State, d *drill.DatasetState) string {
	usd := measure.StandingOf(s, d).USD
	if usd == nil {
		return format.Unknown
	}
	return fmt.Sprintf("~$%.0f", *usd)
}

// slowestWrites is the population whose acknowledged writes took longest, over the
// whole drill.
func slowestWrites(s *drill.State, d *drill.DatasetState) string {
	w, known := measure.SlowestWrites(s, d.Name)
	if !known {
		return format.None
	}
	return w.Population + " " + show.Median(w.P50, w.P99, w.Max) + " ms"
}

// held is the payload that the authority has, and how many whole replicas there
// are, its own among them, when they were asked last.
func held(s *drill.State, d *drill.DatasetState) string {
	lead := d.Replicas[d.Authority]
	if lead == nil || lead.Stale {
		return format.None
	}
	return fmt.Sprintf("%s × %d", format.Bytes(lead.Bytes), len(measure.Copies(s, d, func(string) bool { return true })))
}
