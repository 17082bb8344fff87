package data

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// replicaColumn is a column of the table of replicas, right-aligned, w wide. The last ones go
// where there is no room.
type replicaColumn struct {
	head string
	w    int
	text func(sc show.Scene, d *drill.DatasetState, s *telemetry.Replica) string
}

var replicaColumns = []replicaColumn{
	{"behind", 11, func(_ show.Scene, d *drill.DatasetState, s *telemetry.Replica) string {
		switch {
		case leads(d, s.Region):
			return format.None
		case s.LagWrites == nil:
			return format.Unknown
		}
		return show.Longest(10, []string{format.Plural(*s.LagWrites, "write", "writes"), format.Count(*s.LagWrites)})
	}},
	{"stored", 10, func(_ show.Scene, _ *drill.DatasetState, s *telemetry.Replica) string { return format.Bytes(s.Bytes) }},
	{"still to copy", 14, func(_ show.Scene, d *drill.DatasetState, s *telemetry.Replica) string {
		switch {
		case leads(d, s.Region):
			return format.None
		case s.OwedBytes == nil:
			return format.Unknown
		}
		return format.Bytes(*s.OwedBytes)
	}},
	{"caught up in", 13, catchUp},
	{"copying at", 11, copyRate},
}

// copyRate is how fast a replica stores; unknown until samples are far enough apart.
func copyRate(sc show.Scene, d *drill.DatasetState, s *telemetry.Replica) string {
	if rate := measure.CopyRate(sc.State, d, s.Region); rate.Known {
		return format.Rate(rate.BytesPerSecond)
	}
	return format.Unknown
}

// Words of a replica that needs nothing more, and of one whose copy stands still.
const caughtUp, notMoving = "caught up", "not moving"

// bySnapshot is said of a region that keeps snapshots: it lacks what came after the last one until the next.
const bySnapshot = "by snapshot"

// catchUp is how long a replica is predicted to need for what it lacks.
func catchUp(sc show.Scene, d *drill.DatasetState, s *telemetry.Replica) string {
	if leads(d, s.Region) {
		return format.None
	}
	if s.Snapshot != nil {
		return bySnapshot
	}
	switch need := measure.CatchUp(sc.State, d, s.Region); {
	case need.AtLeast:
		return notMoving
	case !need.Known:
		return format.Unknown
	case *s.OwedBytes == 0:
		return caughtUp
	default:
		return "~" + format.Span(need.D)
	}
}

// inOrder is a dataset's regions as its table has them: as the file has them where all have room, else
// its leaders first and then those that lack most.
func inOrder(d *drill.DatasetState, rows int) (regions []string, left int) {
	regions = slices.Clone(d.Spec.Regions)
	if len(regions) <= rows || rows < 1 {
		return regions[:min(len(regions), max(rows, 0))], 0
	}
	slices.SortStableFunc(regions, func(a, b string) int {
		switch leadsA, leadsB := leads(d, a), leads(d, b); {
		case leadsA == leadsB:
			return measure.CompareLag(d, a, b)
		case leadsA:
			return -1
		}
		return 1
	})
	left = len(regions) - (rows - 1)
	return regions[:rows-1], left
}

// leads reports whether a region leads a dataset, so that it is behind nobody.
func leads(d *drill.DatasetState, region string) bool {
	_, is := measure.Leads(d, region)
	return is
}

// replicaSpread is how much wider than they have to be the columns are at most, where there is room.
const replicaSpread = 3

// replicaColumnsIn is the columns that have room in w columns, which share what room is left.
func replicaColumnsIn(w int) (cols []replicaColumn) {
	for _, c := range replicaColumns {
		if c.w > w {
			break
		}
		w -= c.w
		cols = append(cols, c)
	}
	for i := range cols {
		share := w / (len(cols) - i) // the last ones, whose heads are long, have what does not go up
		cols[i].w, w = cols[i].w+min(share, replicaSpread), w-share
	}
	return cols
}

