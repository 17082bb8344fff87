package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
)

func newCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Check a drill file: all that is wrong in it, with line and what would be right",
		Long: `Check a drill file, or one that ships by its name, with the fleet that it names. Its steps
are gone through as if each took effect, to find those that could only be refused.

The steps of a drill, each with at: and do:

` + action.Help() + `
Exit codes: 0 the file is right, 2 it is not.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			plan, fleet, err := scenario.LoadDrill(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is right: %d steps on %s\n", plan.Name, len(plan.Steps), fleet.Name)
			return err
		},
	}
}
