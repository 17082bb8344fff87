package shipped

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/strict"
)

// Strict has the commands that the library adds refuse what they do not know, as ours do: theirs
// print help and succeed, which a script takes for what it asked for. All of root's commands are
// there already, and its output is set.
func Strict(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion":
			cmd.Args = knownShell
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		case "help":
			cmd.Args = knownCommand
		}
	}
}

func knownShell(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var shells []string
	for _, c := range cmd.Commands() {
		shells = append(shells, c.Name())
	}
	slices.Sort(shells)
	return fmt.Errorf("there is no completion for %q; there is one for %s", args[0], format.Or(shells))
}

func knownCommand(cmd *cobra.Command, args []string) error {
	at := cmd.Root()
	for _, name := range args {
		var names []string
		var next *cobra.Command
		for _, c := range at.Commands() {
			if c.Name() == name {
				next = c
			}
			if c.IsAvailableCommand() {
				names = append(names, c.Name())
			}
		}
		if next == nil {
			return fmt.Errorf("unknown command %q%s", strings.TrimSpace(name), strict.Hint(name, names, "there are"))
		}
		at = next
	}
	return nil
}
