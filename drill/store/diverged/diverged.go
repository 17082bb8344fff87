// Package diverged keeps what a replica is about to cut from its own history: a
// file a cut, on disk before anything is dropped, one store.Entry a line.
package diverged

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Folder is the name of the folder, below a replica's own, that keeps the files.
const Folder = "diverged"

// unfinished marks a file that is still being written.
const unfinished = ".unfinished"

// Export is a file that is being written. Keep or Drop it.
type Export struct {
	file  *os.File
	out   *bufio.Writer
	lines *json.Encoder

	entries     int
	first, last store.Entry
}

// Create begins an export in a folder, which it makes where it is missing. Several may
// be written at once: a following that is over but has not noticed may be writing one too.
func Create(dir string) (*Export, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(dir, "*"+unfinished)
	if err != nil {
		return nil, err
	}
	x := &Export{file: file, out: bufio.NewWriter(file)}
	x.lines = json.NewEncoder(x.out)
	return x, nil
}

// Put adds an entry. Entries come in the order of their index.
func (x *Export) Put(e store.Entry) error {
	if x.entries == 0 {
		x.first = e
	}
	x.entries++
	x.last = e
	return x.lines.Encode(e)
}

// Keep gives the file its name once its contents are on disk, and returns once the
// name is too. The name stands for the contents: epoch and index of its last entry make
// one history, so what was exported and not cut before a crash is exported to
// the same file. Without an entry there is no file, and the cut is nil.
func (x *Export) Keep() (*store.Cut, error) {
	if x.entries == 0 {
		return nil, x.Drop()
	}
	if err := errors.Join(x.out.Flush(), x.file.Sync(), x.file.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(x.file.Name()))
	}
	dir := filepath.Dir(x.file.Name())
	path := filepath.Join(dir, fmt.Sprintf("epoch-%d-from-%d-to-%d.jsonl", x.last.Epoch, x.first.Index, x.last.Index))
	if err := os.Rename(x.file.Name(), path); err != nil {
		return nil, errors.Join(err, os.Remove(x.file.Name()))
	}
	if err := errors.Join(syncDir(dir), syncDir(filepath.Dir(dir))); err != nil {
		return nil, err
	}
	return &store.Cut{Entries: x.entries, From: x.first.Index, Exported: path}, nil
}

// Drop removes what was written.
func (x *Export) Drop() error { return errors.Join(x.file.Close(), os.Remove(x.file.Name())) }

// Sweep removes exports that a crash left half written: their entries are still in
// the replica.
func Sweep(dir string) error {
	left, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, f := range left {
		if !strings.HasSuffix(f.Name(), unfinished) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// Read calls visit for each entry of an export.
func Read(path string, visit func(store.Entry) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // only read
	lines := json.NewDecoder(bufio.NewReader(file))
	for {
		var e store.Entry
		switch err := lines.Decode(&e); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read %s: %w", path, err)
		}
		if err := visit(e); err != nil {
			return err
		}
	}
}

// syncDir makes the names in a folder last.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
