package pane

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
	"github.com/fleetdrill/fleetdrill/tui/written"
)

func dataTitle(v View) (string, string) {
	d := v.Chosen()
	if d == nil {
		return "Data", ""
	}
	note := d.Spec.Engine
	if n := len(v.State.Datasets); n > 1 {
		note += fmt.Sprintf(" · %d of %d, d next", slices.Index(v.State.Datasets, d)+1, n)
	}
	return fmt.Sprintf("Data – %s · %s", d.Name, d.Spec.Durability()), note
}

func drawData(a canvas.Area, v View) {
	d := v.Chosen()
	if d == nil {
		a.Text(0, 0, style.Label, "this fleet has no datasets")
		return
	}
	drawAuthority(a, v, d)
	durable := drawDurability(a.Rows(1, max(a.H-1, 0)), v, d)
	a = a.Rows(durable, max(a.H-durable, 0))
	Lost(a, v, d, 1)
	rows := len(d.Spec.Regions)
	costs := a.H >= rows+4
	drawReplicas(a.Rows(2, rows+1), v, d)
	if costs {
		drawWriteCost(a, v, d, 3+rows)
	}
	next := 4 + rows
	if a.H > next {
		next += drawBorders(a, v, d, next)
	}
	if a.H > next {
		next += Rejoins(a, v, d, next)
	}
	written.Lines(a.Rows(next, max(a.H-next, 0)), v.State, v.Theme.Glyphs, d.Name)
}

func drawAuthority(a canvas.Area, v View, d *drill.DatasetState) {
	risk, st := riskText(v, d)
	label := "at risk now "
	riskX := a.Right(a.W, 0, st, risk)
	riskX = a.Right(riskX, 0, style.Label, label)
	if d.Authority == "" {
		a.Line(0, 0, riskX-1, canvas.S(style.DangerBold, v.Theme.Glyphs.Down+" no authority"), canvas.S(style.Label, "  nothing can be written"))
		return
	}
	spans := []canvas.Span{
		canvas.S(style.Star, v.Theme.Glyphs.Star+" "+d.Authority),
		canvas.S(style.Label, "  epoch "), canvas.S(style.Text, fmt.Sprint(d.Epoch)),
	}
	if r := v.State.Region(d.Authority); r != nil && !r.Health.Serves() && r.Health != drill.HealthCordoned && r.Health != drill.HealthStarting {
		spans = append(spans, canvas.S(style.Danger, "  "+show.HealthWord(v.State, r)))
	}
	if d.Was != "" {
		spans = append(spans, canvas.S(style.Label, "  was "+d.Was))
	}
	a.Line(0, 0, riskX-1, spans...)
}

// riskText is the writes that would be lost if the authority died now.
func riskText(v View, d *drill.DatasetState) (string, style.Style) {
	if d.AtRisk == nil {
		if d.AtRiskAge > 0 {
			return fmt.Sprintf("unknown for %s", ageOf(v, d.AtRiskAge)), style.Caution
		}
		return format.Unknown, style.Label
	}
	st := style.Text
	if *d.AtRisk > 0 {
		st = style.CautBold
	}
	return fmt.Sprintf("%13s", format.Plural(*d.AtRisk, "write", "writes")), st
}

func Lost(a canvas.Area, v View, d *drill.DatasetState, y int) {
	x := a.Text(0, y, style.Label, "lost ")
	lost, changed := measure.Lost(v.State, d.Name), measure.Altered(v.State, d.Name)
	switch {
	case !lost.Known:
		a.Line(x, y, a.W, canvas.S(style.Label, "not known: the ledger is checked after a failover and at the end"))
	case lost.N == 0 && changed > 0:
		a.Line(x, y, a.W, canvas.S(style.Text, "nothing, but "), canvas.S(style.DangerBold, AlteredText(changed)))
	case lost.N == 0:
		a.Line(x, y, a.W, canvas.S(style.Fine, "nothing"), canvas.S(style.Label, fmt.Sprintf(": %s had all %s acknowledged writes", d.LastCheck.Region, format.Count(d.LastCheck.Acknowledged))))
	default:
		spans := []canvas.Span{canvas.S(style.DangerBold, format.Plural(lost.N, "acknowledged write", "acknowledged writes"))}
		if rpo := measure.RPO(v.State, d.Name); rpo.Known && rpo.D > 0 {
			spans = append(spans, canvas.S(style.Text, ", from the last "+format.Span(rpo.D)))
		}
		if changed > 0 {
			spans = append(spans, canvas.S(style.DangerBold, ", "+AlteredText(changed)))
		}
		spans = append(spans, canvas.S(style.Label, listed))
		a.Line(x, y, a.W, spans...)
	}
}

// AlteredText says how many writes are not as they were sent.
func AlteredText(n int) string {
	return format.Plural(n, "write has other contents than was sent", "writes have other contents than were sent")
}

// replicaColumn is a column of the table of replicas, right-aligned, w wide.
type replicaColumn struct {
	head string
	w    int
	text func(v View, d *drill.DatasetState, s *drill.StoreSample) string
}

