package repository

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5"
	gitconfig "github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// Change is a commit to be made.
type Change struct {
	Subject string
	Body    string
	Author  string
	At      time.Time
	// Files are the contents of files by their paths; nil takes one away. What is not named stays.
	Files map[string][]byte
}

// ErrNothing is of a change that changes nothing.
var ErrNothing = errors.New("nothing would change")

// Commit adds a commit to the branch. It is there whole or not at all.
func (r *Repository) Commit(ctx context.Context, c Change) (config.Revision, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, cloneWithin, fmt.Errorf("not within %s", cloneWithin))
	defer cancel()
	return within(ctx, r, func() (config.Revision, error) { return r.commit(ctx, c) })
}

func (r *Repository) commit(ctx context.Context, c Change) (v config.Revision, err error) {
	if err := r.fetch(ctx); err != nil {
		return v, err
	}
	release, err := r.lock()
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, release()) }()
	checked, err := r.checkedOut()
	if err != nil {
		return v, err
	}
	var parents []plumbing.Hash
	var old *object.Tree
	switch tip, err := r.tip(); {
	case err == nil:
		parents = []plumbing.Hash{tip.Hash}
		if old, err = tip.Tree(); err != nil {
			return v, fmt.Errorf("%w: %w", ErrAway, err)
		}
	case !errors.Is(err, ErrEmpty):
		return v, err
	}
	tree, err := r.write(old, c.Files)
	if err != nil {
		return v, fmt.Errorf("write the commit: %w", err)
	}
	if old != nil && tree == old.Hash {
		return v, ErrNothing
	}
	message := c.Subject + "\n"
	if c.Body != "" {
		message += "\n" + c.Body + "\n"
	}
	by := object.Signature{Name: c.Author, Email: mail(c.Author), When: c.At}
	made := &object.Commit{Author: by, Committer: by, Message: message, TreeHash: tree, ParentHashes: parents}
	hash, err := r.store(made)
	if err != nil {
		return v, fmt.Errorf("write the commit: %w", err)
	}
	if ctx.Err() != nil { // who asked has been told that it did not come to it
		return v, context.Cause(ctx)
	}
	if err := r.repo.Storer.SetReference(plumbing.NewHashReference(branchRef, hash)); err != nil {
		return v, fmt.Errorf("move %s: %w", Branch, err)
	}
	if err := r.push(ctx); err != nil {
		return v, errors.Join(err, r.back(parents))
	}
	if checked != nil {
		if err := checked.Reset(&git.ResetOptions{Mode: git.MergeReset, Commit: hash}); err != nil {
			return v, errors.Join(fmt.Errorf("bring the work tree of %s to the commit: %w", r.folder, err), r.back(parents))
		}
	}
	made.Hash = hash
	v = revisionOf(made)
	if r.Made != nil {
		r.Made(v)
	}
	return v, nil
}

// mail is an address for a name: commits need one, and nobody is to be written to.
func mail(name string) string {
	local := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			return c
		}
		return '-'
	}, strings.ToLower(name))
	return local + "@fleetdrill.invalid"
}

// lock holds git's own lock of the branch, so that no other git process moves it meanwhile.
func (r *Repository) lock() (release func() error, err error) {
	if err := r.locked(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(r.folder, "HEAD")); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	name := filepath.Join(r.folder, "refs", "heads", Branch+".lock")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("%w: %s is there", ErrLocked, name)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	// As git's own locks it holds a hash: who lists the branches meanwhile would stumble over an empty file.
	_, err = fmt.Fprintln(f, plumbing.ZeroHash)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrAway, err), os.Remove(name))
	}
	return func() error { return os.Remove(name) }, nil
}

// push brings the branch to where the repository is a copy of.
func (r *Repository) push(ctx context.Context) error {
	if r.remote == "" {
		return nil
	}
	err := r.repo.PushContext(ctx, &git.PushOptions{RefSpecs: []gitconfig.RefSpec{gitconfig.RefSpec(branchRef + ":" + branchRef)}})
	if err != nil && !errors.Is(err, git.NoErrAlreadyUpToDate) {
		return r.away("push to ", err)
	}
	return nil
}

// back moves the branch back to a commit that was not pushed on top of.
func (r *Repository) back(to []plumbing.Hash) error {
	if len(to) == 0 {
		return r.repo.Storer.RemoveReference(branchRef)
	}
	return r.repo.Storer.SetReference(plumbing.NewHashReference(branchRef, to[0]))
}

type encoder interface {
	Encode(plumbing.EncodedObject) error
}

func (r *Repository) store(o encoder) (plumbing.Hash, error) {
	raw := r.repo.Storer.NewEncodedObject()
	if err := o.Encode(raw); err != nil {
		return plumbing.ZeroHash, err
	}
	return r.repo.Storer.SetEncodedObject(raw)
}

