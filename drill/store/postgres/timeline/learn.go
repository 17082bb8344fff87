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
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/proxy"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
)

// Learn writes what a standby lacks into its log. A server that has read another timeline of
// the same number is started anew.
func Learn(ctx context.Context, s *server.Server, ahead history.Ahead, logger *slog.Logger) (learned proxy.Learned, err error) {
	written, err := tail(s, ahead)
	if err != nil {
		logger.Info("what it lacks of the authority's timeline is streamed", "error", err)
	}
	if written {
		learned.Timeline, learned.Position = ahead.Timeline, ahead.From+uint64(len(ahead.Tail))
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
			return learned, err
		}
		if err := server.ReplaceFile(path, []byte(contents), s.Account()); err != nil {
			return learned, fmt.Errorf("write the history of a timeline: %w", err)
		}
		learned.Anew = true
	}
	if !other || !s.Running() {
		return learned, nil
	}
	logger.Info("started anew: it knew another timeline of that number")
	learned.Anew = false
	return learned, errors.Join(s.Abort(), s.Start(ctx))
}

// tail writes the beginning of the new timeline. What is there already stays.
func tail(s *server.Server, ahead history.Ahead) (written bool, err error) {
	if ahead.Next == "" {
		return false, nil
	}
	log := s.At().WAL()
	next := filepath.Join(log, ahead.Next)
	if _, err := os.Stat(next); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	has, err := os.ReadFile(filepath.Join(log, ahead.Last))
	if err != nil {
		return false, err
	}
	offset := int(ahead.From % server.Segment)
	if len(has) != server.Segment || offset+len(ahead.Tail) > len(has) {
		return false, fmt.Errorf("%s has %d bytes", ahead.Last, len(has))
	}
	rest := len(has) - offset - len(ahead.Tail)
	err = server.ReplaceFile(next, bytes.Join([][]byte{has[:offset], ahead.Tail, make([]byte, rest)}, nil), s.Account())
	return err == nil, err
}
