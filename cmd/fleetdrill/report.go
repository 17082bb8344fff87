package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/report"
	"github.com/fleetdrill/fleetdrill/tui"
)

func newReportCommand(s *settings) *cobra.Command {
	var dir string
	var asJSON, compare bool
	cmd := &cobra.Command{
		Use:   "report JOURNAL",
		Short: "Make a drill's report from its journal, or compare two",
		Long: `Make a drill's report from its journal; "-" reads the journal from standard input.

With --compare two journals, the earlier first, are held side by side: verdict, RTO, RPO,
writes lost, users affected.`,
		Example: "  fleetdrill report journal.jsonl\n  fleetdrill report --compare before.jsonl after.jsonl",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case compare && len(args) != 2:
				return errors.New("name two journals: fleetdrill report --compare EARLIER LATER")
			case !compare && len(args) != 1:
				return errors.New("name a journal: fleetdrill report JOURNAL (a drill says where its journal is when it ends)")
			}
			return nil
		},
		ValidArgsFunction: s.completeJournals,
		RunE: func(cmd *cobra.Command, args []string) error {
			var all []journal.Loaded
			for _, path := range args {
				events, err := s.readJournal(path, cmd.InOrStdin())
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
				return compareReports(all[0], all[1], asJSON, cmd.OutOrStdout())
			}
			return reportOf(all[0], dir, asJSON, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&dir, "report", "", "write report.json to this folder")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON, and nothing else")
	cmd.Flags().BoolVar(&compare, "compare", false, "hold two journals side by side")
	return cmd
}

// readJournal reads a journal by its path, or by its name in the list; "-" is in.
func (s *settings) readJournal(path string, in io.Reader) (journal.Loaded, error) {
	if path == "-" {
		return journal.Read(in)
	}
	path, err := s.findJournal(path)
	if err != nil {
		return journal.Loaded{}, err
	}
	return journal.Load(path)
}

// compareReports holds two drills side by side; as JSON it is both reports.
func compareReports(before, now journal.Loaded, asJSON bool, out io.Writer) error {
	reports := make([]report.Report, 2)
	for i, l := range []journal.Loaded{before, now} {
		r, err := reportFrom(l)
		if err != nil {
			return err
		}
		reports[i] = r
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(map[string]report.Report{"before": reports[0], "now": reports[1]})
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\tbefore\tnow")
	for _, r := range format.Compare(stateOf(before), stateOf(now)) {
		fmt.Fprintf(table, "%s\t%s\t%s\n", r.What, r.Before, r.Now)
	}
	return table.Flush()
}

// stateOf is what a journal comes to.
func stateOf(l journal.Loaded) *drill.State {
	s := drill.NewState()
	for _, e := range l.Events {
		s.Apply(e)
	}
	return s
}

func writeReport(journalPath, dir string, asJSON bool, out io.Writer) error {
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

// SaveReport writes the report of a journal to a folder beside it, and says where.
func (h *host) SaveReport(path string) (string, error) {
	dir := reportBeside(path)
	if err := writeReport(path, dir, false, io.Discard); err != nil {
		return "", err
	}
	return filepath.Join(dir, report.FileName), nil
}

// Earlier reads the last run of the same drill before that of a journal, from the folder of journals.
func (h *host) Earlier(path string) (tui.Recording, error) {
	own := journal.Summarize(path)
	if own.Err != nil {
		return tui.Recording{}, own.Err
	}
	dir, err := h.settings.journalsDir()
	if err != nil {
		return tui.Recording{}, err
	}
	all, err := journal.List(dir)
	if err != nil {
		return tui.Recording{}, err
	}
	for _, j := range all { // the newest first
		if j.Err == nil && j.Drill == own.Drill && j.Fleet == own.Fleet && j.Began.Before(own.Began) {
			return h.Load(j.Path)
		}
	}
	name := own.Drill
	if name == "" {
		name = "a free drill on " + own.Fleet
	}
	return tui.Recording{}, fmt.Errorf("no earlier run of %s is in %s; run it again, and this one is", name, clean.Text(dir))
}
