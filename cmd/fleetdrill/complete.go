package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/journal"
)

// completeJournals offers the names of the journals in the list, the newest first, and files.
func (s *settings) completeJournals(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 1 { // two are compared
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	dir, err := s.journalsDir()
	if err != nil || strings.ContainsRune(typed, filepath.Separator) {
		return []cobra.Completion{"jsonl"}, cobra.ShellCompDirectiveFilterFileExt
	}
	list, _, err := journal.Newest(dir, journalsShown)
	var names []cobra.Completion
	for _, j := range list {
		name := filepath.Base(j.Path)
		if clean.Text(name) != name {
			continue // a shell would take it for several
		}
		if err == nil && j.Err == nil && strings.HasPrefix(name, typed) {
			names = append(names, cobra.CompletionWithDesc(name, drilled(j)+", "+outcomeOf(j)))
		}
	}
	if len(names) == 0 {
		return []cobra.Completion{"jsonl"}, cobra.ShellCompDirectiveFilterFileExt
	}
	return names, cobra.ShellCompDirectiveKeepOrder | cobra.ShellCompDirectiveNoFileComp
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
