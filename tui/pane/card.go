package pane

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// drawCard draws one region: how it is, its share of the traffic, its web
// tier, and what it has of the data.
func drawCard(a canvas.Area, v View, r *drill.RegionState) {
	a.Zone(Target{Pane: Fleet, Region: r.Spec.Name})
	frame := canvas.Frame{Line: style.Frame, Title: style.Strong}
	if r.Spec.Name == v.Region {
		frame = canvas.Frame{Line: style.FrameHot, Title: style.TitleHot, Heavy: true}
	}
	in := a.Box(frame, r.Spec.Name, "").Inset(1, 0)
	drawHealth(in, v, r)
	trafficRow(in, r)
	labelled(in, 2, "web", webText(r))
	label, text, st := dataText(v, r)
	in.Text(0, 3, style.Label, label)
	in.Right(in.W, 3, st, canvas.Cut(text, in.W-canvas.Width(label)-1))
	if in.H > 4 {
		in.Fit(0, 4, in.W, style.Label, placeOf(r.Spec))
	}
}

func drawHealth(in canvas.Area, v View, r *drill.RegionState) {
	glyph, word, st := show.HealthSign(r.Health, v.Theme.Glyphs)
	if v.recent(r.Changed) {
		st.Reverse = true
	}
	x := in.Text(0, 0, st, glyph+" "+word)
	right := show.Cause(v.State, r)
	rightStyle := style.Label
	if d := v.Chosen(); d != nil && d.Authority == r.Spec.Name {
		right, rightStyle = fmt.Sprintf("%s %d", v.Theme.Glyphs.Star, d.Epoch), style.Star
	}
	if x+canvas.Width(right) < in.W {
		in.Right(in.W, 0, rightStyle, right)
	}
}

func trafficRow(in canvas.Area, r *drill.RegionState) {
	x := in.Text(0, 1, style.Label, "traffic ")
	share := fmt.Sprintf("%6s", format.Percent(r.Share))
	if w := in.W - x - 7; w >= 4 {
		chart.Meter(in, x, 1, w, r.Share, style.Fine)
	}
	in.Right(in.W, 1, style.Text, share)
}

// webText is the web tier as the region's own control plane has it; what
// that was before a region stopped answering is not what is.
func webText(r *drill.RegionState) string {
	switch {
	case r.Seen == nil:
		return format.Unknown
	case r.Health == drill.HealthDown || r.Health == drill.HealthFrozen:
		return fmt.Sprintf("%s of %d", format.None, r.Seen.WebWanted)
	}
	return fmt.Sprintf("%d of %d", r.Seen.WebReady, r.Seen.WebWanted)
}

// dataText is what the region has of the focused dataset.
func dataText(v View, r *drill.RegionState) (label, text string, st style.Style) {
	d := v.Chosen()
	if d == nil {
		return "data", "none", style.Label
	}
	sample := d.Replicas[r.Spec.Name]
	switch {
	case show.NotKept(v.State, d, r.Spec.Name) != "":
		return "data", "not kept", style.Label
	case sample == nil:
		return "data", format.Unknown, style.Label
	case stale(sample):
		return "seen", format.Age(v.Now-sample.Contact) + " ago", style.Caution
	case rejoining(v.State, d.Name, r.Spec.Name) != nil:
		owed := format.Unknown
		if sample.OwedBytes != nil {
			owed = format.Bytes(*sample.OwedBytes)
		}
		return v.Theme.Glyphs.Syncing + " owes", owed, style.CautBold
	case sample.Role == drill.RoleAuthority:
		return "data", format.Count(sample.Entries), style.Text
	case sample.Role == drill.RoleFenced:
		return "data", "fenced", style.Caution
	}
	return "lag", lagText(sample), style.Text
}

func placeOf(r topology.Region) string {
	if r.Place != "" && r.Jurisdiction != "" {
		return r.Place + ", " + r.Jurisdiction
	}
	return r.Place + r.Jurisdiction
}

func labelled(in canvas.Area, y int, label, text string) {
	in.Text(0, y, style.Label, label)
	in.Right(in.W, y, style.Text, text)
}
