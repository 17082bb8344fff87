package pane

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

func dataTitle(v View) (string, string) {
	d := v.dataset()
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
	d := v.dataset()
	if d == nil {
		a.Text(0, 0, theme.Label, "this fleet has no datasets")
		return
	}
	drawAuthority(a, v, d)
	told := drawPromise(a.Rows(1, max(a.H-1, 0)), v, d)
	a = a.Rows(told, max(a.H-told, 0))
	drawLost(a, v, d, 1)
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
		drawReturns(a, v, d, next)
	}
}

func drawAuthority(a canvas.Area, v View, d *drill.DatasetState) {
	risk, st := riskText(v, d)
	label := "at risk now "
	riskX := a.Right(a.W, 0, st, risk)
	riskX = a.Right(riskX, 0, theme.Label, label)
	if d.Authority == "" {
		a.Line(0, 0, riskX-1, canvas.S(theme.HarmBold, v.Theme.Glyphs.Down+" no authority"), canvas.S(theme.Label, "  nothing can be written"))
		return
	}
	spans := []canvas.Span{
		canvas.S(theme.Star, v.Theme.Glyphs.Star+" "+d.Authority),
		canvas.S(theme.Label, "  epoch "), canvas.S(theme.Text, fmt.Sprint(d.Epoch)),
	}
	if r := v.State.Region(d.Authority); r != nil && !r.Health.Serves() && r.Health != drill.HealthCordoned && r.Health != drill.HealthStarting {
		spans = append(spans, canvas.S(theme.Harm, "  "+healthWord(v.State, r)))
	}
	if d.Was != "" {
		spans = append(spans, canvas.S(theme.Label, "  was "+d.Was))
	}
	a.Line(0, 0, riskX-1, spans...)
}

// riskText is the writes that would be lost if the authority died now.
func riskText(v View, d *drill.DatasetState) (string, theme.Style) {
	if d.AtRisk == nil {
		if d.AtRiskAge > 0 {
			return fmt.Sprintf("unknown for %s", ageOf(v, d.AtRiskAge)), theme.Caution
		}
		return unknown, theme.Label
	}
	st := theme.Text
	if *d.AtRisk > 0 {
		st = theme.CautBold
	}
	return fmt.Sprintf("%6s", Count(*d.AtRisk)) + " writes", st
}

func drawLost(a canvas.Area, v View, d *drill.DatasetState, y int) {
	x := a.Text(0, y, theme.Label, "lost ")
	lost, changed := measure.Lost(v.State, d.Name).N, altered(v.State, d.Name)
	switch {
	case d.LastCheck == nil:
		a.Line(x, y, a.W, canvas.S(theme.Label, "not known: the ledger is checked after a failover and at the end"))
	case lost == 0 && changed > 0:
		a.Line(x, y, a.W, canvas.S(theme.Text, "nothing, but "), canvas.S(theme.HarmBold, alteredText(changed)))
	case lost == 0:
		a.Line(x, y, a.W, canvas.S(theme.Fine, "nothing"), canvas.S(theme.Label, fmt.Sprintf(": %s had all %s acknowledged writes", d.LastCheck.Region, Count(d.LastCheck.Acknowledged))))
	default:
		spans := []canvas.Span{canvas.S(theme.HarmBold, plural(lost, "acknowledged write", "acknowledged writes"))}
		if rpo := measure.RPO(v.State, d.Name); rpo.Known && rpo.D > 0 {
			spans = append(spans, canvas.S(theme.Text, ", "+Span(rpo.D)+" of them"))
		}
		if changed > 0 {
			spans = append(spans, canvas.S(theme.HarmBold, ", "+alteredText(changed)))
		}
		spans = append(spans, canvas.S(theme.Label, listed))
		a.Line(x, y, a.W, spans...)
	}
}

// altered is how many writes of a dataset any check found with contents that no
// client had sent: they are there, and no less harm for that.
func altered(s *drill.State, dataset string) int {
	ids := map[string]bool{}
	for _, c := range s.Checks {
		if c.Dataset == dataset {
			for _, id := range c.Mismatched {
				ids[id] = true
			}
		}
	}
	return len(ids)
}

