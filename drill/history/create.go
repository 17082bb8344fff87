package history

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Create makes the file of a new history. It refuses to write over one that is there.
func Create(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("create history %s: %w; move it away or name another file", path, fs.ErrExist)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("create history %s: its folder is not there; make it first: %w", path, fs.ErrNotExist)
	case err != nil:
		return nil, fmt.Errorf("create history: %w", err)
	}
	return f, nil
}
