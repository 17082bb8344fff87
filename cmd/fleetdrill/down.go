package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/engine"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// downLimit bounds the tear-down of one fleet.
const downLimit = 3 * time.Minute

func newDownCommand(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "down [FLEET…]",
		Short: "Stop every fleetdrill fleet, or the named ones, and remove what they left",
		Long: `Remove what fleetdrill has recorded as its own: clusters, their containers and volumes,
processes, kubeconfigs, data. Nothing else is touched. Journals are yours and stay.`,
		ValidArgsFunction: s.completeUp,
		RunE: func(cmd *cobra.Command, args []string) error {
			return takeDown(cmd.Context(), s, args, cmd.OutOrStdout())
		},
	}
}

func takeDown(ctx context.Context, s *settings, names []string, out io.Writer) error {
	state, err := s.state()
	if err != nil {
		return err
	}
	s.stops.Begin()
	// Broken records are said at the end; they must not keep the others here.
	records, failed := record.List(state)
	wanted := map[string]bool{}
	for _, n := range names {
		wanted[n] = true
	}
	done := 0
	for _, r := range records {
		name := r.Fleet.Name
		if len(names) > 0 && !wanted[name] {
			continue
		}
		delete(wanted, name)
		if err := takeDownOne(ctx, s, r, out); err != nil {
			failed = errors.Join(failed, inUse(name, err))
			continue
		}
		done++
		fmt.Fprintf(out, "%s: gone\n", name)
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		switch err := clearFolder(state, name); {
		case err == nil:
			done++
			fmt.Fprintf(out, "%s: cleared, it had no record\n", name)
		case !errors.Is(err, record.ErrBroken): // which is said already
			failed = errors.Join(failed, err)
		}
	}
	if failed != nil {
		return fmt.Errorf("%w: %w", engine.ErrDown, failed)
	}
	if done == 0 {
		fmt.Fprintln(out, noFleet)
	}
	return nil
}

// clearFolder removes the folder of a fleet that is not on record.
func clearFolder(state, name string) error {
	if _, err := os.Lstat(filepath.Join(state, "fleets", name)); err != nil {
		return fmt.Errorf("%s: no fleetdrill fleet has that name; `fleetdrill status` lists those that run", name)
	}
	err := record.Clear(state, name)
	if errors.Is(err, fleet.ErrExists) {
		if _, err := record.Open(state, name); err != nil {
			return err
		}
		return fmt.Errorf("%s: it was started just now; run `fleetdrill down %s` again", name, name)
	}
	return inUse(name, err)
}

// inUse is the error of a fleet: of one that is in use, who uses it and what to do is all there is to say.
func inUse(name string, err error) error {
	if err == nil {
		return nil
	}
	if locked := (*record.LockedError)(nil); errors.As(err, &locked) {
		return locked
	}
	return fmt.Errorf("%s: %w", name, err)
}

func takeDownOne(ctx context.Context, s *settings, r record.Record, out io.Writer) error {
	f, closeLog, err := s.openFleet(r.On, r.Fleet, "", newStagePrinter(out))
	if err != nil {
		return err
	}
	defer closeLog()
	ctx, cancel := context.WithTimeout(ctx, downLimit)
	defer cancel()
	return f.Down(ctx)
}
