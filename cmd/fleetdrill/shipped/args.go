// Package shipped is what comes with fleetdrill as the command line has it: drills and fleets as
// help lists them, as shells complete them, as the start page offers them, and as "show" prints them.
package shipped

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/strict"
)

// Named takes so many arguments; the error of fewer says what to name, of more which are left over.
func Named(what string, n int) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < n:
			return errors.New(what)
		case len(args) > n:
			return fmt.Errorf("%q is one too many; %s", args[n], what)
		}
		return nil
	}
}

// AtMost takes no more than so many arguments; usage is how the command is written.
func AtMost(n int, usage string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > n {
			return fmt.Errorf("%q is one too many: %s", args[n], usage)
		}
		return nil
	}
}

// Nothing refuses arguments of a command that takes none.
func Nothing(cmd *cobra.Command, args []string) error {
	if len(args) > 0 && cmd.HasAvailableSubCommands() {
		var names []string
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				names = append(names, c.Name())
			}
		}
		return fmt.Errorf("unknown command %q%s", args[0], strict.Hint(args[0], names, "there are"))
	}
	if len(args) > 0 {
		return fmt.Errorf("%s takes no argument like %q; see `%s --help`", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	return nil
}
