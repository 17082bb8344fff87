package data

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Rejoins is a dataset's replicas that copy what they lack, and those that came back, the newest first,
// from row y on. It returns the rows that it took.
func Rejoins(a canvas.Area, sc show.Scene, d *drill.DatasetState, y int) int {
	copies := drawCopies(a, sc, d, y)
	return copies + drawReturns(a, sc, d, y+copies)
}

// drawCopies is a row for each replica that comes back or is copied whole.
func drawCopies(a canvas.Area, sc show.Scene, d *drill.DatasetState, y int) (rows int) {
	for _, region := range d.Spec.Regions {
		back := show.Rejoining(sc.State, d.Name, region)
		if _, copying := measure.CopyProgress(sc.State, d, region); (copying || back != nil) && y+rows < a.H {
			drawCopy(a.Rows(y+rows, 1), sc, d, region, back)
			rows++
		}
	}
	return rows
}

// drawSnapshots is how old the last snapshot is of each region that keeps one in place of a store.
func drawSnapshots(a canvas.Area, sc show.Scene, d *drill.DatasetState, y int) (rows int) {
	for _, region := range d.Spec.Regions {
		s := d.Replicas[region]
		if s == nil || s.Snapshot == nil || y+rows >= a.H {
			continue
		}
		x := a.Text(0, y+rows, style.Text, region+" ")
		st := style.Label
		if d.Spec.Every > 0 && sc.Now-s.Snapshot.Taken > 2*d.Spec.Every {
			st = style.Caution // the next one is late
		}
		a.Line(x, y+rows, a.W, canvas.S(st, show.Longest(a.W-x, format.Snapshot(s.Snapshot, sc.Now))))
		rows++
	}
	return rows
}

// drawReturns is the returns that are over, the newest first.
func drawReturns(a canvas.Area, sc show.Scene, d *drill.DatasetState, y int) int {
	from := y
	for _, r := range slices.Backward(sc.State.Rejoins) {
		if r.Dataset == d.Name && r.Done != nil && y < a.H {
			y += rejoinDone(a, sc, r, y)
		}
	}
	return y - from
}

// drawCopy is a copy that is under way: how far it is, what is left and how fast that goes, as sampled last;
// of a replica that comes back, until then, what it was to copy when it began.
func drawCopy(a canvas.Area, sc show.Scene, d *drill.DatasetState, region string, back *drill.Rejoin) {
	x := a.Text(0, 0, style.CautBold, sc.Theme.Glyphs.Syncing+" "+region+" ")
	var owed *int64
	rest, age := "", ""
	if back != nil {
		owed, age = back.OwedBytes, " · for "+sc.Age(back.Began)
	}
	if s := d.Replicas[region]; s != nil && !s.Stale && s.OwedBytes != nil {
		owed = s.OwedBytes
		p, _ := measure.CopyProgress(sc.State, d, region)
		if p.Known {
			const bar = 18
			chart.Percent(a.Sub(x, 0, bar, 1), p.Share)
			x += bar + 1
		}
		if p.Rate.Known {
			rest = " at " + format.Rate(p.Rate.BytesPerSecond)
		}
		switch left := catchUp(sc, d, s); left {
		case notMoving, format.Unknown, caughtUp:
			rest += ", " + left
		default:
			rest += ", caught up in " + left
		}
	}
	text := "comes back"
	if owed != nil {
		text = format.Bytes(*owed) + " still to copy" + rest
	}
	short := strings.Replace(text, "still to copy", "to copy", 1)
	a.Text(x, 0, style.Text, show.Longest(a.W-x, []string{text + age, text, short, strings.Replace(short, "caught up in ", "", 1)}))
}

// rejoinDone is a return that is over, in one row, or two where writes were cut:
// how fast it copied, and where those writes are kept. With one row left the file
// matters more than the speed, since nothing else on the screen names it.
func rejoinDone(a canvas.Area, sc show.Scene, r *drill.Rejoin, y int) (rows int) {
	back := measure.ReturnOf(sc.State, r)
	text := fmt.Sprintf("%s %s back %s", sc.Theme.Glyphs.Done, r.Region, format.Back(back, "in"))
	cut := ""
	if r.Done.Diverged > 0 {
		cut = format.Plural(r.Done.Diverged, "write", "writes") + " cut"
	}
	copied := ": " + format.Bytes(r.Done.Bytes) + " copied"
	long := copied
	if back.Rate.Known {
		long += " at " + format.Rate(back.Rate.BytesPerSecond)
	}
	switch {
	case cut == "":
		a.Text(0, y, style.Label, show.Longest(a.W, []string{text + long, text + copied}))
		return 1
	case y+1 >= a.H:
		x := a.Line(0, y, a.W, canvas.S(style.Label, text+": "), canvas.S(style.Caution, cut))
		drawKept(a, x, y, r.Done.Exported)
		return 1
	}
	a.Text(0, y, style.Label, show.Longest(a.W, []string{text + long, text + copied}))
	drawKept(a, a.Text(2, y+1, style.Caution, cut), y+1, r.Done.Exported)
	return 2
}

// drawKept names the file that keeps what was cut. Of a long path both ends say where it is.
func drawKept(a canvas.Area, x, y int, file string) {
	if file == "" {
		return
	}
	const label = ", kept in "
	a.Line(x, y, a.W, canvas.S(style.Label, label), canvas.S(style.Text, canvas.CutMiddle(file, a.W-x-len(label))))
}
