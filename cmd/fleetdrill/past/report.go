package past

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/report"
)

// NewReportCommand is the command that makes the report of a journal.
func NewReportCommand(f Folder) *cobra.Command {
	var dir string
	var asJSON, compare bool
	cmd := &cobra.Command{
		Use:   "report JOURNAL",
		Short: "Make a drill's report from its journal, or compare several",
		Long: `Make a drill's report from its journal; "-" reads the journal from standard input.

With --compare two journals or more, the earlier first, are held side by side: verdict, users
affected, RTO, RPO, writes lost, latencies, egress; what differs is marked.`,
		Example: "  fleetdrill report journal.jsonl\n  fleetdrill report --compare before.jsonl after.jsonl",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case compare && len(args) < 2:
				return errors.New("name two journals or more: fleetdrill report --compare EARLIER LATER")
			case !compare && len(args) != 1:
				return errors.New("name a journal: fleetdrill report JOURNAL (a drill says where its journal is when it ends)")
			}
			return nil
		},
		ValidArgsFunction: f.Complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			var all []journal.Loaded
			for _, path := range args {
				events, err := f.read(path, cmd.InOrStdin())
				if err != nil {
					return err
				}
				for _, remark := range events.Remarks() {
					if !compare && !asJSON {
						break // the summary has them
					}
					fmt.Fprintf(cmd.ErrOrStderr(), "fleetdrill: the journal %s: %s\n", clean.Text(path), remark)
				}
				all = append(all, events)
			}
			if compare {
				return compareJournals(args, all, dir, asJSON, cmd.OutOrStdout())
			}
			return reportOf(all[0], dir, asJSON, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&dir, "report", "", "write report.json, or comparison.json, to this folder")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON, and nothing else")
	cmd.Flags().BoolVar(&compare, "compare", false, "hold journals side by side")
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

// WriteReport makes the report of the journal in a file: report.json in dir where that is not "", and
// to out a summary, or JSON.
func WriteReport(journalPath, dir string, asJSON bool, out io.Writer) error {
	events, err := journal.Load(journalPath)
	if err != nil {
		return err
	}
	return reportOf(events, dir, asJSON, out)
}

// reportFrom is the report of a journal that was read, with what has to be known of how it was.
func reportFrom(l journal.Loaded) (report.Report, error) {
	r, err := report.FromEvents(l.Events)
	r.Remarks = append(r.Remarks, l.Remarks()...)
	return r, err
}

// reportOf makes a report from a journal that was read.
func reportOf(events journal.Loaded, dir string, asJSON bool, out io.Writer) error {
	r, err := reportFrom(events)
	if err != nil {
		return err
	}
	if dir != "" {
		if err := r.WriteJSON(dir); err != nil {
			return err
		}
	}
	if asJSON {
		return r.Encode(out)
	}
	return report.Summary(out, r)
}
