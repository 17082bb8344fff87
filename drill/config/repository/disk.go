package repository

import (
	"os"
	"path/filepath"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/helper/chroot"
	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"github.com/fleetdrill/fleetdrill/drill/strict"
)

// open opens a repository as git.PlainOpen does, bare or with a work tree that has it, on a disk of which it opens regular files alone.
func open(path string) (*git.Repository, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	top := chroot.New(disk{osfs.Default}, full)
	dot, tree := top, billy.Filesystem(nil)
	if info, err := top.Stat(git.GitDirName); err == nil && info.IsDir() {
		if dot, err = top.Chroot(git.GitDirName); err != nil {
			return nil, err
		}
		tree = top
	}
	if err := strict.Regular(filepath.Join(dot.Root(), "HEAD")); err != nil { // of which git.Open says that no repository is there
		return nil, err
	}
	return git.Open(filesystem.NewStorage(dot, cache.NewObjectLRUDefault()), tree)
}

// disk is the machine's, without what is no regular file: whoever opens a pipe waits for one who writes to it, and a repository that a
// person names may have one in place of any of its files.
type disk struct{ *osfs.ChrootOS }

// Open implements billy.Basic.
func (d disk) Open(name string) (billy.File, error) { return d.OpenFile(name, os.O_RDONLY, 0) }

// OpenFile implements billy.Basic.
func (d disk) OpenFile(name string, flag int, perm os.FileMode) (billy.File, error) {
	if err := strict.Regular(name); err != nil {
		return nil, err
	}
	return d.ChrootOS.OpenFile(name, flag, perm)
}
