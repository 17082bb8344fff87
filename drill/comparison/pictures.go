package comparison

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/curve"
)

// Together is the share of all users' requests that was answered in each run, on one axis that begins with each run's own
// fault; false where nothing failed in any.
func (c Comparison) Together() (format.Picture, bool) {
	var labels []string
	var states []*drill.State
	for _, r := range c.Runs {
		labels, states = append(labels, r.Label), append(states, r.State)
	}
	runs, ok := curve.Runs(labels, states)
	return format.Picture{Key: "answered", Title: "share of requests answered, all users", Curve: runs}, ok
}

// Pictures is every picture of a comparison: that of all runs, and each run's own.
func (c Comparison) Pictures() (all []format.Picture) {
	if p, ok := c.Together(); ok && len(c.Runs) > 1 {
		all = append(all, p)
	}
	for _, r := range c.Runs {
		if r.State == nil {
			continue
		}
		for _, p := range format.Pictures(r.State) {
			p.Title = r.Label + ": " + p.Title
			all = append(all, p)
		}
	}
	return all
}
