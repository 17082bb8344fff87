package pane

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/fleetmap"
	"github.com/fleetdrill/fleetdrill/tui/show"
)

// fleetTitle says where the distances come from, so that they do not pass for measured.
func fleetTitle(v View) (string, string) {
	regions := format.Plural(len(v.State.Regions), "region", "regions")
	if v.Among != "" {
		return "Fleet", fmt.Sprintf("filter: %s  %d of %s", v.Among, len(v.Regions()), regions)
	}
	users := format.Plural(v.State.Fleet.TotalUsers(), "user", "users")
	return "Fleet", hubNote(v) + "distances simulated, from the fleet file · " + regions + ", " + users
}

// hubNote is how the hub is, before what else there is to say; "" in a fleet that has none.
func hubNote(v View) string {
	hub := v.State.Hub
	switch {
	case hub == nil:
		return ""
	case v.State.HubLost() != nil:
		word := string(hub.Health)
		if hub.Fault != nil {
			word = hub.Fault.Done
		}
		return hub.Spec.Name + " " + v.Theme.Glyphs.Down + " " + word + ": nobody decides · "
	}
	sign, word, _ := show.HealthSign(hub.Health, v.Theme.Glyphs)
	return hub.Spec.Name + " " + sign + " " + word + " · "
}

func drawFleet(a canvas.Area, v View) {
	spot := func(region string) any { return Target{Pane: Fleet, Region: region} }
	fleetmap.Draw(a, fleetmap.Look{Scene: v.Scene, Order: v.Order, Filter: v.Among, Spot: spot})
}

// Regions is the names of the regions as the fleet's pane shows them: as its table is sorted and
// filtered, or as its picture has them.
func (v View) Regions() []string {
	var names []string
	for _, r := range fleetmap.Regions(v.State, v.Dataset, v.Order, v.Among) {
		names = append(names, r.Spec.Name)
	}
	return names
}

// Tabled reports whether the fleet's pane is a table, which can be sorted and filtered.
func (v View) Tabled() bool { return fleetmap.Tabled(v.State) }
