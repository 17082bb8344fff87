package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// completeUp offers the fleets that are up, each once.
func (s *settings) completeUp(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	state, err := s.state()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	records, _ := record.List(state)
	var out []string
	for _, r := range records {
		if !slices.Contains(args, r.Fleet.Name) {
			out = append(out, cobra.CompletionWithDesc(r.Fleet.Name, "on "+r.On))
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
