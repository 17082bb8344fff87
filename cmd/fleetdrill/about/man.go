package about

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	mango "github.com/muesli/mango-cobra"
	"github.com/muesli/roff"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
)

// NewManCommand writes the manual page; packagers run it (make man).
func NewManCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual page into a folder",
		Hidden: true,
		Args:   shipped.Named("name a folder: fleetdrill man DIR", 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			flow(cmd.Root())
			page, err := mango.NewManPage(1, cmd.Root())
			if err != nil {
				return fmt.Errorf("make the manual page: %w", err)
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("make the manual's folder: %w", err)
			}
			path := filepath.Join(args[0], "fleetdrill.1")
			if err := os.WriteFile(path, []byte(page.Build(roff.NewDocument())), 0o644); err != nil {
				return fmt.Errorf("write the manual page: %w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "wrote %s\n", path)
			return nil
		},
	}
}

// flow has the texts of a command, and of those below it, fill lines as a manual page does. It is
// for who prints nothing else afterwards.
func flow(cmd *cobra.Command) {
	var paragraphs []string
	for _, p := range strings.Split(cmd.Long, "\n\n") {
		if !strings.Contains("\n"+p, "\n  ") { // else it is as it is to be typed
			p = strings.Join(strings.Fields(p), " ")
		}
		paragraphs = append(paragraphs, p)
	}
	cmd.Long = strings.Join(paragraphs, "\n\n")
	plain := func(f *pflag.Flag) { _, f.Usage = pflag.UnquoteUsage(f) }
	cmd.Flags().VisitAll(plain)
	cmd.PersistentFlags().VisitAll(plain)
	for _, c := range cmd.Commands() {
		flow(c)
	}
}
