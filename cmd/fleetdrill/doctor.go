package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill/fleet/platforms"
)

func newDoctorCommand(s *settings) *cobra.Command {
	var asJSON bool
	var regions int
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "What is missing on this machine, and how to fix it",
		Long: `Look at what fleets need of this host. Exits with 1 where something is missing that a
kind fleet needs; a local fleet needs only the state folder. What fleets work without, if
not as well, is a warning.`,
		Args: shipped.Nothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := s.state()
			if err != nil {
				return err
			}
			findings := platforms.Diagnose(cmd.Context(), regions, dir)
			for _, p := range platforms.All {
				findings = append(findings, s.agentFinding(p))
			}
			out := cmd.OutOrStdout()
			if asJSON {
				enc := json.NewEncoder(out)
				enc.SetIndent("", "  ")
				if err := enc.Encode(findings); err != nil {
					return err
				}
			}
			missing := false
			for _, f := range findings {
				missing = missing || !f.OK && !f.Optional
				if asJSON {
					continue
				}
				fmt.Fprintf(out, "%-7s  %-27s %s\n", f.Word(), f.Name, f.Found)
				if f.Fix != "" {
					fmt.Fprintf(out, "         %-27s for %s; fix: %s\n", "", f.Needed, f.Fix)
				}
			}
			if missing {
				return exitError{code: exitFailed, silent: true}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().IntVar(&regions, "regions", 3, "how many kind regions to look for")
	return cmd
}
