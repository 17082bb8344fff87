package main

import (
	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/agent/process"
)

// newRegionCommand makes this program an agent, for where no fleetdrill-agent is
// found. The flags are that program's own.
func newRegionCommand(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:                process.Word + " --region NAME --listen HOST:PORT",
		Short:              "Run a region's agent (fleets start it themselves)",
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			s.stops.Begin() // its stores are to be closed
			return process.Run(cmd.Context(), args, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
}
