// Command fleetdrill runs failover drills on a fleet of mock regions.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/about"
	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/configure"
	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/outside"
	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/past"
	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/tty"
	"github.com/fleetdrill/fleetdrill/drill/build"
	"github.com/fleetdrill/fleetdrill/drill/engine"
	"github.com/fleetdrill/fleetdrill/tui"
)

// version is this build's, see package build.
var version = build.Version()

// The exit codes.
const (
	exitPassed = 0
	exitFailed = 1 // the drill failed, was aborted, or measured too little to say
	exitUsage  = 2 // the command line or a file is wrong
	exitFleet  = 3 // the fleet could not start or stop
)

// exitError carries an exit code; its text, if any, has been said already when
// silent is set.
type exitError struct {
	code   int
	err    error
	silent bool
}

func (e exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	screen, complaints := tty.NewOutlet(os.Stdout, ctx), tty.NewOutlet(os.Stderr, ctx)
	words := tty.Cleaned{Out: complaints, ASCII: complaints.Plain()}
	stops := tty.Watch(ctx, cancel, func(left bool) {
		screen.Restore()
		if left {
			fmt.Fprintln(words, "fleetdrill: ended before the fleet was stopped; run `fleetdrill down`")
			os.Exit(exitFleet)
		}
		fmt.Fprintln(words, "fleetdrill: interrupted")
		os.Exit(exitFailed)
	})
	defer stops.End()
	root := newRootCommand(&settings{stops: stops, screen: screen})
	root.SetArgs(args)
	root.SetOut(tty.Cleaned{Out: screen, ASCII: screen.Plain()})
	root.SetErr(words)
	shipped.Strict(root)
	return exitCode(root.ExecuteContext(ctx), words)
}

// exitCode says what went wrong and turns it into an exit code.
func exitCode(err error, out io.Writer) int {
	if err == nil {
		return exitPassed
	}
	var exit exitError
	code, silent := exitUsage, false
	switch {
	case errors.As(err, &exit):
		code, silent = exit.code, exit.silent
	case errors.Is(err, outside.ErrNotConfirmed), errors.Is(err, outside.ErrNotReady):
		code, silent = exitFailed, true
	case errors.Is(err, tui.ErrForced):
		code, err = exitFleet, fmt.Errorf("%w; run `fleetdrill down`", err)
	case errors.Is(err, engine.ErrUp), errors.Is(err, engine.ErrDown):
		code = exitFleet
	case errors.Is(err, context.Canceled):
		code, err = exitFailed, fmt.Errorf("interrupted: %w", err)
	}
	if !silent {
		fmt.Fprintln(out, "fleetdrill:", err)
	}
	return code
}

func newRootCommand(s *settings) *cobra.Command {
	root := &cobra.Command{
		Use:   "fleetdrill",
		Short: "Failover drills on a fleet of mock regions: measured, not painted",
		Long: `fleetdrill starts a fleet of mock regions on this machine (each a kind cluster, or a
child process where no container engine answers), sends users' requests to them, lets you
cordon, freeze or kill a region, and measures what that does.

Without a command it opens the screen.`,
		Args:          shipped.Nothing,
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.configure(cmd.Flags()); err != nil {
				return err
			}
			return openScreen(cmd.Context(), *s)
		},
	}
	s.addFlags(root.PersistentFlags())
	s.addScreenFlags(root.Flags())
	root.AddCommand(
		newUpCommand(s), newDownCommand(s), newStatusCommand(s),
		newRunCommand(s), newCompareCommand(s), newReplayCommand(s), past.NewJournalsCommand(s.past()), past.NewReportCommand(s.past()), newCheckCommand(), newDoctorCommand(s), newRegionCommand(s),
		shipped.NewShowCommand(), configure.NewCommand(), about.NewVersionCommand(), about.NewManCommand(),
	)
	root.AddCommand(outside.Commands(s.outside())...)
	shipped.CompleteFlags(root, map[string]cobra.CompletionFunc{
		"on": shipped.CompletePlatforms, "fleet": shipped.CompleteFleets, "drill": shipped.CompleteDrills, "theme": configure.CompleteThemes,
	})
	return root
}
