package binary

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// unpack writes a compressed agent into dir, in a folder named by its hash so that
// two builds do not overwrite each other, and returns its path. One that is there is
// taken as it is: it was renamed into its place whole.
func unpack(compressed []byte, dir string) (path string, err error) {
	sum := sha256.Sum256(compressed)
	dir = filepath.Join(dir, hex.EncodeToString(sum[:])[:12])
	path = filepath.Join(dir, "fleetdrill-agent")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	program, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	file, err := os.CreateTemp(dir, ".part-*")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(file, program)
	if err = errors.Join(err, file.Chmod(0o700), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return path, nil
}
