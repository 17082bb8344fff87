package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/past"
	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/engine"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
	"github.com/fleetdrill/fleetdrill/drill/scenario/catalog"
	"github.com/fleetdrill/fleetdrill/tui"
)

func newCompareCommand(s *settings) *cobra.Command {
	var fleets []string
	var how comparing
	cmd := &cobra.Command{
		Use:   "compare NAME",
		Short: "Run one drill on several fleets, and hold what it came to side by side",
		Long: `Run one drill with the same seed and the same users on each of several fleets, one after the
other, and hold what came of it side by side. NAME is a comparison that ships, a file of one, or
with --fleets a drill. All files are checked before anything starts.

Exit codes: 0 all runs can be compared: each was judged, whether it passed or failed, which is
a row of the comparison; 1 a run came to no verdict, so that its numbers may be the machine's;
2 the command or a file is wrong, 3 a fleet could not start or stop.`,
		Example: "  fleetdrill compare one-cluster-vs-three\n  fleetdrill compare lose-the-authority --fleets two-regions,three-regions --report out",
		Args:    shipped.Named(shipped.NameAComparison(), 1),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			return shipped.CompleteComparisons(len(fleets) > 0, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.configure(cmd.Flags()); err != nil {
				return err
			}
			held, err := toCompare(args[0], fleets)
			if err != nil {
				return err
			}
			if s.on, err = s.chooseOn(cmd.Context()); err != nil {
				return err
			}
			if how.reportDir != "" {
				if err := os.MkdirAll(how.reportDir, 0o755); err != nil {
					return fmt.Errorf("make the report's folder: %w", err)
				}
			}
			if how.noScreen || how.asJSON || !s.screen.Terminal() {
				return how.headless(cmd.Context(), s, held, cmd.OutOrStdout())
			}
			return how.onScreen(cmd.Context(), *s, held, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&fleets, "fleets", nil, "the `fleets` to run the drill on, by name or file: A,B or more")
	f.StringVar(&how.reportDir, "report", "", "write the comparison as HTML, Markdown and JSON (and the journals) to this folder")
	f.Uint64Var(&s.seed, "seed", 1, "seed of the users' requests and the links' jitter, the same on each fleet")
	f.BoolVar(&how.noScreen, "no-screen", false, "print the timelines and the comparison; so without a terminal, too")
	s.addLookFlags(f)
	f.BoolVar(&how.asJSON, "json", false, "print the comparison as JSON, and nothing else")
	shipped.CompleteFlags(cmd, map[string]cobra.CompletionFunc{"fleets": shipped.CompleteFleets})
	shipped.WithHelp(cmd, shipped.ComparisonsHelp)
	return cmd
}

// toCompare is the comparison of a name, or the drill of that name on some fleets.
func toCompare(name string, fleets []string) (scenario.Comparison, error) {
	if len(fleets) > 0 {
		return scenario.Compare(name, fleets)
	}
	held, err := scenario.LoadComparison(name)
	if errors.Is(err, catalog.ErrNotShipped) {
		if _, drills := scenario.Names(); slices.Contains(drills, name) {
			return held, fmt.Errorf("%s is a drill: name the fleets to run it on, as in --fleets two-regions,three-regions", name)
		}
	}
	return held, err
}

// comparing is how a comparison is run and what is written of it.
type comparing struct {
	reportDir string
	asJSON    bool
	noScreen  bool
}

// headless runs a comparison without a screen.
func (h comparing) headless(ctx context.Context, s *settings, held scenario.Comparison, out io.Writer) error {
	var all []past.Compared
	var ends []error
	for i, run := range held.Runs {
		c := past.Compared{Label: run.Fleet.Name}
		if ctx.Err() != nil {
			c.Err = errors.New("it was not run: interrupted before")
			all, ends = append(all, c), append(ends, ended("", nil))
			continue
		}
		if !h.asJSON {
			fmt.Fprintf(out, "── %s on %s, %d of %d\n", run.Plan.Name, run.Fleet.Name, i+1, len(held.Runs))
		}
		path, verdict, err := h.one(ctx, s, choice{on: s.on, spec: run.Fleet, plan: &run.Plan}, out)
		ends = append(ends, ended(verdict, err))
		if c.Err, c.Path = err, path; path != "" {
			if c.Journal, err = journal.Load(path); err != nil {
				c.Err = errors.Join(c.Err, err)
			} else if !errors.Is(c.Err, engine.ErrUp) { // what went wrong later is beside what was measured
				c.Err = nil
			}
		}
		all = append(all, c)
	}
	if err := past.Compare(past.About{Title: held.Title, Question: held.Question}, all, h.reportDir, format.Either(h.asJSON, "json", ""), out); err != nil {
		return err
	}
	return worst(ends)
}

// onScreen shows a comparison as it runs, and prints afterwards what it came to.
func (h comparing) onScreen(ctx context.Context, s settings, held scenario.Comparison, out io.Writer) error {
	host := newHost(&s)
	host.reports = h.reportDir
	options, err := s.screenOptions()
	if err != nil {
		return err
	}
	what := onFleets(held)
	options.First.On, options.Compare = s.on, &what
	if err := showScreen(ctx, &s, host, options); err != nil && len(host.begun()) == 0 {
		return err
	} else if errors.Is(err, tui.ErrForced) {
		return err
	}
	ran, failed := map[string]past.Compared{}, map[string]error{} // by fleet
	for _, path := range host.begun() {
		past.TellJournal(out, path)
		l, err := journal.Load(path)
		c := past.Compared{Journal: l, Path: path, Err: err}
		if err == nil {
			name := past.StateOf(l).Fleet.Name
			ran[name], failed[name] = c, host.endOf(path)
		}
	}
	var all []past.Compared
	var ends []error
	for _, name := range held.FleetNames() {
		c, found := ran[name]
		if c.Label = name; !found {
			c.Err = errors.New("it was not run")
		}
		all = append(all, c)
		ends = append(ends, ended(past.StateOf(c.Journal).Verdict, failed[name]))
	}
	if err := past.Compare(past.About{Title: held.Title, Question: held.Question}, all, h.reportDir, "", out); err != nil {
		return err
	}
	return worst(ends)
}

// onFleets is a comparison as the screen takes it.
func onFleets(held scenario.Comparison) tui.Comparison {
	return tui.Comparison{Name: held.Name, Title: held.Title, Question: held.Question, Drill: held.Drill, Fleets: held.Fleets, Labels: held.FleetNames()}
}

// Comparison is the comparison of a name, as the screen takes it.
func (h *host) Comparison(name string) (tui.Comparison, error) {
	held, err := scenario.LoadComparison(name)
	if err != nil {
		return tui.Comparison{}, err
	}
	return onFleets(held), nil
}

// one runs the drill on one fleet, and says where its journal is; "" for none.
func (h comparing) one(ctx context.Context, s *settings, c choice, out io.Writer) (path string, verdict drill.Verdict, err error) {
	if h.reportDir != "" {
		path = freshJournal(h.reportDir, c.spec.Name)
	}
	d, err := s.begin(c, path, false)
	if err != nil {
		return "", "", err
	}
	verdict, err = d.drill(ctx, h.asJSON, out)
	if !h.asJSON {
		past.TellJournal(out, d.path)
		fmt.Fprintln(out)
	}
	return d.path, verdict, err
}

// ended is how a run that can't be compared ends the program; nil where it was judged. A comparison asks what differs, so
// that a drill which fails on one fleet is an answer. What went wrong is said once, in the comparison.
func ended(verdict drill.Verdict, err error) error {
	switch {
	case errors.Is(err, engine.ErrUp), errors.Is(err, engine.ErrDown):
		return exitError{code: exitFleet, err: err}
	case err != nil:
		return exitError{code: exitFailed, err: err}
	case verdict != drill.Passed && verdict != drill.Failed:
		return exitError{code: exitFailed, silent: true}
	}
	return nil
}

// worst is the end of several runs: that with the highest exit code.
func worst(ends []error) (most error) {
	code := exitPassed
	for _, err := range ends {
		var exit exitError
		if errors.As(err, &exit) && exit.code > code {
			code, most = exit.code, err
		}
	}
	return most
}
