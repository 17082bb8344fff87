package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
	"github.com/fleetdrill/fleetdrill/drill/scenario/remark"
)

func newCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Check a drill or fleet file: all that is wrong in it, with line and what would be right",
		Long: `Check a drill file, or one that ships by its name, with the fleet that it names, a fleet file,
or a comparison with its drill on each of its fleets. A drill's steps are gone through as if each
took effect, to find those that could only be refused. What is right and costs something all the
same is noted.

The steps of a drill, each with at: and do:

` + action.Help() + `
Exit codes: 0 the file is right, 2 it is not.`,
		Args:              shipped.Named("name a file: fleetdrill check FILE (your own, or a drill or fleet that ships)", 1),
		ValidArgsFunction: shipped.CompleteDrills,
		RunE: func(cmd *cobra.Command, args []string) error {
			if scenario.IsComparison(args[0]) {
				return checkComparison(args[0], cmd.OutOrStdout())
			}
			plan, fleet, err := scenario.Load(args[0])
			if err != nil {
				return err
			}
			text := fmt.Sprintf("%s is right: a fleet of %s\n", fleet.Name, format.Plural(len(fleet.Regions), "region", "regions"))
			if plan != nil {
				text = fmt.Sprintf("%s is right: %d steps on %s\n", plan.Name, len(plan.Steps), fleet.Name)
			}
			for _, note := range remark.Of(fleet) {
				text += "note: " + note + "\n"
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), text)
			return err
		},
	}
}

// checkComparison checks a comparison: its drill on each of its fleets.
func checkComparison(name string, out io.Writer) error {
	held, err := scenario.LoadComparison(name)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s is right: %s on %s\n", held.Name, held.Runs[0].Plan.Name, strings.Join(held.FleetNames(), ", "))
	return err
}
