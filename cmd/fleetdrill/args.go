package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/fleet/platforms"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
)

// named takes so many arguments; the error of fewer says what to name, of more which are left over.
func named(what string, n int) cobra.PositionalArgs {
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

// nothing refuses arguments of a command that takes none.
func nothing(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no argument like %q; see `%s --help`", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	return nil
}

// nameADrill is what a command that takes a drill says without one.
func nameADrill(command string) string {
	_, drills := scenario.Names()
	return fmt.Sprintf("name a drill: fleetdrill %s DRILL (one of %s, or a file of your own like ./mine.drill.yaml)", command, strings.Join(drills, ", "))
}

// withHelp adds to a command's help what is only worth making when it is asked for.
func withHelp(cmd *cobra.Command, more func() string) {
	help := cmd.HelpFunc()
	cmd.SetHelpFunc(func(c *cobra.Command, args []string) {
		c.Long += "\n\n" + more()
		help(c, args)
	})
}

// drillsHelp lists the drills that ship.
func drillsHelp() string {
	c, err := scenario.List()
	if err != nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("The drills that ship, and about how long each takes on a local fleet:\n")
	for _, d := range c.Drills {
		fmt.Fprintf(&b, "\n  %-34s %3.0f s  %s", d.Plan.Name, d.Plan.Expected().Seconds(), d.Plan.Title)
	}
	return b.String()
}

// fleetsHelp lists the fleets that ship.
func fleetsHelp() string {
	c, err := scenario.List()
	if err != nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("The fleets that ship:\n")
	for _, f := range c.Fleets {
		fmt.Fprintf(&b, "\n  %-26s %s", f.Name, summary(f))
	}
	return b.String()
}

// What shells offer as values. Names of files are offered too where one may stand.

func completeDrills(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	c, _ := scenario.List()
	var out []string
	for _, d := range c.Drills {
		out = append(out, cobra.CompletionWithDesc(d.Plan.Name, d.Plan.Title))
	}
	return out, cobra.ShellCompDirectiveDefault
}

func completeFleets(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	c, _ := scenario.List()
	var out []string
	for _, f := range c.Fleets {
		out = append(out, cobra.CompletionWithDesc(f.Name, summary(f)))
	}
	return out, cobra.ShellCompDirectiveDefault
}

func completePlatforms(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, p := range platforms.All {
		out = append(out, cobra.CompletionWithDesc(p.Name, p.Help))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func completeThemes(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return themes(), cobra.ShellCompDirectiveNoFileComp
}

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

// completeFlags has shells offer values for the flags of a command.
func completeFlags(cmd *cobra.Command, values map[string]cobra.CompletionFunc) {
	for name, complete := range values {
		if err := cmd.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err) // there is no such flag, or it was registered already
		}
	}
}
