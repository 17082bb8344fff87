package tui

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Why a key of a dataset's strategy can't do anything now.

func (m *model) theDataset() (*drill.DatasetState, string) {
	if why := canCommand(m); why != "" {
		return nil, why
	}
	d := m.live.state.Dataset(m.dataset)
	if d == nil {
		return nil, "this fleet has no dataset"
	}
	for _, c := range m.live.state.Commands {
		if c.Ended == nil && c.Command.Dataset == d.Name {
			return nil, fmt.Sprintf("“%s” is still under way", c.Command)
		}
	}
	return d, ""
}

func canSetMode(m *model) string {
	d, why := m.theDataset()
	switch {
	case why != "":
		return why
	case d.Spec.Mode == drill.ModePinned:
		return fmt.Sprintf("%s is pinned to %s: residency is not switched while a drill runs", d.Name, d.Spec.Jurisdiction)
	case d.Authority == "" || !m.answers(d):
		return fmt.Sprintf("%s has no authority that answers", d.Name)
	}
	return ""
}

func canReseed(m *model) string {
	r, why := canRegion(m)
	if why != "" {
		return why
	}
	d, why := m.theDataset()
	switch {
	case why != "":
		return why
	case !slices.Contains(d.Spec.Regions, r.Spec.Name):
		return fmt.Sprintf("%s keeps no replica of %s", r.Spec.Name, d.Name)
	case d.Authority == r.Spec.Name:
		return fmt.Sprintf("%s leads %s: writes that are nowhere else would be gone; F moves it first", r.Spec.Name, d.Name)
	case !r.Health.Serves():
		return m.wayBack(r)
	case d.Authority == "" || !m.answers(d):
		return d.Name + " has no authority to copy it from"
	}
	return ""
}

func canPartition(m *model) string {
	r, why := canRegion(m)
	switch {
	case why != "":
		return why
	case len(m.live.state.Fleet.Regions) < 2:
		return "this fleet has only one region"
	case r.Cordoned:
		return r.Spec.Name + " is cordoned, nothing runs there; u uncordons it"
	}
	return ""
}

func canHeal(m *model) string {
	if why := canCommand(m); why != "" {
		return why
	}
	if len(m.live.state.Partitions()) == 0 {
		return "no link is cut by a partition"
	}
	return ""
}

// residency says why the dataset's rule keeps it out of a region; "" where it may be.
func residency(d *drill.DatasetState, r drill.Region) string {
	if err := d.Spec.Residency(r.Name, r.Jurisdiction); err != nil {
		return err.Error()
	}
	return ""
}