// write stores a tree with files changed, and keeps its other entries. A folder that is left without files goes.
func (r *Repository) write(old *object.Tree, files map[string][]byte) (plumbing.Hash, error) {
	entries := map[string]object.TreeEntry{}
	if old != nil {
		for _, e := range old.Entries {
			entries[e.Name] = e
		}
	}
	below := map[string]map[string][]byte{}
	for name, content := range files {
		if clean := path.Clean(name); clean != name || path.IsAbs(name) || strings.HasPrefix(name, "..") {
			return plumbing.ZeroHash, fmt.Errorf("%q is no path inside the repository", name)
		}
		folder, rest, deep := strings.Cut(name, "/")
		switch {
		case deep:
			if below[folder] == nil {
				below[folder] = map[string][]byte{}
			}
			below[folder][rest] = content
		case content == nil:
			delete(entries, name)
		default:
			hash, err := r.blob(content)
			if err != nil {
				return plumbing.ZeroHash, err
			}
			entries[name] = object.TreeEntry{Name: name, Mode: filemode.Regular, Hash: hash}
		}
	}
	for folder, inside := range below {
		var was *object.Tree
		if e, is := entries[folder]; is && e.Mode == filemode.Dir {
			var err error
			if was, err = r.repo.TreeObject(e.Hash); err != nil {
				return plumbing.ZeroHash, err
			}
		}
		hash, err := r.write(was, inside)
		if err != nil {
			return plumbing.ZeroHash, err
		}
		entries[folder] = object.TreeEntry{Name: folder, Mode: filemode.Dir, Hash: hash}
		if hash == emptyTree {
			delete(entries, folder)
		}
	}
	tree := &object.Tree{Entries: slices.Collect(maps.Values(entries))}
	slices.SortFunc(tree.Entries, func(a, b object.TreeEntry) int { return strings.Compare(sortName(a), sortName(b)) })
	return r.store(tree)
}

// emptyTree is the hash of a tree without entries, which is the same everywhere.
var emptyTree = plumbing.NewHash("4b825dc642cb6eb9a060e54bf8d69288fbee4904")

// sortName is how git orders entries: a folder as if its name ended with a slash.
func sortName(e object.TreeEntry) string {
	if e.Mode == filemode.Dir {
		return e.Name + "/"
	}
	return e.Name
}

func (r *Repository) blob(content []byte) (plumbing.Hash, error) {
	raw := r.repo.Storer.NewEncodedObject()
	raw.SetType(plumbing.BlobObject)
	w, err := raw.Writer()
	if err != nil {
		return plumbing.ZeroHash, err
	}
	_, err = w.Write(content)
	if err := errors.Join(err, w.Close()); err != nil {
		return plumbing.ZeroHash, err
	}
	return r.repo.Storer.SetEncodedObject(raw)
}

// Revert takes a commit back by another one, as git revert does: each file that it changed is as it was before. It refuses where
// one of them was changed since.
func (r *Repository) Revert(ctx context.Context, hash, author string, at time.Time) (config.Revision, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, cloneWithin, fmt.Errorf("not within %s", cloneWithin))
	defer cancel()
	return within(ctx, r, func() (config.Revision, error) { return r.revert(ctx, hash, author, at) })
}

func (r *Repository) revert(ctx context.Context, hash, author string, at time.Time) (config.Revision, error) {
	if err := r.fetch(ctx); err != nil {
		return config.Revision{}, err
	}
	c, err := r.repo.CommitObject(plumbing.NewHash(hash))
	if err != nil {
		return config.Revision{}, fmt.Errorf("%w: revision %s: %w", ErrAway, config.Short(hash), err)
	}
	if c.NumParents() != 1 {
		return config.Revision{}, fmt.Errorf("%s can't be taken back: it has %d parents, and only a change to one commit before can", config.Short(hash), c.NumParents())
	}
	files, err := r.before(c)
	if err != nil {
		return config.Revision{}, err
	}
	subject, _, _ := strings.Cut(c.Message, "\n")
	return r.commit(ctx, Change{
		Subject: fmt.Sprintf("Revert %q", subject), Body: "This reverts commit " + c.Hash.String() + ".", Author: author, At: at, Files: files,
	})
}

// before is the files that a commit changed, as they were.
func (r *Repository) before(c *object.Commit) (map[string][]byte, error) {
	parent, err := c.Parent(0)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	tip, err := r.tip()
	if err != nil {
		return nil, err
	}
	var trees [3]*object.Tree
	for i, of := range []*object.Commit{parent, c, tip} {
		if trees[i], err = of.Tree(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrAway, err)
		}
	}
	changes, err := trees[0].Diff(trees[1])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	files := map[string][]byte{}
	for _, change := range changes {
		for _, name := range []string{change.From.Name, change.To.Name} {
			if name == "" {
				continue
			}
			if hashIn(trees[1], name) != hashIn(trees[2], name) {
				return nil, fmt.Errorf("%s can't be taken back: %s was changed since", config.Short(c.Hash.String()), name)
			}
			files[name] = nil
			if f, err := trees[0].File(name); err == nil {
				if files[name], err = contents(f); err != nil {
					return nil, fmt.Errorf("%w: %w", ErrAway, err)
				}
			}
		}
	}
	return files, nil
}

// hashIn is the hash of a file in a tree; the zero one where it is not there.
func hashIn(t *object.Tree, name string) plumbing.Hash {
	e, err := t.FindEntry(name)
	if err != nil {
		return plumbing.ZeroHash
	}
	return e.Hash
}
