package past

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/report"
	"github.com/fleetdrill/fleetdrill/drill/report/compared"
	"github.com/fleetdrill/fleetdrill/drill/report/single"
)

// NewReportCommand is the command that makes the report of a journal.
func NewReportCommand(f Folder) *cobra.Command {
	var dir string
	var compare bool
	var last int
	as := make([]bool, len(single.Formats))
	cmd := &cobra.Command{
		Use:   "report JOURNAL",
		Short: "Make a drill's report from its journal, or compare several",
		Long: `Make a drill's report from its journal; "-" reads the journal from standard input.
Without a flag it is a summary for the terminal.

With --compare two journals or more, the earlier first, are held side by side: verdict, users
affected, RTO, RPO, writes lost, latencies, egress; what differs is marked. With --last N it is
the newest N runs of a drill, by its name, else of the one that ran last: does the team get faster?`,
		Example: "  fleetdrill report journal.jsonl\n  fleetdrill report journal.jsonl --markdown > report.md\n  fleetdrill report journal.jsonl --report DIR\n  fleetdrill report --compare before.jsonl after.jsonl\n  fleetdrill report --last 5 lose-the-authority",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case last != 0 && last < 2:
				return fmt.Errorf("--last %d holds nothing side by side: give 2 or more", last)
			case last != 0 && len(args) > 1:
				return errors.New("name one drill at most: fleetdrill report --last N DRILL")
			case last != 0:
			case compare && len(args) < 2:
				return errors.New("name two journals or more: fleetdrill report --compare EARLIER LATER")
			case !compare && len(args) != 1:
				return errors.New("name a journal: fleetdrill report JOURNAL (a drill says where its journal is when it ends)")
			}
			return nil
		},
		ValidArgsFunction: f.Complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			if last > 0 {
				compare = true
				dir, err := f.Dir()
				if err != nil {
					return err
				}
				there, err := journal.List(dir)
				if err != nil {
					return err
				}
				if args, err = lastRuns(there, strings.Join(args, ""), last); err != nil {
					return err
				}
			}
			format := ""
			if i := slices.Index(as, true); i >= 0 {
				format = single.Formats[i].Name
			}
			if _, known := compared.Find(format); compare && format != "" && !known {
				return fmt.Errorf("a comparison is not written as --%s; leave one of the two out", format)
			}
			var all []journal.Loaded
			for _, path := range args {
				events, err := f.read(path, cmd.InOrStdin())
				if err != nil {
					return err
				}
				for _, remark := range events.Remarks() {
					if !compare && format == "" {
						break // the summary has them
					}
					fmt.Fprintf(cmd.ErrOrStderr(), "fleetdrill: the journal %s: %s\n", clean.Text(path), remark)
				}
				all = append(all, events)
			}
			if compare {
				return compareJournals(args, all, dir, format, cmd.OutOrStdout())
			}
			return reportOf(all[0], dir, format, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&dir, "report", "", "write the report, or the comparison, to this folder in every format")
	var names []string
	for i, f := range single.Formats {
		cmd.Flags().BoolVar(&as[i], f.Name, false, f.Help)
		names = append(names, f.Name)
	}
	cmd.MarkFlagsMutuallyExclusive(names...)
	cmd.Flags().BoolVar(&compare, "compare", false, "hold journals side by side")
	cmd.Flags().IntVar(&last, "last", 0, "hold the newest `N` runs of a drill side by side")
	cmd.MarkFlagsMutuallyExclusive("compare", "last")
	return cmd
}

// StateOf is what a journal comes to.
func StateOf(l journal.Loaded) *drill.State {
	s := drill.NewState()
	for _, e := range l.Events {
		s.Apply(e)
	}
	return s
}

// WriteReport makes the report of the journal in a file: in dir in every format where that is not "", and
// to out a summary, or JSON.
func WriteReport(journalPath, dir string, asJSON bool, out io.Writer) error {
	events, err := journal.Load(journalPath)
	if err != nil {
		return err
	}
	format := ""
	if asJSON {
		format = "json"
	}
	return reportOf(events, dir, format, out)
}

// reportFrom is the report of a journal that was read, with what has to be known of how it was.
func reportFrom(l journal.Loaded) (report.Report, error) {
	r, err := report.FromEvents(l.Events)
	r.Remarks = append(r.Remarks, l.Remarks()...)
	return r, err
}

// reportOf makes a report from a journal that was read: in dir in every format, and to out in one, or with "" as a summary.
func reportOf(l journal.Loaded, dir, format string, out io.Writer) error {
	d, err := single.Of(l.Events, l.Remarks()...)
	if err != nil {
		return err
	}
	if dir != "" {
		if err := single.Save(dir, d); err != nil {
			return err
		}
	}
	for _, f := range single.Formats {
		if f.Name == format {
			return f.Write(out, d)
		}
	}
	return report.Summary(out, d.Report)
}
