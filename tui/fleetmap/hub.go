package fleetmap

import (
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// hubRows is the rows of the hub's card: one in a frame.
const hubRows = 3

// hubbed reports whether a map of a fleet in w × h has room for the hub's card below its picture.
func hubbed(s *drill.State, w, h int) bool {
	if s.Hub == nil || h <= hubRows {
		return false
	}
	_, drawn := layGrid(w, h-hubRows, s)
	return drawn
}

// drawHub draws the hub: how it is, and what looks at the regions by way of it.
func drawHub(a canvas.Area, l Look) {
	hub := l.State.Hub
	frame := canvas.Frame{Line: style.Frame, Title: style.Strong}
	in := a.Box(frame, hub.Spec.Name, hubPlace(l.State)).Inset(1, 0)
	st := show.StandingOf(l.State, hub, l.Theme.Glyphs)
	if l.Recent(hub.Changed) {
		st.Style.Reverse = true
	}
	x := in.Text(0, 0, st.Style, st.Sign+" "+show.Longest(in.W-2, st.Words)) + 2
	if l.State.HubLost() != nil {
		in.Text(x, 0, style.DangerBold, show.Longest(in.W-x, []string{
			"nobody sees the regions, fails over or renews a lease; they serve by what they knew", "nobody sees the regions, fails over or renews a lease", "nobody decides now", "",
		}))
		return
	}
	runs := "failover controller and router's probes"
	in.Text(x, 0, style.Label, show.Longest(in.W-x, []string{
		runs + " ask the regions from here: " + hubTrips(l.State), runs + " ask from here: " + hubTrips(l.State), runs + " ask from here", "controller asks from here", "",
	}))
}

// hubPlace is where a hub stands: in a region, or in a cluster of its own.
func hubPlace(s *drill.State) string {
	if in := s.Fleet.Hub.In; in != "" {
		return "in " + in + ", and lost with it"
	}
	return strings.Join(slices.DeleteFunc([]string{"a cluster of its own", show.PlaceOf(s.Hub.Spec)}, func(s string) bool { return s == "" }), ", ")
}

// hubTrips is how far each region is from the hub, as the fleet file says.
func hubTrips(s *drill.State) string {
	var far []string
	for _, r := range s.Regions {
		if rtt := s.Fleet.Hub.RTT[r.Spec.Name]; rtt > 0 {
			far = append(far, r.Spec.Name+" "+format.Span(rtt))
		} else {
			far = append(far, r.Spec.Name)
		}
	}
	return strings.Join(far, ", ")
}
