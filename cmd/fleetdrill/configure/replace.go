package configure

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// mostLinks is how many links in a row are followed, as many as Linux does (path_resolution(7)).
const mostLinks = 40

// target is the file that a path leads to: who keeps settings in a repository links to them. What
// the last link names need not be there yet.
func target(path string) (string, error) {
	for at, n := path, 0; n < mostLinks; n++ {
		to, err := os.Readlink(at)
		if err != nil { // it is no link, or nothing is there
			return at, nil
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(at), to)
		}
		at = to
	}
	return "", fmt.Errorf("%s is a link that leads to no file", path)
}

// create writes a file that is not there yet, where its link leads if it is one: os.ErrExist.
func create(path string, data []byte) error {
	path, err := target(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(path) // half of it would be read as if it were all
		return err
	}
	return syncDir(filepath.Dir(path))
}

// replace writes a file whole or not at all, where its link leads if it is one. It is on disk once
// this returns.
func replace(path string, data []byte) error {
	path, err := target(path)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	mode := fs.FileMode(0o600)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(dir, ".config-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	return syncDir(dir)
}

// syncDir puts on disk what a folder lists: a file that was renamed is in it only then.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
