package log

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// divergedDir, below the replica's folder, keeps what was cut; unfinished marks
// an export that is still being written.
const (
	divergedDir = "diverged"
	unfinished  = ".unfinished"
)

// cutTail exports the entries above keep, then removes them in one transaction.
// Between the two nothing else changes the log: it is written only by whoever
// follows. After a crash between the two the tail is still there, is found to have diverged
// again, and is exported again to the same file.
func (f *following) cutTail(keep, position uint64) error {
	path, err := f.export(keep, position)
	if err == nil {
		err = f.removeTail(keep, position, path)
	}
	if err != nil {
		return fmt.Errorf("cut the %d entries of %s in %s that %s does not have: %w", position-keep, f.cfg.Dataset, f.cfg.Region, f.authority, err)
	}
	f.cfg.Logger.Warn("diverged tail cut", "entries", position-keep, "from", keep+1, "exported", path, "authority", f.authority, "epoch", f.epoch)
	return nil
}

func (f *following) removeTail(keep, position uint64, exported string) error {
	return f.apply(step{
		allowed: func() error {
			if f.position != position {
				return errors.New("it changed while it was exported")
			}
			return f.current()
		},
		write: func(c *change) error { return c.cut(keep) },
		then: func() {
			f.cuts++
			f.lastCut = &store.Cut{Entries: int(position - keep), From: keep + 1, Exported: exported}
		},
	})
}

// export writes the entries above keep to a file, one JSON object a line, and
// returns its name once file and name are on disk. The name tells the contents:
// epoch and index of its last entry stand for one history.
func (f *following) export(keep, position uint64) (string, error) {
	f.mu.Lock()
	lastIn := f.lastIn
	f.mu.Unlock()
	dir := filepath.Join(f.cfg.Dir, divergedDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if err := syncDir(f.cfg.Dir); err != nil {
		return "", err
	}
	path := filepath.Join(dir, fmt.Sprintf("epoch-%d-from-%d-to-%d.jsonl", lastIn, keep+1, position))
	// A following that is over but has not noticed may be writing one too.
	file, err := os.CreateTemp(dir, "*"+unfinished)
	if err != nil {
		return "", err
	}
	if err := errors.Join(f.writeEntries(file, keep, position), file.Sync(), file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return path, syncDir(dir)
}

func (f *following) writeEntries(file *os.File, after, upTo uint64) error {
	out := bufio.NewWriter(file)
	line := json.NewEncoder(out)
	for after < upTo {
		if err := f.ctx.Err(); err != nil {
			return err
		}
		entries, err := f.disk.read(after, upTo, f.cfg.BatchBytes)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := line.Encode(e); err != nil {
				return err
			}
			after = e.Index
		}
	}
	return out.Flush()
}

// dropUnfinished removes exports that a crash left half written: their entries
// are still in the log.
func dropUnfinished(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, divergedDir, "*"+unfinished))
	if err != nil {
		return err
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}