func alteredText(n int) string {
	return plural(n, "write has other contents than was sent", "writes have other contents than were sent")
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
			return none
		}
		if s.LagWrites == nil {
			return unknown
		}
		return Count(*s.LagWrites)
	}},
	{"holds", 10, func(_ View, _ *drill.DatasetState, s *drill.StoreSample) string { return Bytes(s.Bytes) }},
	{"owes", 10, func(_ View, _ *drill.DatasetState, s *drill.StoreSample) string {
		switch {
		case s.Role == drill.RoleAuthority:
			return none
		case s.OwedBytes == nil:
			return unknown
		}
		return Bytes(*s.OwedBytes)
	}},
	{"takes in", 11, func(v View, d *drill.DatasetState, s *drill.StoreSample) string { return copyRate(v, d, s.Region) }},
	{"current in", 12, func(v View, d *drill.DatasetState, s *drill.StoreSample) string { return currentIn(v, d, s) }},
}

// copyRate is how fast a replica stores; unknown until samples are far enough apart.
func copyRate(v View, d *drill.DatasetState, region string) string {
	if rate := measure.CopyRate(v.State, d, region); rate.Known {
		return Rate(rate.BytesPerSecond)
	}
	return unknown
}

// currentIn is how long a replica needs for what it owes; it is a prediction and marked
// as one.
func currentIn(v View, d *drill.DatasetState, s *drill.StoreSample) string {
	if s.Role == drill.RoleAuthority {
		return none
	}
	switch need := measure.CatchUp(v.State, d, s.Region); {
	case !need.Known:
		return unknown
	case *s.OwedBytes == 0:
		return "current"
	default:
		return "~" + Span(need.D)
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
	a.Text(0, 0, theme.Label, "replica")
	x := from
	for _, c := range cols {
		x += c.w
		a.Right(x, 0, theme.Label, c.head)
	}
	for i, region := range d.Spec.Regions {
		y := i + 1
		a.Fit(0, y, name, theme.Text, region)
		sample := d.Replicas[region]
		if sample == nil {
			a.Text(name+2, y, theme.Label, unknown)
			continue
		}
		if sample.Stale {
			drawAbsent(a.Sub(name+2, y, a.W-name-2, 1), v, d, sample)
			continue
		}
		a.Text(name+2, y, roleStyle(sample.Role), roleText(v, d, sample))
		x := from
		for _, c := range cols {
			x += c.w
			text := c.text(v, d, sample)
			st := theme.Text
			if text == none || text == "current" || text == unknown {
				st = theme.Label
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
		a.Line(0, 0, a.W, canvas.S(theme.Caution, unknown), canvas.S(theme.Label, fmt.Sprintf(", last answer %s ago: %s held then", age, Bytes(sample.Bytes))))
		return
	}
	x := a.Text(0, 0, theme.Caution, unknown)
	x = a.Line(x, 0, a.W, canvas.S(theme.Label, " for "+age+", owes "), canvas.S(theme.Text, Bytes(*sample.OwedBytes)))
	link, ok := v.State.Fleet.LinkBetween(d.Authority, sample.Region)
	if !ok || link.Bandwidth <= 0 || *sample.OwedBytes <= 0 {
		return
	}
	need := measure.CatchUp(v.State, d, sample.Region).D
	text := ", ~" + Span(need) + " at the link's " + Bits(link.Bandwidth)
	if canvas.Width(text) > a.W-x {
		text = ", ~" + Span(need) + " at " + Bits(link.Bandwidth)
	}
	a.Line(x, 0, a.W, canvas.S(theme.Label, text))
}

func roleText(v View, d *drill.DatasetState, s *drill.StoreSample) string {
	if rejoining(v.State, d.Name, s.Region) != nil {
		return v.Theme.Glyphs.Syncing + " syncing"
	}
	if s.Seeding {
		return "seeding"
	}
	if s.Role == drill.RoleAuthority {
		return v.Theme.Glyphs.Star + " authority"
	}
	return string(s.Role)
}

func roleStyle(r drill.Role) theme.Style {
	switch r {
	case drill.RoleAuthority:
		return theme.Star
	case drill.RoleFenced:
		return theme.Caution
	}
	return theme.Text
}
