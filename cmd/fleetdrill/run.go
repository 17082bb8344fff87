package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/past"
	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/engine"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

func newRunCommand(s *settings) *cobra.Command {
	var journalPath, reportDir string
	var keep, asJSON bool
	cmd := &cobra.Command{
		Use:   "run DRILL",
		Short: "Run a drill without a screen, for CI",
		Long: `Run a drill file, or one that ships by its name, without a screen.

A fleet that was up before is joined, and left up. Another is started for the drill and
stopped after it.

Exit codes: 0 the drill passed, 1 it failed or was inconclusive, 2 the command or the file
is wrong, 3 the fleet could not start or stop.

With --history every read and write is kept, one EDN map a line, for a checker to judge: it
begins as :invoke and ends as :ok, :fail or :info (nobody knows).`,
		Args:              shipped.Named(shipped.NameADrill("run"), 1),
		ValidArgsFunction: shipped.CompleteDrills,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.configure(cmd.Flags()); err != nil {
				return err
			}
			if asJSON && s.feeds.Piped() {
				return errors.New("--json and --events - both want standard output; name a file for the events, or write the report with --report")
			}
			if journalPath != "" && journalPath == s.feeds.Events {
				return errors.New("--journal and --events name the same file; the journal has every event, so leave --events out")
			}
			c, err := load(s.on, "", args[0])
			if err != nil {
				return err
			}
			if c.on, err = s.chooseOn(cmd.Context()); err != nil {
				return err
			}
			if reportDir != "" {
				if err := os.MkdirAll(reportDir, 0o755); err != nil {
					return fmt.Errorf("make the report's folder: %w", err)
				}
				if journalPath == "" {
					journalPath = freshJournal(reportDir, "journal")
				}
			}
			out := cmd.OutOrStdout()
			if s.feeds.Piped() {
				out = io.Discard
			}
			if err := s.feeds.Open(s.screen, version, func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), "fleetdrill:", text) }); err != nil {
				return err
			}
			defer s.feeds.Close()
			return runDrill(cmd.Context(), s, c, journalPath, reportDir, keep, asJSON, out)
		},
	}
	f := cmd.Flags()
	f.StringVar(&journalPath, "journal", "", "write the journal to this file")
	f.StringVar(&reportDir, "report", "", "write the report in every format, and the journal, to this folder")
	f.StringVar(&s.history, "history", "", "write every read and write of the users to this `file`, as Jepsen's checkers read it (docs/history.md)")
	f.Uint64Var(&s.seed, "seed", 1, "seed of the users' requests and the links' jitter")
	f.BoolVar(&keep, "keep", false, "leave the fleet up at the end, also one that this run started")
	f.BoolVar(&asJSON, "json", false, "print the report as JSON, and nothing else")
	s.feeds.AddFlags(f, true)
	shipped.WithHelp(cmd, shipped.DrillsHelp)
	return cmd
}

// freshJournal is NAME.jsonl in a report's folder. One that is there already is the only record
// of its drill and stays.
func freshJournal(dir, name string) string {
	path := filepath.Join(dir, name+".jsonl")
	if _, err := os.Lstat(path); err == nil {
		path = filepath.Join(dir, name+"-"+time.Now().UTC().Format("20060102-150405.000")+".jsonl")
	}
	return path
}

// runDrill drills, prints the timeline as it grows (unless JSON is asked for)
// and the report at the end.
func runDrill(ctx context.Context, s *settings, c choice, journalPath, reportDir string, keep, asJSON bool, out io.Writer) error {
	d, err := s.begin(c, journalPath, keep)
	if err != nil {
		return err
	}
	verdict, err := d.drill(ctx, asJSON, out)
	switch {
	case asJSON:
	case d.found:
		fmt.Fprintln(out, "the fleet was up before, so it is left up; stop it with `fleetdrill down`")
	case keep && !errors.Is(err, engine.ErrUp):
		fmt.Fprintln(out, "the fleet is left up, as --keep says; stop it with `fleetdrill down`")
	}
	if reportErr := past.WriteReport(d.path, reportDir, asJSON, out); reportErr != nil && err == nil {
		err = reportErr
	}
	if !asJSON {
		past.TellJournal(out, d.path)
	}
	if err != nil {
		return brokeOff(err)
	}
	if verdict != drill.Passed {
		return exitError{code: exitFailed, silent: true}
	}
	return nil
}

// drill runs a drill to its end, and prints the timeline as it grows unless quiet.
func (d *drilling) drill(ctx context.Context, quiet bool, out io.Writer) (drill.Verdict, error) {
	printed, events := make(chan struct{}), d.engine.Subscribe()
	go func() {
		defer close(printed)
		if quiet {
			for range events { // nothing is printed as it happens
			}
			return
		}
		printEvents(events, out)
	}()
	verdict, err := d.run(ctx)
	<-printed
	return verdict, err
}

// printEvents prints a timeline as it grows, and what each incident came to.
func printEvents(events <-chan []drill.Event, out io.Writer) {
	state, seen, stages := drill.NewState(), 0, newStagePrinter(out)
	var incidents format.Teller
	for batch := range events {
		for _, e := range batch {
			state.Apply(e)
			stages.print(e.T, e.Body)
		}
		var lines []format.Line
		for ; seen < len(state.Timeline); seen++ {
			lines = append(lines, format.Event(state, state.Timeline[seen]))
		}
		for _, line := range append(lines, incidents.Tell(state)...) {
			fmt.Fprintf(out, "%8.3fs  %s\n", line.T.Seconds(), line.Text)
		}
	}
}

// brokeOff gives an error of a drill that had begun its exit code: nothing was wrong
// with the command, and it did not pass.
func brokeOff(err error) error {
	if err == nil || errors.Is(err, engine.ErrUp) || errors.Is(err, engine.ErrDown) {
		return err
	}
	return exitError{code: exitFailed, err: err}
}
