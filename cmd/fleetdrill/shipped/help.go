package shipped

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// NameADrill is what a command that takes a drill says without one.
func NameADrill(command string) string {
	_, drills := scenario.Names()
	return fmt.Sprintf("name a drill: fleetdrill %s DRILL (one of %s, or a file of your own like ./mine.drill.yaml)", command, strings.Join(drills, ", "))
}

// NameAComparison is what "compare" says without a name.
func NameAComparison() string {
	return fmt.Sprintf("name a comparison: fleetdrill compare NAME (one of %s, or a file of your own), or a drill with --fleets A,B", strings.Join(scenario.Comparisons(), ", "))
}

// WithHelp adds to a command's help what is only worth making when it is asked for.
func WithHelp(cmd *cobra.Command, more func() string) {
	help := cmd.HelpFunc()
	cmd.SetHelpFunc(func(c *cobra.Command, args []string) {
		c.Long += "\n\n" + more()
		help(c, args)
	})
}

// DrillsHelp lists the drills that ship.
func DrillsHelp() string {
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

// ComparisonsHelp lists the comparisons that ship.
func ComparisonsHelp() string {
	c, err := scenario.List()
	if err != nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("The comparisons that ship, and about how long each takes on local fleets:\n")
	for _, held := range c.Comparisons {
		fmt.Fprintf(&b, "\n  %-26s %3.0f s  %s", held.Name, held.Expected().Seconds(), held.Title)
	}
	return b.String()
}

// FleetsHelp lists the fleets that ship.
func FleetsHelp() string {
	c, err := scenario.List()
	if err != nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("The fleets that ship:\n")
	for _, f := range c.Fleets {
		fmt.Fprintf(&b, "\n  %-26s %s", f.Name, Summary(f))
	}
	return b.String()
}

// Summary is a fleet in one line: "3 regions, 9,000 users, 1 dataset"; "" for none.
func Summary(f topology.Fleet) string {
	if f.Name == "" {
		return ""
	}
	return fmt.Sprintf("%s, %s, %s", format.Plural(len(f.Regions), "region", "regions"), format.Plural(f.TotalUsers(), "user", "users"), format.Plural(len(f.Datasets), "dataset", "datasets"))
}
