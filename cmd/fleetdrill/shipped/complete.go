package shipped

import (
	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/fleet/platforms"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
)

// What shells offer as values. Names of files are offered too where one may stand.

// CompleteDrills offers the drills that ship.
func CompleteDrills(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	c, _ := scenario.List()
	var out []string
	for _, d := range c.Drills {
		out = append(out, cobra.CompletionWithDesc(d.Plan.Name, d.Plan.Title))
	}
	return out, cobra.ShellCompDirectiveDefault
}

// CompleteComparisons offers the comparisons that ship, or the drills where fleets are named.
func CompleteComparisons(fleets bool, args []string) ([]string, cobra.ShellCompDirective) {
	if fleets || len(args) > 0 {
		return CompleteDrills(nil, args, "")
	}
	c, _ := scenario.List()
	var out []string
	for _, held := range c.Comparisons {
		out = append(out, cobra.CompletionWithDesc(held.Name, held.Title))
	}
	return out, cobra.ShellCompDirectiveDefault
}

// CompleteFleets offers the fleets that ship.
func CompleteFleets(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	c, _ := scenario.List()
	var out []string
	for _, f := range c.Fleets {
		out = append(out, cobra.CompletionWithDesc(f.Name, Summary(f)))
	}
	return out, cobra.ShellCompDirectiveDefault
}

// CompletePlatforms offers what a fleet can run on.
func CompletePlatforms(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, p := range platforms.All {
		out = append(out, cobra.CompletionWithDesc(p.Name, p.Help))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// CompleteFlags has shells offer values for the flags of a command.
func CompleteFlags(cmd *cobra.Command, values map[string]cobra.CompletionFunc) {
	for name, complete := range values {
		if err := cmd.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err) // there is no such flag, or it was registered already
		}
	}
}
