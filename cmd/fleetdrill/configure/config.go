// Package configure is the command line's side of a person's settings: where the file is, what it
// may say, and the commands that show and change it.
package configure

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/fleet/platforms"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
	"github.com/fleetdrill/fleetdrill/drill/scenario/catalog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/settings"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Themes is what --theme takes.
func Themes() []string { return append([]string{"auto"}, style.Themes()...) }

// CompleteThemes offers the themes.
func CompleteThemes(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, name := range Themes() {
		out = append(out, cobra.CompletionWithDesc(name, style.About(name)))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// words is what may stand in a settings file.
func words() settings.Words {
	fleets, drills := scenario.Names()
	return settings.Words{
		Themes: Themes(), Platforms: platforms.Names(), Fleets: fleets, Drills: drills,
		Keys: keys.New(action.All), IsPath: catalog.IsPath,
	}
}

// Load is what the person's settings file says.
func Load() (settings.File, error) {
	path, err := settings.Path()
	if err != nil {
		return settings.File{}, nil // a system without a home keeps no settings
	}
	return settings.Load(path, words())
}

// NewCommand makes the command "config".
func NewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show your settings, and where they are kept",
		Long: `Show where your settings are kept and what each is: how the screen looks, which keys do what,
and what is chosen at first. "config init" writes a file that explains all of them, "config
set" changes one. Flags win over settings.`,
		Args: shipped.Nothing,
		RunE: func(cmd *cobra.Command, _ []string) error { return showConfig(cmd.OutOrStdout()) },
	}
	cmd.AddCommand(newInitCommand(), newSetCommand())
	return cmd
}

// few values are listed where a setting is shown.
const few = 6

func showConfig(out io.Writer) error {
	path, err := settings.Path()
	if err != nil {
		return err
	}
	w := words()
	f, err := settings.Load(path, w)
	if err != nil {
		return err
	}
	there := ""
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		there = " (not there yet; `fleetdrill config init` writes it)"
	}
	fmt.Fprintf(out, "%s%s\n\n", path, there)
	for _, k := range settings.Names(w) {
		value, from := k.Value(f), "set"
		isKey := strings.HasPrefix(k.Name, "keys.")
		if value == "" {
			if isKey {
				continue
			}
			value, from = k.Default, "default"
		}
		help := k.Help
		if values := k.Values(w); len(values) > 0 && len(values) <= few {
			help += ": " + strings.Join(values, ", ")
		}
		fmt.Fprintf(out, "%-15s %-28s %-8s %s\n", k.Name, value, from, help)
	}
	if len(f.Keys) == 0 {
		fmt.Fprintf(out, "%-15s %-28s %-8s %s\n", "keys", "as docs/keys.md has them", "default", "`fleetdrill config set keys.kill x` gives kill another key")
	}
	return nil
}

func newInitCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Write a settings file that explains every setting and sets none",
		Args:  shipped.Nothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := settings.Path()
			if err != nil {
				return err
			}
			err = create(path, []byte(settings.Example(words())))
			if errors.Is(err, os.ErrExist) {
				return fmt.Errorf("%s is there already and stays as it is; move it away first, or use `fleetdrill config set`", path)
			}
			if err != nil {
				return fmt.Errorf("write the settings: %w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "wrote %s\n", path)
			return nil
		},
	}
}

func newSetCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "set KEY VALUE",
		Short: "Change one setting: fleetdrill config set theme light",
		Args:  shipped.Named("name a setting and its value: fleetdrill config set KEY VALUE, like `fleetdrill config set theme light`", 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := settings.Path()
			if err != nil {
				return err
			}
			data, err := settings.Bytes(path)
			if err != nil {
				return err
			}
			changed, err := settings.Set(path, data, args[0], args[1], words())
			if err != nil {
				return err
			}
			if bytes.Equal(changed, data) {
				fmt.Fprintf(cmd.OutOrStdout(), "%s is %s already\n", args[0], args[1])
				return nil
			}
			if err := replace(path, changed); err != nil {
				return fmt.Errorf("write the settings: %w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s is %s now, in %s\n", args[0], args[1], path)
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			w := words()
			var out []string
			switch len(args) {
			case 0:
				for _, k := range settings.Names(w) {
					out = append(out, cobra.CompletionWithDesc(k.Name, k.Help))
				}
			case 1:
				if k, is := settings.Find(args[0], w); is {
					out = k.Values(w)
				}
			}
			return out, cobra.ShellCompDirectiveNoFileComp
		},
	}
}
