package pane

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/estimate"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/measure/domain"
	"github.com/fleetdrill/fleetdrill/drill/measure/retry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/trust"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

func regionTitle(v View) (string, string) {
	r := v.State.Region(v.Region)
	if r == nil {
		return "Region", ""
	}
	return "Region " + r.Spec.Name, show.PlaceOf(r.Spec)
}

// drawRegion draws what is known of the focused region: the router's verdict,
// the fault that holds, its node and its pods.
func drawRegion(a canvas.Area, v View) {
	r := v.State.Region(v.Region)
	if r == nil {
		a.Text(0, 0, style.Label, "no region is selected")
		return
	}
	y := 0
	rest := func() canvas.Area { return a.Rows(y, max(a.H-y, 0)) }
	for _, row := range regionRows(v, r) {
		y += row.draw(rest())
	}
	for _, stage := range r.Stages {
		if stage.Status == drill.StageRunning {
			drawStage(rest(), v, r, stage)
			y++
		}
	}
	for _, d := range v.State.Datasets {
		st, text := regionData(v, d, r.Spec.Name)
		y += regionRow{"data", st, text}.draw(rest())
	}
	drawNode(rest(), v, r)
}

// regionLabel is the columns of the labels left of what is known.
const regionLabel = 9

// regionRow is one thing that is known of a region, in as many rows as it takes.
type regionRow struct {
	label string
	st    style.Style
	text  string
}

func (r regionRow) draw(a canvas.Area) (rows int) {
	a.Text(0, 0, style.Label, r.label)
	return drawWhole(a.Sub(regionLabel, 0, a.W-regionLabel, a.H), r.st, r.text)
}

// regionRows is how the region is, what the router says of it, and the faults that hold on it.
func regionRows(v View, r *drill.RegionState) []regionRow {
	st := show.StandingOf(v.State, r, v.Theme.Glyphs)
	rows := []regionRow{
		{"state", st.Style, st.Sign + " " + st.Words[0] + since(v, r)},
		{"router", style.Text, routerText(v.State, r)},
	}
	rows = append(rows, webTierRows(v, r)...)
	rows = append(rows, domainRows(v, r)...)
	rows = append(rows, configRows(v, r)...)
	if r.Fault != nil {
		rows = append(rows, regionRow{"fault", style.Danger, r.Fault.Proof})
	}
	for _, f := range r.Parts {
		rows = append(rows, regionRow{"fault", style.Danger, format.Where(f.FaultProved) + " " + f.Done + " · " + f.Proof})
	}
	rows = append(rows, trustRows(v, r.Spec.Name)...)
	for _, z := range show.ZonesOf(r, v.Theme.Glyphs) {
		rows = append(rows, regionRow{"zone", z.Style, z.Sign + " " + z.Name + " " + z.Word})
	}
	for _, f := range show.PartitionsOf(v.State, r.Spec.Name) {
		rows = append(rows, regionRow{"fault", style.Danger, show.CutText(f, r.Spec.Name) + " · " + f.Proof})
	}
	return rows
}

// trustRows is the region's certificate, and whom it refuses: nothing where the fleet has no identities.
func trustRows(v View, region string) []regionRow {
	i := v.State.Identity(region)
	if i == nil {
		return nil
	}
	cert, st := "no certificate yet", style.Caution
	if i.SVID != nil {
		cert, st = "certificate good until "+format.Until(i.SVID.Until), style.Text
		if now := trust.Held(v.State, i).Now; now.After(i.SVID.Until) {
			cert, st = "certificate expired at "+format.Until(i.SVID.Until), style.Danger
		}
		if why := trust.Unrenewed(v.State, region); why != "" {
			cert += ", not renewed: " + why
			if st == style.Text {
				st = style.Caution
			}
		}
	}
	rows := []regionRow{{"trust", st, identity.Domain(i.ID) + ", " + cert}}
	for _, t := range i.Refusals {
		rows = append(rows, regionRow{"trust", style.Danger, fmt.Sprintf("%s, %s", format.Distrust(region, t), format.Plural(t.Times, "time", "times"))})
	}
	return rows
}

// webTierRows is what the region's web tier takes where that is limited, and how long requests wait for it where they do.
func webTierRows(v View, r *drill.RegionState) []regionRow {
	takes, limited := measure.CapacityOf(v.State, r.Spec.Name)
	mean, longest, answers := retry.QueuedNow(v.State, r.Spec.Name)
	if !limited || !answers || longest < time.Millisecond {
		return nil
	}
	return []regionRow{{"web", style.Caution, fmt.Sprintf("takes %s/s, requests wait %s for it, %s at the longest", format.Count(int64(takes)), format.Span(mean), format.Span(longest))}}
}

