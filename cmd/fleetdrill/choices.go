package main

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
	"github.com/fleetdrill/fleetdrill/tui"
)

// Catalog is the fleets and drills that can be chosen.
func (h *host) Catalog() tui.Catalog {
	return tui.Catalog{Fleets: h.fleets(), Drills: shipped.Drills()}
}

// fleets is the fleets that ship, those of files in this folder, and those that are up.
func (h *host) fleets() []tui.FleetChoice {
	running, up := map[string]string{}, h.up()
	for _, r := range up {
		running[r.Fleet.Name] = r.On
	}
	catalog, err := scenario.List()
	if err != nil {
		return []tui.FleetChoice{{Name: "the fleets that ship", Err: err}}
	}
	var out []tui.FleetChoice
	for _, spec := range catalog.Fleets {
		out = append(out, shipped.Fleet(spec.Name, spec, running[spec.Name], nil))
	}
	// The default comes first.
	slices.SortStableFunc(out, func(a, b tui.FleetChoice) int { return rank(a.Name) - rank(b.Name) })
	for _, path := range shipped.FilesHere("fleet") {
		spec, err := scenario.LoadFleet(path)
		out = append(out, shipped.Fleet(path, spec, running[spec.Name], err))
		delete(running, spec.Name)
	}
	for _, spec := range catalog.Fleets {
		delete(running, spec.Name)
	}
	for _, r := range up { // made from a file that is not here
		if running[r.Fleet.Name] != "" {
			out = append(out, shipped.Fleet(r.Fleet.Name, r.Fleet, r.On, nil))
		}
	}
	return out
}

func rank(fleet string) int {
	if fleet == defaultFleet {
		return 0
	}
	return 1
}

// Questions is those of the drills that ship, in the order in which they are best asked.
func (h *host) Questions() []string { return runbook.Questions() }

// Fits says why a drill can't run on a fleet; nil where it can.
func (h *host) Fits(drill, fleet string) error { return shipped.Fits(drill, fleet) }
