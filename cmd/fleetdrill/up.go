package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config/governor"
	"github.com/fleetdrill/fleetdrill/drill/engine"
	"github.com/fleetdrill/fleetdrill/drill/estimate/last"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/provision"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func newUpCommand(s *settings) *cobra.Command {
	var fleetName string
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start a fleet and leave it running",
		Long: `Start a fleet and leave it running: join it with fleetdrill or run, as often as you like, and
stop it with down. A local fleet's processes stay in the background.`,
		Args: shipped.Nothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.configure(cmd.Flags()); err != nil {
				return err
			}
			fleetName = cmp.Or(fleetName, s.first.Fleet)
			c, err := load("", fleetName, "")
			if err != nil {
				return err
			}
			if c.on, err = s.chooseOn(cmd.Context()); err != nil {
				return err
			}
			return bringUp(cmd.Context(), s, c, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVarP(&fleetName, "fleet", "f", "", "fleet file, or the name of one that ships (default "+defaultFleet+")")
	shipped.CompleteFlags(cmd, map[string]cobra.CompletionFunc{"fleet": shipped.CompleteFleets})
	shipped.WithHelp(cmd, shipped.FleetsHelp)
	return cmd
}

func bringUp(ctx context.Context, s *settings, c choice, out io.Writer) error {
	began := time.Now()
	s.stay = true
	governor.Prepare(c.spec)
	agent, err := s.findAgent(c.on)
	if err != nil {
		return err
	}
	state, err := s.state()
	if err != nil {
		return err
	}
	stages := newStagePrinter(out)
	f, closeLog, err := s.openFleet(c.on, c.spec, agent.Path, stages)
	if err != nil {
		return err
	}
	defer closeLog()
	took, joins := last.File(state, c.on, c.spec.Name), s.found(c.on, c.spec.Name)
	stages.take(0, drill.DrillStarted{Fleet: c.spec, On: c.on, Took: last.Known(took, joins)})
	if joins {
		fmt.Fprintf(out, "%s is on %s already and is joined\n", c.spec.Name, c.on)
	} else {
		fmt.Fprintf(out, "%s starts on %s%s\n", c.spec.Name, c.on, stages.expected())
	}
	tearDown := func(why error) error {
		fmt.Fprintln(out, "stopping the fleet")
		down, cancel := context.WithTimeout(context.WithoutCancel(ctx), downLimit)
		defer cancel()
		if err := f.Down(down); err != nil {
			return fmt.Errorf("%w: %w (run `fleetdrill down`)", engine.ErrDown, err)
		}
		return why
	}
	s.stops.Begin()
	if err := s.stand(ctx, f, c, joins, stages); err != nil {
		var locked *record.LockedError
		if errors.As(err, &locked) { // it is another process's, so Down stops nothing and only ends what watches it
			return errors.Join(fmt.Errorf("%w: %w", engine.ErrUp, locked), f.Down(ctx))
		}
		err = fmt.Errorf("%w: %w", engine.ErrUp, err)
		if errors.Is(err, fleet.ErrLeft) {
			f.Leave()
			fmt.Fprintln(out, "the fleet was there before, so it is left as it is; stop it with `fleetdrill down`")
			return err
		}
		if ctx.Err() != nil { // what it was in the midst of is nobody's error
			err = fmt.Errorf("%w: interrupted", engine.ErrUp)
		}
		return tearDown(err)
	}
	stages.keep(time.Since(began), took, joins)
	fmt.Fprintf(out, "%s is up on %s after %s\n", c.spec.Name, c.on, format.Span(time.Since(began)))
	if !f.Leave() {
		return tearDown(fmt.Errorf("%w: a fleet on %s ends with this program", engine.ErrUp, c.on))
	}
	fmt.Fprintln(out, "join it with `fleetdrill`, stop it with `fleetdrill down`")
	return nil
}

// stand brings a fleet up, or joins it, and gives its regions what they run.
func (s *settings) stand(ctx context.Context, f fleet.Platform, c choice, joins bool, stages *stagePrinter) (err error) {
	began := time.Now()
	state, err := s.state()
	if err != nil {
		return err
	}
	given, err := provision.Begin(ctx, provision.Config{
		Fleet: c.spec, Platform: f, Keys: identityKeys(state, c.spec.Name), Now: time.Now,
		Report: func(b drill.Body) { stages.print(time.Since(began), b) },
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, given.End()) }()
	if err := f.Up(ctx); err != nil {
		return err
	}
	if err = given.Regions(ctx); err != nil && joins {
		err = fmt.Errorf("%w; the fleet is %w", err, fleet.ErrLeft)
	}
	return err
}

// openFleet makes a fleet that prints its stages. agent is the regions'
// program, "" where none is started. The caller calls the
// returned function when it is done with it.
func (s *settings) openFleet(on string, spec topology.Fleet, agent string, stages *stagePrinter) (fleet.Platform, func(), error) {
	log, closeLog, err := s.logger()
	if err != nil {
		return nil, nil, err
	}
	began := time.Now()
	make, err := s.makeFleet(on, spec, agent, log)
	if err != nil {
		closeLog()
		return nil, nil, err
	}
	f, err := make(func(b drill.Body) { stages.print(time.Since(began), b) })
	if err != nil {
		closeLog()
		return nil, nil, err
	}
	return f, closeLog, nil
}