// drawReplicas is the gravity of the data: who stores how much and lacks how much, how fast it moves,
// and how long that takes.
func drawReplicas(a canvas.Area, sc show.Scene, d *drill.DatasetState) {
	name := show.NameWidth(sc.State, 14)
	from := name + 13
	cols := replicaColumnsIn(a.W - from)
	a.Text(0, 0, style.Label, "replica")
	x := from
	for _, c := range cols {
		x += c.w
		a.Right(x, 0, style.Label, c.head)
	}
	regions, left := inOrder(d, a.H-1)
	for i, region := range regions {
		drawReplica(a.Rows(i+1, 1), sc, d, region, name, cols)
	}
	if left > 0 {
		a.Fit(0, a.H-1, a.W, style.Label, fmt.Sprintf("… and %s, none further behind%s", format.Plural(left, "replica", "replicas"), show.Hint("; ", sc.Hints.FullPane, "shows all")))
	}
}

func drawReplica(a canvas.Area, sc show.Scene, d *drill.DatasetState, region string, name int, cols []replicaColumn) {
	a.Fit(0, 0, name, style.Text, region)
	sample := d.Replicas[region]
	leads := leads(d, region)
	switch {
	case sample == nil:
		a.Text(name+2, 0, style.Label, format.Unknown)
		return
	case sample.Stale:
		drawAbsent(a.Sub(name+2, 0, a.W-name-2, 1), sc, d, sample)
		return
	}
	st := roleStyle(sample.Role)
	if leads {
		st = style.Star
	}
	if _, stalls := d.Stalled[region]; stalls {
		st = style.Danger
	}
	a.Text(name+2, 0, st, roleText(sc, d, sample, leads))
	x := name + 13
	for _, c := range cols {
		x += c.w
		text := c.text(sc, d, sample)
		st := style.Text
		if text == format.None || text == caughtUp || text == format.Unknown {
			st = style.Label
		}
		a.Right(x, 0, st, text)
	}
}

// drawAbsent is a replica that does not answer: how long that is so, what it lacks
// meanwhile, and how long the link would need for that, which is a prediction.
func drawAbsent(a canvas.Area, sc show.Scene, d *drill.DatasetState, sample *telemetry.Replica) {
	age := "last answer " + sc.Age(sample.Contact) + " ago"
	if sample.OwedBytes == nil {
		a.Line(0, 0, a.W, canvas.S(style.Caution, age), canvas.S(style.Label, fmt.Sprintf(", %s stored then", format.Bytes(sample.Bytes))))
		return
	}
	owed := format.Bytes(*sample.OwedBytes)
	texts := []string{", " + owed + " still to copy", ", " + owed + " to copy", ", " + owed}
	need, bandwidth := measure.Transfer(sc.State, d.Authority, sample.Region, *sample.OwedBytes)
	if bandwidth > 0 && *sample.OwedBytes > 0 {
		span, at := ", ~"+format.Span(need), format.Bits(bandwidth)
		texts = append([]string{texts[0] + span + " at the link's " + at, texts[0] + span + " at " + at, texts[1] + span + " at " + at, texts[1] + span}, texts...)
	}
	x := a.Text(0, 0, style.Caution, age)
	a.Text(x, 0, style.Text, show.Longest(a.W-x, texts))
}

// roleWidth is how wide the word of a role may be, so that it does not touch the next column.
const roleWidth = 11

func roleText(sc show.Scene, d *drill.DatasetState, s *telemetry.Replica, leads bool) string {
	if stalled, stalls := d.Stalled[s.Region]; stalls {
		word := "hung"
		if telemetry.DiskFull(stalled.Why) {
			word = "full"
		}
		return show.Longest(roleWidth, []string{word + " " + format.Span(s.Stalled), word})
	}
	if p, copying := measure.CopyProgress(sc.State, d, s.Region); copying && !leads {
		if p.Known {
			return fmt.Sprintf("copying %d %%", min(99, int(100*p.Share)))
		}
		return sc.Theme.Glyphs.Syncing + " copying"
	}
	if leads {
		return sc.Theme.Glyphs.Star + " leader"
	}
	return show.RoleWord(s.Role)
}

func roleStyle(r role.Role) style.Style {
	switch r {
	case role.Authority:
		return style.Star
	case role.Fenced:
		return style.Caution
	}
	return style.Text
}
