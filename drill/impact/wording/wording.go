// Package wording says to a person whom a prediction hurts, and why.
package wording

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Worth is the share from which on something is said: less is written as 0 %.
const Worth = 0.005

// Because says what a region is to a population, after a colon: who answers it, or where its
// writes go though others answer it; "" where it is neither.
func Because(s *drill.State, pop *drill.PopulationState, region string, e runbook.Effect) string {
	if region == "" { // of several, the one that answers most of them
		all := slices.Clone(e.Stops)
		for _, w := range e.Weakens {
			all = append(all, w.Region)
		}
		for _, r := range all {
			if region == "" || measure.ShareServedBy(pop, r) > measure.ShareServedBy(pop, region) {
				region = r
			}
		}
	}
	switch share := measure.ShareServedBy(pop, region); {
	case share >= 1-Worth:
		return fmt.Sprintf(": %s answers them now", region)
	case share > Worth:
		return fmt.Sprintf(": %s answers %s of them now", region, format.Percent(share))
	}
	return WritesGo(s, pop, region)
}

// WritesGo says after a colon which of a population's writes go to a region; "" where none do.
func WritesGo(s *drill.State, pop *drill.PopulationState, region string) string {
	var led []string
	for _, name := range s.Fleet.DatasetsOf(pop.Spec) {
		if d := s.Dataset(name); d != nil && d.Authority == region && pop.Spec.Writes > 0 {
			led = append(led, name)
		}
	}
	if region == "" || len(led) == 0 {
		return ""
	}
	if len(led) == len(s.Fleet.DatasetsOf(pop.Spec)) {
		return ": their writes go to " + region
	}
	return fmt.Sprintf(": their writes to %s go to %s", strings.Join(led, " and "), region)
}

// Hurt says whom it will hurt: of all users, then of each population, and why.
func Hurt(s *drill.State, p runbook.Impact, why func(*drill.PopulationState) string) []string {
	var lines []string
	for _, pop := range s.Populations {
		if share := p.Users[pop.Spec.Name]; share > Worth {
			lines = append(lines, fmt.Sprintf("about %s in %s", format.Percent(share), pop.Spec.Name)+why(pop))
		}
	}
	if len(lines) == 0 {
		return []string{"no user is predicted to be hurt"}
	}
	return append([]string{fmt.Sprintf("will hurt about %s of users", format.Percent(p.Share))}, lines...)
}

// Weakened says what is left of a region that loses a part; hangs is of datasets whose reads hang with the store.
func Weakened(s *drill.State, w runbook.Weakening, hangs func(*drill.DatasetState) bool) string {
	what := fmt.Sprintf("%s goes on with %s of its web tier", w.Region, format.Percent(w.Web))
	if w.Web == 0 {
		what = w.Region + " has no web tier: its users are sent to other regions"
	}
	holds := func(d *drill.DatasetState) bool { return hangs(d) && slices.Contains(d.Spec.Regions, w.Region) }
	switch {
	case w.Part == runbook.PartStore && slices.ContainsFunc(s.Datasets, holds):
		return what + "; its store answers nobody"
	case w.Part == runbook.PartStore || w.Part == runbook.PartDisk:
		return what + "; its store answers reads, and takes no write"
	case w.Store:
		return what + ", and without its store"
	}
	return what + "; its data stays where it is"
}
