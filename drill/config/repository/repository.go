// Package repository is the Git repository that a fleet is configured by: an ordinary one, which git clone reads, in the fleet's
// own folder, or one that a person names by its path or URL.
package repository

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-git/go-git/v5"
	gitconfig "github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/fleetdrill/fleetdrill/drill/clean"
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
	path   string // by which it is opened: the folder, or the work tree that the folder is in
	remote string // URL that it is a copy of; "" where it is the one

	// Made is told of each commit that is made here, before anybody can read it here; nil tells nobody. It is set before the
	// repository is used.
	Made func(config.Revision)

	// turn is held by the one that reads or writes it: one that hangs keeps the others from piling up behind it.
	turn chan struct{}
	repo *git.Repository
}

// opened is one by its path, whose objects are in a folder.
func opened(path, folder, remote string, repo *git.Repository) *Repository {
	return &Repository{path: path, folder: folder, remote: remote, turn: make(chan struct{}, 1), repo: repo}
}

// winding is for how long what was given up may take to end: a connection does at once, and removes what it had written.
const winding = time.Second

// within does something that may hang, and returns no later than winding after ctx ends. What hangs then keeps the turn until it does
// so no more.
func within[T any](ctx context.Context, r *Repository, do func() (T, error)) (out T, err error) {
	late := func() error {
		return fmt.Errorf("%w: %s does not answer: %w", ErrAway, r.Where(), context.Cause(ctx))
	}
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return out, late()
	}
	type result struct {
		out T
		err error
	}
	done := make(chan result, 1)
	go func() {
		out, err := do()
		<-r.turn
		done <- result{out, err}
	}()
	select {
	case got := <-done:
		return got.out, got.err
	case <-ctx.Done():
	}
	unwinding, cancel := context.WithTimeout(context.WithoutCancel(ctx), winding)
	defer cancel()
	select {
	case <-done:
	case <-unwinding.Done():
	}
	return out, late()
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
	return opened(path, path, "", repo), nil
}

// Open opens one by its path, bare or with a work tree. A tree in which the branch is checked out follows what is committed here, as
// git's receive.denyCurrentBranch = updateInstead has it of what is pushed.
func Open(path string) (*Repository, error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%w: %s is no folder", ErrAway, path)
	}
	folder := path
	if info, err := os.Stat(filepath.Join(path, git.GitDirName)); err == nil {
		folder = filepath.Join(path, git.GitDirName)
		switch {
		case info.IsDir():
		case info.Mode().IsRegular():
			return nil, fmt.Errorf("%w: %s is a linked work tree; name the repository that it is one of", ErrAway, path)
		default:
			return nil, fmt.Errorf("%w: %s is neither a folder nor a file", ErrAway, folder)
		}
	}
	repo, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrAway, path, err)
	}
	return opened(path, folder, "", repo), nil
}

// Mirror is a copy in a folder of one that is elsewhere: it is fetched at each look, and what is committed is pushed.
func Mirror(ctx context.Context, url, folder string) (*Repository, error) {
	r := opened(folder, folder, url, nil)
	ctx, cancel := context.WithTimeoutCause(ctx, cloneWithin, fmt.Errorf("not within %s", cloneWithin))
	defer cancel()
	return within(ctx, r, func() (*Repository, error) {
		repo, err := open(folder)
		if errors.Is(err, git.ErrRepositoryNotExists) {
			repo, err = git.PlainCloneContext(ctx, folder, true, &git.CloneOptions{URL: url, ReferenceName: branchRef, SingleBranch: true})
		}
		if err != nil {
			return nil, r.away("", err)
		}
		r.repo = repo
		return r, nil
	})
}

// cloneWithin bounds the first copy of a repository that is elsewhere, and a commit: configuration is small, and a host that is
// there answers.
const cloneWithin = 20 * time.Second

// IsURL reports whether that names a repository by its URL, and not by a path.
func IsURL(at string) bool {
	return strings.Contains(at, "://") || strings.Contains(at, "@") && strings.Contains(at, ":")
}

// Where is how people reach it: the argument of git clone. A URL is told without what would let anybody else in.
func (r *Repository) Where() string {
	if r.remote == "" {
		if full, err := filepath.Abs(r.folder); err == nil {
			return full
		}
		return r.folder
	}
	if u, err := url.Parse(r.remote); err == nil && u.User != nil && u.Scheme != "ssh" {
		u.User = nil
		return u.String()
	}
	return r.remote
}

