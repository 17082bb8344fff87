package shipped

import (
	"errors"
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

// firstDrill is what a person begins with: the one that everybody thinks of, in about half a minute, on three regions.
const firstDrill = "lose-the-authority"

// Drills offers the drills that ship, and those of files in this folder.
func Drills() []tui.DrillChoice {
	shipped, err := scenario.List()
	if err != nil {
		return []tui.DrillChoice{{Name: "the drills that ship", Err: err}}
	}
	var out []tui.DrillChoice
	for _, d := range shipped.Drills {
		c := drillChoice(d.Plan.Name, d.Plan, d.Fleet, nil)
		c.First = c.Name == firstDrill
		out = append(out, c)
	}
	for _, held := range shipped.Comparisons {
		out = append(out, comparison(held.Name, held, nil))
	}
	for _, path := range FilesHere("comparison") {
		held, err := scenario.LoadComparison("./" + path)
		out = append(out, comparison("./"+path, held, err))
	}
	for _, path := range FilesHere("drill") {
		plan, spec, err := scenario.LoadDrill(path)
		out = append(out, drillChoice(path, plan, spec, err))
	}
	return out
}

// Fits says why a drill can't run on a fleet; nil where it can.
func Fits(drill, fleet string) error {
	spec, err := scenario.LoadFleet(fleet)
	if err != nil {
		return err
	}
	_, err = scenario.LoadDrillOn(drill, spec)
	var problems scenario.Problems
	if errors.As(err, &problems) {
		return fmt.Errorf("%s (line %d)", problems[0].Text, problems[0].Line) // the others are mostly of the same cause
	}
	return err
}

// FilesHere lists the files of a kind in the folder that the program was started
// in, by their names: NAME.fleet.yaml, NAME.drill.yaml and NAME.comparison.yaml.
func FilesHere(kind string) []string {
	all, _ := filepath.Glob("*." + kind + ".yaml")
	return all
}

// Fleet offers a fleet under a name. running is the platform on which one of that name was kept.
func Fleet(name string, f topology.Fleet, running string, err error) tui.FleetChoice {
	c := tui.FleetChoice{Name: name, Summary: Summary(f), Running: running, Err: err}
	for _, r := range f.Regions {
		c.Parts = append(c.Parts, r.Name+": "+strings.Join(slices.DeleteFunc([]string{"region", r.Place, r.Jurisdiction}, func(s string) bool { return s == "" }), ", "))
	}
	for _, u := range f.Users {
		c.Parts = append(c.Parts, fmt.Sprintf("%s: %s, %g requests/s, %s of them writes", u.Name, format.Plural(u.Count, "user", "users"), u.Rate, format.Percent(u.Writes)))
	}
	for _, d := range f.Datasets {
		c.Parts = append(c.Parts, fmt.Sprintf("%s: %s, %s, led by %s", d.Name, d.Engine, d.Mode, d.Authority))
	}
	return c
}

// comparison offers a comparison among the drills.
func comparison(name string, held scenario.Comparison, err error) tui.DrillChoice {
	c := tui.DrillChoice{Name: name, Title: held.Title, Question: held.Question, Teaches: held.Teaches, Compares: held.FleetNames(), Err: err}
	if err == nil {
		c.Duration = held.Expected()
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
