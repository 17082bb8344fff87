// Package source is what regions are to have, as their Git repository has it: its newest revision, rendered for each region.
package source

import (
	"context"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/render"
	"github.com/fleetdrill/fleetdrill/drill/config/repository"
)

// Git is a repository as reconcilers read it. It may be used from several goroutines.
type Git struct {
	repo    *repository.Repository
	regions []string
	render  *render.Renderer

	mu    sync.Mutex
	trees map[string]tree // by revision
}

type tree struct {
	hash  string
	files map[string][]byte
}

// New is a repository's.
func New(repo *repository.Repository, regions []string) *Git {
	return &Git{repo: repo, regions: regions, render: render.New(), trees: map[string]tree{}}
}

// Head is the newest revision.
func (g *Git) Head(ctx context.Context) (config.Revision, error) { return g.repo.Head(ctx) }

// Locked is why nothing can be committed now.
func (g *Git) Locked() error { return g.repo.Locked() }

// Check renders a revision for every region.
func (g *Git) Check(ctx context.Context, revision string) error {
	t, err := g.tree(ctx, revision)
	if err != nil {
		return err
	}
	if err := g.render.Check(t.hash, t.files, g.regions); err != nil {
		return err
	}
	for _, region := range g.regions {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if _, err := g.render.Objects(t.hash, region, t.files); err != nil {
			return err
		}
	}
	return nil
}

// Objects is what a region is to have at a revision.
func (g *Git) Objects(ctx context.Context, revision, region string) ([]config.Object, error) {
	t, err := g.tree(ctx, revision)
	if err != nil {
		return nil, err
	}
	return g.render.Objects(t.hash, region, t.files)
}

// tree is the files of a revision; those that were read before are kept, so that the last good one stays when the repository goes.
func (g *Git) tree(ctx context.Context, revision string) (tree, error) {
	g.mu.Lock()
	t, known := g.trees[revision]
	g.mu.Unlock()
	if known {
		return t, nil
	}
	files, hash, err := g.repo.Tree(ctx, revision)
	if err != nil {
		return tree{}, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.trees[revision] = tree{hash, files}
	return g.trees[revision], nil
}
