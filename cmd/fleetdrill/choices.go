package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui"
)

// Fleets is the fleets that ship, those of files in this folder, and those that are up.
func (h *host) Fleets() []tui.FleetChoice {
	running, up := map[string]string{}, h.up()
	for _, r := range up {
		running[r.Fleet.Name] = r.On
	}
	shipped, err := scenario.List()
	if err != nil {
		return []tui.FleetChoice{{Name: "the fleets that ship", Err: err}}
	}
	var out []tui.FleetChoice
	for _, spec := range shipped.Fleets {
		out = append(out, fleetChoice(spec.Name, spec, running[spec.Name], nil))
	}
	// The default comes first.
	slices.SortStableFunc(out, func(a, b tui.FleetChoice) int { return rank(a.Name) - rank(b.Name) })
	for _, path := range filesHere("fleet") {
		spec, err := scenario.LoadFleet(path)
		out = append(out, fleetChoice(path, spec, running[spec.Name], err))
		delete(running, spec.Name)
	}
	for _, spec := range shipped.Fleets {
		delete(running, spec.Name)
	}
	for _, r := range up { // made from a file that is not here
		if running[r.Fleet.Name] != "" {
			out = append(out, fleetChoice(r.Fleet.Name, r.Fleet, r.On, nil))
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

// Drills is the drills that ship, and those of files in this folder.
func (h *host) Drills() []tui.DrillChoice {
	shipped, err := scenario.List()
	if err != nil {
		return []tui.DrillChoice{{Name: "the drills that ship", Err: err}}
	}
	var out []tui.DrillChoice
	for _, d := range shipped.Drills {
		out = append(out, drillChoice(d.Plan.Name, d.Plan, d.Fleet, nil))
	}
	for _, path := range filesHere("drill") {
		plan, spec, err := scenario.LoadDrill(path)
		out = append(out, drillChoice(path, plan, spec, err))
	}
	return out
}

// Questions is those of the drills that ship, in the order in which they are best asked.
func (h *host) Questions() []string { return runbook.Questions() }

// Fits says why a drill can't run on a fleet; nil where it can.
func (h *host) Fits(drill, fleet string) error {
	spec, err := scenario.LoadFleet(fleet)
	if err != nil {
		return err
	}
	_, err = scenario.LoadDrillOn(drill, spec)
	if problems, is := err.(scenario.Problems); is {
		return fmt.Errorf("%s (line %d)", problems[0].Text, problems[0].Line) // the others are mostly of the same cause
	}
	return err
}

// filesHere lists the files of a kind in the folder that the program was started
// in, by their names: NAME.fleet.yaml and NAME.drill.yaml.
func filesHere(kind string) []string {
	all, _ := filepath.Glob("*." + kind + ".yaml")
	return all
}

func fleetChoice(name string, f topology.Fleet, running string, err error) tui.FleetChoice {
	c := tui.FleetChoice{Name: name, Summary: summary(f), Running: running, Err: err}
	for _, r := range f.Regions {
		c.Parts = append(c.Parts, r.Name+": "+strings.Join(slices.DeleteFunc([]string{"region", r.Place, r.Jurisdiction}, func(s string) bool { return s == "" }), ", "))
	}
	for _, d := range f.Datasets {
		c.Parts = append(c.Parts, fmt.Sprintf("%s: %s, %s, led by %s", d.Name, d.Engine, d.Mode, d.Authority))
	}
	return c
}

func drillChoice(name string, p runbook.Plan, f topology.Fleet, err error) tui.DrillChoice {
	c := tui.DrillChoice{
		Name: name, Title: p.Title, Hypothesis: p.Hypothesis, Question: p.Question, Teaches: p.Teaches, Fleet: f.Name, Err: err,
	}
	if err == nil {
		c.Duration = p.Expected()
	}
	for _, s := range p.Steps {
		step := s.At.String() + " " + s.Command.String()
		if s.Expect == runbook.ExpectRefused {
			step += ", which is to be refused"
		}
		c.Steps = append(c.Steps, step)
	}
	return c
}

func summary(f topology.Fleet) string {
	if f.Name == "" {
		return ""
	}
	return fmt.Sprintf("%s, %s, %s", format.Plural(len(f.Regions), "region", "regions"), format.Plural(f.TotalUsers(), "user", "users"), format.Plural(len(f.Datasets), "dataset", "datasets"))
}
