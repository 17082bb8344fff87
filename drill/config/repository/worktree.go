package repository

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-git/go-git/v5"
)

// ErrDirty is of a work tree with changes that would be overwritten.
var ErrDirty = errors.New("the work tree has changes that are not committed")

// checkedOut is the work tree in which the branch is checked out; nil where it is in none. It has to be as its commit has it.
func (r *Repository) checkedOut() (*git.Worktree, error) {
	head, err := r.repo.Reference("HEAD", false)
	if err != nil || head.Target() != branchRef {
		return nil, nil
	}
	tree, err := r.repo.Worktree()
	if errors.Is(err, git.ErrIsBareRepository) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	status, err := tree.StatusWithOptions(git.StatusOptions{Strategy: git.Preload})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	var changed []string
	for name, s := range status {
		unchanged := s.Staging == git.Unmodified && s.Worktree == git.Unmodified
		if !unchanged && s.Worktree != git.Untracked {
			changed = append(changed, name)
		}
	}
	if slices.Sort(changed); len(changed) > 0 {
		return nil, fmt.Errorf("%w: %s in %s; commit or stash them, or name a bare repository", ErrDirty, changed[0], tree.Filesystem.Root())
	}
	return tree, nil
}
