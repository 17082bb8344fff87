package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/journal"
)

func newReplayCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "replay [JOURNAL]",
		Short: "Play a drill back on the screen",
		Long: `Play a drill back from its journal, on the page that it was run on. It takes a file, or the
name of a journal that ` + "`fleetdrill journals`" + ` lists; without one it plays a real drill that ships,
which needs no fleet and no container engine.

Space pauses, , and . step to what happened before and next, { and } jump between faults,
< and > change the speed from ¼× to 64×; the line at the bottom takes the mouse.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return errors.New("name one journal, or none for the drill that ships: fleetdrill replay [JOURNAL]")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			path := ""
			if len(args) > 0 {
				var err error
				if path, err = s.past().Find(args[0]); err != nil {
					return err
				}
				// What is wrong is said here, before the screen opens; the rest is read behind it.
				if err := journal.Summarize(path).Err; err != nil {
					return err
				}
			}
			if err := s.configure(cmd.Flags()); err != nil {
				return err
			}
			return openReplay(cmd.Context(), *s, path)
		},
		ValidArgsFunction: s.past().Complete,
	}
	s.addLookFlags(cmd.Flags())
	return cmd
}

// openReplay shows a journal on the screen.
func openReplay(ctx context.Context, s settings, path string) error {
	host := newHost(&s)
	options, err := s.screenOptions()
	if err != nil {
		return err
	}
	options.Replay = &path
	return runScreen(ctx, &s, host, options)
}
