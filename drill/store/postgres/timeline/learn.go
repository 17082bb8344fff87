// Package timeline puts what leads to another server's timeline into a standby's log, so that
// the standby need not ask for it piece by piece.
package timeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/fleetdrill/fleetdrill/drill/store/postgres/history"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
)

// Learn writes what a standby lacks into its log. anew says that the server has to look there.
// One that has read another timeline of the same number is started anew.
func Learn(ctx context.Context, s *server.Server, ahead history.Ahead, logger *slog.Logger) (anew bool, err error) {
	if err := tail(s, ahead); err != nil {
		logger.Info("what it lacks of the authority's timeline is streamed", "error", err)
	}
	other := false
	for name, contents := range ahead.Histories {
		path := filepath.Join(s.At().WAL(), name)
		has, err := os.ReadFile(path)
		switch {
		case err == nil && string(has) == contents:
			continue
		case err == nil:
			other = true
		case !errors.Is(err, fs.ErrNotExist):
			return false, err
		}
		if err := server.ReplaceFile(path, []byte(contents), s.Account()); err != nil {
			return false, fmt.Errorf("write the history of a timeline: %w", err)
		}
		anew = true
	}
	if !other || !s.Running() {
		return anew, nil
	}
	logger.Info("started anew: it knew another timeline of that number")
	return false, errors.Join(s.Abort(), s.Start(ctx))
}

// tail writes the beginning of the new timeline. What is there already stays.
func tail(s *server.Server, ahead history.Ahead) error {
	if ahead.Next == "" {
		return nil
	}
	log := s.At().WAL()
	next := filepath.Join(log, ahead.Next)
	if _, err := os.Stat(next); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	has, err := os.ReadFile(filepath.Join(log, ahead.Last))
	if err != nil {
		return err
	}
	if len(has) != history.Segment || ahead.Offset+len(ahead.Tail) > len(has) {
		return fmt.Errorf("%s has %d bytes", ahead.Last, len(has))
	}
	rest := len(has) - ahead.Offset - len(ahead.Tail)
	return server.ReplaceFile(next, bytes.Join([][]byte{has[:ahead.Offset], ahead.Tail, make([]byte, rest)}, nil), s.Account())
}
