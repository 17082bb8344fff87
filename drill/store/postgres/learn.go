package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fleetdrill/fleetdrill/drill/store/postgres/history"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
)

// learn puts what leads from the own timeline to the authority's into the own log, so that
// the server need not ask for it piece by piece. anew says that it has to look there. A
// server that has read another timeline of the same number is started anew.
func (f *following) learn(theirs, mine history.Past) (anew bool, err error) {
	ahead := theirs.Ahead(mine)
	log := f.server.At().WAL()
	if err := f.learnTail(log, ahead); err != nil {
		f.cfg.Logger.Info("what it lacks of the authority's timeline is streamed", "error", err)
	}
	other := false
	for name, contents := range ahead.Histories {
		path := filepath.Join(log, name)
		has, err := os.ReadFile(path)
		switch {
		case err == nil && string(has) == contents:
			continue
		case err == nil:
			other = true
		case !errors.Is(err, fs.ErrNotExist):
			return false, err
		}
		if err := server.ReplaceFile(path, []byte(contents), f.server.Account()); err != nil {
			return false, fmt.Errorf("write the history of a timeline: %w", err)
		}
		anew = true
	}
	if !other || !f.server.Running() {
		return anew, nil
	}
	f.cfg.Logger.Info("started anew: it knew another timeline of that number", "authority", f.term.Authority)
	return false, errors.Join(f.server.Abort(), f.server.Start(f.term.Context()))
}

// learnTail writes the beginning of the authority's timeline. What is there already stays.
func (f *following) learnTail(log string, ahead history.Ahead) error {
	if ahead.Next == "" {
		return nil
	}
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
	return server.ReplaceFile(next, bytes.Join([][]byte{has[:ahead.Offset], ahead.Tail, make([]byte, rest)}, nil), f.server.Account())
}
