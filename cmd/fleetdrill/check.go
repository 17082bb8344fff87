package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
	"github.com/fleetdrill/fleetdrill/drill/scenario/remark"
	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func newCheckCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a drill or fleet file: all that is wrong in it, with line and what would be right",
		Long: `Check a drill file, or one that ships by its name, with the fleet that it names, a fleet file,
or a comparison with its drill on each of its fleets. A drill's steps are gone through as if each
took effect, to find those that could only be refused. What is right and costs something all the
same is noted. --json is for editors: all problems with file, line and column.

The steps of a drill, each with at: and do:

` + action.Help() + `
Exit codes: 0 the file is right, 2 it is not.`,
		Args:              shipped.Named("name a file: fleetdrill check FILE (your own, or a drill or fleet that ships)", 1),
		ValidArgsFunction: shipped.CompleteDrills,
		RunE: func(cmd *cobra.Command, args []string) error {
			found, err := check(args[0])
			if asJSON {
				return found.print(cmd.OutOrStdout(), err)
			}
			if len(found.Problems) > 0 {
				return found
			}
			if err != nil {
				return err
			}
			text := found.Summary + "\n"
			for _, note := range found.Notes {
				text += "note: " + note + "\n"
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), text)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what was found as JSON, and nothing else")
	return cmd
}

// checked is what a check found. As an error it is all problems, each with where it stands.
type checked struct {
	Right    bool              `json:"right"`
	Summary  string            `json:"summary,omitempty"`
	Problems scenario.Problems `json:"problems"`
	Notes    []string          `json:"notes"`
}

// Error is the problems, one a line.
func (c checked) Error() string {
	var lines []string
	for i, p := range c.Problems {
		if i == strict.MaxProblems {
			lines = append(lines, fmt.Sprintf("and %s; --json has all", format.Plural(len(c.Problems)-i, "more problem", "more problems")))
			break
		}
		lines = append(lines, p.Located())
	}
	return strings.Join(lines, "\n")
}

// print writes it as JSON. What keeps the file from being read at all is no problem in it, and is said as any error is.
func (c checked) print(out io.Writer, err error) error {
	if err != nil && len(c.Problems) == 0 {
		return err
	}
	to := json.NewEncoder(out)
	to.SetIndent("", "  ")
	to.SetEscapeHTML(false)
	if wrong := to.Encode(c); wrong != nil {
		return wrong
	}
	if err != nil {
		return exitError{code: exitUsage, silent: true, err: err}
	}
	return nil
}

// check reads a file of any kind. The error is the loader's, also where there are problems.
func check(name string) (checked, error) {
	found := checked{Problems: scenario.Problems{}, Notes: []string{}}
	var err error
	if scenario.IsComparison(name) {
		var held scenario.Comparison
		if held, err = scenario.LoadComparison(name); err == nil {
			found.Summary = fmt.Sprintf("%s is right: %s on %s", held.Name, held.Runs[0].Plan.Name, strings.Join(held.FleetNames(), ", "))
		}
	} else {
		var plan *runbook.Plan
		var fleet topology.Fleet
		if plan, fleet, err = scenario.Load(name); err == nil {
			found.Summary = fmt.Sprintf("%s is right: a fleet of %s", fleet.Name, format.Plural(len(fleet.Regions), "region", "regions"))
			if plan != nil {
				found.Summary = fmt.Sprintf("%s is right: %d steps on %s", plan.Name, len(plan.Steps), fleet.Name)
			}
			found.Notes = append(found.Notes, remark.Of(fleet)...)
		}
	}
	found.Right = err == nil
	errors.As(err, &found.Problems)
	return found, err
}