var replicaColumns = []replicaColumn{
	{"lag", 8, func(_ View, d *drill.DatasetState, s *drill.StoreSample) string {
		if s.Role == drill.RoleAuthority {
			return format.None
		}
		if s.LagWrites == nil {
			return format.Unknown
		}
		return format.Count(*s.LagWrites)
	}},
	{"holds", 10, func(_ View, _ *drill.DatasetState, s *drill.StoreSample) string { return format.Bytes(s.Bytes) }},
	{"owes", 10, func(_ View, _ *drill.DatasetState, s *drill.StoreSample) string {
		switch {
		case s.Role == drill.RoleAuthority:
			return format.None
		case s.OwedBytes == nil:
			return format.Unknown
		}
		return format.Bytes(*s.OwedBytes)
	}},
	{"takes in", 11, copyRate},
	{"current in", 12, catchUp},
}

// copyRate is how fast a replica stores; unknown until samples are far enough apart.
func copyRate(v View, d *drill.DatasetState, s *drill.StoreSample) string {
	if rate := measure.CopyRate(v.State, d, s.Region); rate.Known {
		return format.Rate(rate.BytesPerSecond)
	}
	return format.Unknown
}

// catchUp is how long a replica is predicted to need for what it lacks.
func catchUp(v View, d *drill.DatasetState, s *drill.StoreSample) string {
	if s.Role == drill.RoleAuthority {
		return format.None
	}
	switch need := measure.CatchUp(v.State, d, s.Region); {
	case need.AtLeast:
		return "stands"
	case !need.Known:
		return format.Unknown
	case *s.OwedBytes == 0:
		return "current"
	default:
		return "~" + format.Span(need.D)
	}
}

// drawReplicas is the gravity of the data: who holds and who owes how much, how
// fast it moves, and how long that takes.
func drawReplicas(a canvas.Area, v View, d *drill.DatasetState) {
	name := nameWidth(v.State, 14)
	from := name + 13
	var cols []replicaColumn
	w := from
	for _, c := range replicaColumns {
		if w+c.w > a.W {
			break
		}
		w += c.w
		cols = append(cols, c)
	}
	a.Text(0, 0, style.Label, "replica")
	x := from
	for _, c := range cols {
		x += c.w
		a.Right(x, 0, style.Label, c.head)
	}
	for i, region := range d.Spec.Regions {
		y := i + 1
		a.Fit(0, y, name, style.Text, region)
		sample := d.Replicas[region]
		if sample == nil {
			a.Text(name+2, y, style.Label, format.Unknown)
			continue
		}
		if sample.Stale {
			drawAbsent(a.Sub(name+2, y, a.W-name-2, 1), v, d, sample)
			continue
		}
		st := roleStyle(sample.Role)
		if _, stalls := d.Stalled[region]; stalls {
			st = style.Danger
		}
		a.Text(name+2, y, st, roleText(v, d, sample))
		x := from
		for _, c := range cols {
			x += c.w
			text := c.text(v, d, sample)
			st := style.Text
			if text == format.None || text == "current" || text == format.Unknown {
				st = style.Label
			}
			a.Right(x, y, st, text)
		}
	}
}

// drawAbsent is a replica that does not answer: how long that is so, what it lacks
// meanwhile, and how long the link would need for that, which is a prediction.
func drawAbsent(a canvas.Area, v View, d *drill.DatasetState, sample *drill.StoreSample) {
	age := ageOf(v, sample.Contact)
	if sample.OwedBytes == nil {
		a.Line(0, 0, a.W, canvas.S(style.Caution, format.Unknown), canvas.S(style.Label, fmt.Sprintf(", last answer %s ago: %s held then", age, format.Bytes(sample.Bytes))))
		return
	}
	x := a.Text(0, 0, style.Caution, format.Unknown)
	x = a.Line(x, 0, a.W, canvas.S(style.Label, " for "+age+", owes "), canvas.S(style.Text, format.Bytes(*sample.OwedBytes)))
	need, bandwidth := measure.Transfer(v.State, d.Authority, sample.Region, *sample.OwedBytes)
	if bandwidth <= 0 || *sample.OwedBytes <= 0 {
		return
	}
	text := ", ~" + format.Span(need) + " at the link's " + format.Bits(bandwidth)
	if canvas.Width(text) > a.W-x {
		text = ", ~" + format.Span(need) + " at " + format.Bits(bandwidth)
	}
	a.Line(x, 0, a.W, canvas.S(style.Label, text))
}

func roleText(v View, d *drill.DatasetState, s *drill.StoreSample) string {
	if _, stalls := d.Stalled[s.Region]; stalls {
		return "hangs " + format.Span(s.Stalled)
	}
	if rejoining(v.State, d.Name, s.Region) != nil {
		return v.Theme.Glyphs.Syncing + " syncing"
	}
	if s.Seeding {
		if c := s.Copying; c != nil && c.Total > 0 {
			return fmt.Sprintf("copying %d %%", min(99, 100*c.Bytes/c.Total))
		}
		return "seeding"
	}
	if s.Role == drill.RoleAuthority {
		return v.Theme.Glyphs.Star + " authority"
	}
	return string(s.Role)
}

func roleStyle(r drill.Role) style.Style {
	switch r {
	case drill.RoleAuthority:
		return style.Star
	case drill.RoleFenced:
		return style.Caution
	}
	return style.Text
}
