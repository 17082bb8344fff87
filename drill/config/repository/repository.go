// Package repository is the Git repository that a fleet is configured by: an ordinary one, which git clone reads, in the fleet's
// own folder, or one that a person names by its path or URL.
package repository

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5"
	gitconfig "github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// Branch is the one that regions follow.
const Branch = "main"

const branchRef = plumbing.ReferenceName("refs/heads/" + Branch)

// What a caller may have to tell apart.
var (
	// ErrAway is of a repository that can't be read: it is not there, or its host does not answer.
	ErrAway = errors.New("the repository is away")
	// ErrLocked is of one that another process writes.
	ErrLocked = errors.New("the repository is locked")
	// ErrEmpty is of one without a commit on the branch.
	ErrEmpty = errors.New("the repository has no commit on " + Branch)
)

// Repository is one. Its methods may be called from several goroutines.
type Repository struct {
	folder string // where its objects are on this machine
	remote string // URL that it is a copy of; "" where it is the one

	mu   sync.Mutex
	repo *git.Repository
}

// Create makes an empty one at a path, which must not be there.
func Create(path string) (*Repository, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("make the repository: %w", err)
	}
	repo, err := git.PlainInitWithOptions(path, &git.PlainInitOptions{Bare: true, InitOptions: git.InitOptions{DefaultBranch: branchRef}})
	if err != nil {
		return nil, fmt.Errorf("make the repository %s: %w", path, err)
	}
	return &Repository{folder: path, repo: repo}, nil
}

// Open opens one by its path, bare or with a work tree, which is left as it is. What is neither a folder nor a file is not opened:
// a pipe would keep it waiting for ever.
func Open(path string) (*Repository, error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%w: %s is no folder", ErrAway, path)
	}
	if info, err := os.Stat(filepath.Join(path, git.GitDirName)); err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is neither a folder nor a file", ErrAway, filepath.Join(path, git.GitDirName))
	}
	repo, err := git.PlainOpen(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrAway, path, err)
	}
	r := &Repository{folder: path, repo: repo}
	if _, err := os.Stat(filepath.Join(path, git.GitDirName)); err == nil {
		r.folder = filepath.Join(path, git.GitDirName)
	}
	return r, nil
}

// Mirror is a copy in a folder of one that is elsewhere: it is fetched at each look, and what is committed is pushed.
func Mirror(ctx context.Context, url, folder string) (*Repository, error) {
	repo, err := git.PlainOpen(folder)
	if errors.Is(err, git.ErrRepositoryNotExists) {
		repo, err = git.PlainCloneContext(ctx, folder, true, &git.CloneOptions{URL: url, ReferenceName: branchRef, SingleBranch: true})
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrAway, url, err)
	}
	return &Repository{folder: folder, remote: url, repo: repo}, nil
}

// IsURL reports whether that names a repository by its URL, and not by a path.
func IsURL(at string) bool {
	return strings.Contains(at, "://") || strings.Contains(at, "@") && strings.Contains(at, ":")
}

// Where is how people reach it: the argument of git clone.
func (r *Repository) Where() string {
	if r.remote != "" {
		return r.remote
	}
	return r.folder
}

// Head is the newest commit of the branch.
func (r *Repository) Head(ctx context.Context) (config.Revision, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.fetch(ctx); err != nil {
		return config.Revision{}, err
	}
	c, err := r.tip()
	if err != nil {
		return config.Revision{}, err
	}
	return revisionOf(c), nil
}

// fetch brings what is new where the repository is elsewhere.
func (r *Repository) fetch(ctx context.Context) error {
	if r.remote == "" {
		return nil
	}
	err := r.repo.FetchContext(ctx, &git.FetchOptions{
		RefSpecs: []gitconfig.RefSpec{gitconfig.RefSpec("+" + branchRef + ":" + branchRef)}, Force: true, Tags: git.NoTags,
	})
	if err != nil && !errors.Is(err, git.NoErrAlreadyUpToDate) {
		return fmt.Errorf("%w: %s: %w", ErrAway, r.remote, err)
	}
	return nil
}

func (r *Repository) tip() (*object.Commit, error) {
	ref, err := r.repo.Reference(branchRef, true)
	switch {
	case errors.Is(err, plumbing.ErrReferenceNotFound):
		if _, gone := os.Stat(filepath.Join(r.folder, "HEAD")); gone != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrAway, r.folder, gone)
		}
		return nil, fmt.Errorf("%s: %w", r.folder, ErrEmpty)
	case err != nil:
		return nil, fmt.Errorf("%w: %s: %w", ErrAway, r.folder, err)
	}
	c, err := r.repo.CommitObject(ref.Hash())
	if err != nil {
		return nil, fmt.Errorf("%w: %s: commit %s: %w", ErrAway, r.folder, config.Short(ref.Hash().String()), err)
	}
	return c, nil
}

// revisionOf is a commit as events have it.
func revisionOf(c *object.Commit) config.Revision {
	subject, body, _ := strings.Cut(c.Message, "\n")
	v := config.Revision{Hash: c.Hash.String(), Subject: subject, Author: c.Author.Name}
	const says = "This reverts commit "
	if _, rest, is := strings.Cut(body, says); is && len(rest) >= len(v.Hash) {
		v.Reverts = rest[:len(v.Hash)]
	}
	return v
}

// Log is the newest commits, newest first, at most so many.
func (r *Repository) Log(most int) ([]config.Revision, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := r.tip()
	if err != nil {
		return nil, err
	}
	var out []config.Revision
	for len(out) < most {
		out = append(out, revisionOf(c))
		if c.NumParents() == 0 {
			break
		}
		if c, err = c.Parent(0); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrAway, err)
		}
	}
	return out, nil
}

// mostBytes bounds what is read of a revision: configuration is text, and this is a thousand long files.
const mostBytes = 16 << 20

// Tree is the files of a revision by their paths, and a hash of them all: of two revisions with the same one nothing differs.
func (r *Repository) Tree(hash string) (files map[string][]byte, tree string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := r.repo.CommitObject(plumbing.NewHash(hash))
	if err != nil {
		return nil, "", fmt.Errorf("%w: revision %s: %w", ErrAway, config.Short(hash), err)
	}
	iter, err := c.Files()
	if err != nil {
		return nil, "", fmt.Errorf("%w: revision %s: %w", ErrAway, config.Short(hash), err)
	}
	defer iter.Close()
	files = map[string][]byte{}
	total := int64(0)
	err = iter.ForEach(func(f *object.File) error {
		if total += f.Size; total > mostBytes {
			return fmt.Errorf("it has more than %d MiB of files", mostBytes>>20)
		}
		content, err := contents(f)
		files[f.Name] = content
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("%w: revision %s: %w", ErrAway, config.Short(hash), err)
	}
	return files, c.TreeHash.String(), nil
}

func contents(f *object.File) ([]byte, error) {
	from, err := f.Reader()
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(from)
	return raw, errors.Join(err, from.Close())
}

// locks are the files by which git keeps others from writing a repository.
var locks = []string{"HEAD.lock", "packed-refs.lock", filepath.Join("refs", "heads", Branch+".lock")}

// locked is the lock that another process holds.
func (r *Repository) locked() error {
	for _, name := range locks {
		if _, err := os.Stat(filepath.Join(r.folder, name)); err == nil {
			return fmt.Errorf("%w: %s is there; wait for the git process that holds it, or remove it where none runs", ErrLocked, filepath.Join(r.folder, name))
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: %w", ErrAway, err)
		}
	}
	return nil
}
