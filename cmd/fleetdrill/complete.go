package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/journal"
)

// completeJournals offers the newest journals, by their paths.
func (s *settings) completeJournals(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	dir, err := s.journalsDir()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	all, _ := journal.List(dir, journalsShown)
	var out []string
	for _, j := range all {
		if j.Err == nil {
			out = append(out, cobra.CompletionWithDesc(j.Path, strings.TrimSpace(j.Drill+" "+string(j.Verdict))))
		}
	}
	return out, cobra.ShellCompDirectiveDefault
}

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
