package main

import (
	"fmt"
	"os"
	"path/filepath"

	mango "github.com/muesli/mango-cobra"
	"github.com/muesli/roff"
	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
)

// newManCommand writes the manual page; packagers run it (make man).
func newManCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual page into a folder",
		Hidden: true,
		Args:   shipped.Named("name a folder: fleetdrill man DIR", 1),
		RunE: func(cmd *cobra.Command, args []string) error {
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