// Head is the newest commit of the branch.
func (r *Repository) Head(ctx context.Context) (config.Revision, error) {
	return within(ctx, r, func() (config.Revision, error) {
		if err := r.fetch(ctx); err != nil {
			return config.Revision{}, err
		}
		c, err := r.tip()
		if err != nil {
			return config.Revision{}, err
		}
		return revisionOf(c), nil
	})
}

// away is an error of the host of a repository that is elsewhere.
func (r *Repository) away(doing string, err error) error {
	where := r.Where()
	return fmt.Errorf("%w: %s%s: %w", ErrAway, doing, where, foreign{err, strings.ReplaceAll(err.Error(), r.remote, where)})
}

// foreign is an error whose text another host wrote.
type foreign struct {
	error
	text string
}

// Error is its text as a line can have it.
func (f foreign) Error() string { return clean.Text(f.text) }

// Unwrap implements the interface of package errors.
func (f foreign) Unwrap() error { return f.error }

// fetch brings what is new where the repository is elsewhere.
func (r *Repository) fetch(ctx context.Context) error {
	if r.remote == "" {
		return nil
	}
	err := r.repo.FetchContext(ctx, &git.FetchOptions{
		RefSpecs: []gitconfig.RefSpec{gitconfig.RefSpec("+" + branchRef + ":" + branchRef)}, Force: true, Tags: git.NoTags,
	})
	if err != nil && !errors.Is(err, git.NoErrAlreadyUpToDate) {
		return r.away("", err)
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
	c, err := r.object(ref.Hash())
	if err != nil {
		return nil, fmt.Errorf("%w: %s: commit %s: %w", ErrAway, r.folder, config.Short(ref.Hash().String()), err)
	}
	return c, nil
}

// object is a commit, all of whose files can be read. The library looks only once which packs there are: where another git has packed
// the repository since, it is opened anew.
func (r *Repository) object(hash plumbing.Hash) (*object.Commit, error) {
	c, err := whole(r.repo, hash)
	if !errors.Is(err, plumbing.ErrObjectNotFound) {
		return c, err
	}
	again, opening := open(r.path)
	if opening != nil {
		return nil, err
	}
	if c, err = whole(again, hash); err == nil {
		r.repo = again
	}
	return c, err
}

func whole(repo *git.Repository, hash plumbing.Hash) (*object.Commit, error) {
	c, err := repo.CommitObject(hash)
	if err != nil {
		return nil, err
	}
	tree, err := c.Tree()
	if err != nil {
		return nil, err
	}
	return c, tree.Files().ForEach(func(*object.File) error { return nil })
}

// revisionOf is a commit as events have it.
func revisionOf(c *object.Commit) config.Revision {
	subject, body, _ := strings.Cut(c.Message, "\n")
	v := config.Revision{Hash: c.Hash.String(), Subject: line(subject), Author: line(c.Author.Name)}
	const says = "This reverts commit "
	if _, rest, is := strings.Cut(body, says); is && len(rest) >= len(v.Hash) {
		v.Reverts = rest[:len(v.Hash)]
	}
	return v
}

// mostOfALine is how much of a subject or a name is kept, in characters: every journal, replay and screen has them.
const mostOfALine = 200

// line is foreign text as a line can have it.
func line(text string) string {
	text = clean.Text(text)
	if all := []rune(text); len(all) > mostOfALine {
		text = string(all[:mostOfALine-1]) + "…"
	}
	return text
}

// Log is the newest commits, newest first, at most so many.
func (r *Repository) Log(ctx context.Context, most int) ([]config.Revision, error) {
	return within(ctx, r, func() ([]config.Revision, error) {
		if err := r.fetch(ctx); err != nil {
			return nil, err
		}
		return r.log(most)
	})
}

func (r *Repository) log(most int) ([]config.Revision, error) {
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
func (r *Repository) Tree(ctx context.Context, hash string) (files map[string][]byte, tree string, err error) {
	type read struct {
		files map[string][]byte
		tree  string
	}
	got, err := within(ctx, r, func() (out read, err error) {
		out.files, out.tree, err = r.tree(hash)
		return out, err
	})
	return got.files, got.tree, err
}

func (r *Repository) tree(hash string) (files map[string][]byte, tree string, err error) {
	c, err := r.object(plumbing.NewHash(hash))
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
var locks = []string{"HEAD.lock", "packed-refs.lock", filepath.Join("refs", "heads", Branch+".lock"), "index.lock"}

// Locked is why nothing can be committed now: another process holds a lock, or one that ended has left it. Reading goes on.
func (r *Repository) Locked() error {
	if err := r.locked(); errors.Is(err, ErrLocked) {
		return err
	}
	return nil
}

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