// domainRows is what the region is a part of, and how many of the users of its environment and its team fail now.
func domainRows(v View, r *drill.RegionState) (rows []regionRow) {
	for _, t := range []topology.Target{
		{Kind: topology.DomainEnvironment, Name: r.Spec.Environment}, {Kind: topology.DomainTeam, Name: r.Spec.Team}, {Kind: topology.DomainCluster, Name: r.Spec.Cluster},
	} {
		if t.Name == "" {
			continue
		}
		st, text := style.Text, t.String()
		if now := domain.AffectedNow(v.State, t); now.Known {
			text += fmt.Sprintf(", %s of its users failing now", format.Percent(now.Share))
			if now.Affected > 0 {
				st = style.DangerBold
			}
		}
		rows = append(rows, regionRow{"part of", st, text})
	}
	return rows
}

// drawNode draws what a region's own control plane says of its node and its pods. Nothing is heard of
// those of a dead region, nor where the API server is gone: what is shown is from before.
func drawNode(a canvas.Area, v View, r *drill.RegionState) {
	if r.Seen == nil {
		regionRow{"node", style.Label, "nothing heard of it yet"}.draw(a)
		return
	}
	ready := "ready"
	if !r.Seen.NodeReady {
		ready = "not ready"
	}
	if r.Seen.Unschedulable {
		ready += ", unschedulable"
	}
	silent := r.Health == drill.HealthDown || r.Health == drill.HealthFrozen || r.NoAPI()
	if silent {
		ready += " when last heard"
	}
	from := regionRow{"node", style.Text, r.Seen.Node + ", " + ready}.draw(a)
	name := 0
	for _, p := range r.Seen.Pods {
		name = max(name, canvas.Width(p.Name))
	}
	name = min(name, max(a.W-21, 10))
	for i, p := range r.Seen.Pods {
		sign, st := v.Theme.Glyphs.Healthy, style.Fine
		switch {
		case silent:
			sign, st = v.Theme.Glyphs.Unknown, style.Label
		case !p.Ready:
			sign, st = v.Theme.Glyphs.Starting, style.Caution
		}
		y := from + i
		a.Text(0, y, style.Label, p.Role)
		x := a.Text(regionLabel, y, st, sign)
		a.Fit(x+1, y, name, style.Text, p.Name)
		a.Fit(x+name+3, y, a.W-x-name-3, style.Label, p.Phase)
	}
}

// drawStage is a stage of a region's coming up that runs: how much of the time that it is expected to take has
// passed; how long it has run where nobody knows what to expect.
func drawStage(a canvas.Area, v View, r *drill.RegionState, stage drill.StageEntered) {
	a.Text(0, 0, style.Label, "starts")
	x := a.Text(regionLabel, 0, style.CautBold, v.Spinner()+" "+stage.Stage+" ")
	span, begun := v.State.StageSpan(r.Spec.Name, stage.Stage)
	if !begun {
		return
	}
	w := estimate.OfStage(v.State, span)
	ran := w.Ran(v.Now)
	e, known := estimate.Of(v.State, w)
	if !known {
		a.Fit(x, 0, a.W-x, style.Label, format.Age(ran)+", how long it takes is "+format.Unknown)
		return
	}
	const bar = 18
	chart.Percent(a.Sub(x, 0, bar, 1), e.Share(ran))
	for _, text := range []string{e.Beside(ran) + ", " + e.From.String(), e.Beside(ran)} {
		if x+bar+1+canvas.Width(text) <= a.W {
			a.Text(x+bar+1, 0, style.Label, text)
			return
		}
	}
}

// regionData is what a region has of a dataset, with its epoch.
func regionData(v View, d *drill.DatasetState, region string) (style.Style, string) {
	if why := show.NotKept(v.State, d, region); why != "" {
		return style.Text, why
	}
	h := show.HoldingOf(v.Scene, d, region)
	text := d.Name + ": "
	if len(h.Role) > 0 {
		text += h.Role[0]
		if l, leads := measure.Leads(d, region); leads {
			text += fmt.Sprintf(" (epoch %d)", l.Epoch)
		}
		text += ", "
	}
	return h.Style(), text + h.Data[0]
}

func since(v View, r *drill.RegionState) string {
	if r.Changed == 0 {
		return ""
	}
	return " for " + v.Age(r.Changed)
}

func routerText(s *drill.State, r *drill.RegionState) string {
	flaps := ""
	if r.Flapping {
		flaps = ", flapping"
	}
	switch held, part := measure.HeldDown(s, r), measure.RampPart(s, r); {
	case r.Up == nil:
		return "has not judged it yet"
	case *r.Up && part < 1:
		return fmt.Sprintf("up%s, takes %s of its share yet, %s of all answers", flaps, format.Percent(part), format.Percent(r.Share))
	case *r.Up:
		return fmt.Sprintf("up%s, %s of all answers", flaps, format.Percent(r.Share))
	case held > 0:
		return fmt.Sprintf("answers again%s, held down for %s more", flaps, format.Span(held))
	case r.UpWhy != "":
		return "down: " + format.ProbeFailure(r.UpWhy)
	}
	return "down"
}
