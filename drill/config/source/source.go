// Package source is what regions are to have, as their Git repository has it: its newest revision, rendered for each region.
package source

import (
	"context"
	"slices"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/render"
	"github.com/fleetdrill/fleetdrill/drill/config/repository"
	"github.com/fleetdrill/fleetdrill/drill/config/routing"
)

// Git is a repository as reconcilers read it. It may be used from several goroutines.
type Git struct {
	repo    *repository.Repository
	regions []string
	render  *render.Renderer

	mu    sync.Mutex
	trees []tree // in the order in which they were used last
	most  int    // of them
}

// tree is the files of a revision, and what is the same for all revisions with the same files.
type tree struct {
	revision, hash string
	files          map[string][]byte
}

// New is a repository's.
func New(repo *repository.Repository, regions []string) *Git {
	return &Git{repo: repo, regions: regions, render: render.New(), most: kept}
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
	if _, err := routing.Of(t.files, g.regions); err != nil {
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

// Weights is those that the global router is to go by at a revision, from 0 to 1; nil where that says nothing of them.
func (g *Git) Weights(ctx context.Context, revision string) (map[string]float64, error) {
	t, err := g.tree(ctx, revision)
	if err != nil {
		return nil, err
	}
	return routing.Of(t.files, g.regions)
}

// Objects is what a region is to have at a revision.
func (g *Git) Objects(ctx context.Context, revision, region string) ([]config.Object, error) {
	t, err := g.tree(ctx, revision)
	if err != nil {
		return nil, err
	}
	return g.render.Objects(t.hash, region, t.files)
}

// kept bounds how many revisions' files are kept: those that the regions of a large fleet have, each another one. What a region is to
// have is used at each reconciliation of it, so that others go before it does.
const kept = 64

// tree is the files of a revision; those that were used last are kept, so that the last good one stays when the repository goes.
func (g *Git) tree(ctx context.Context, revision string) (tree, error) {
	if t, known := g.used(revision); known {
		return t, nil
	}
	files, hash, err := g.repo.Tree(ctx, revision)
	if err != nil {
		return tree{}, err
	}
	t := tree{revision, hash, files}
	g.keep(t)
	return t, nil
}

// used is a tree that is kept, which is the newest of those from now on.
func (g *Git) used(revision string) (tree, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.IndexFunc(g.trees, func(t tree) bool { return t.revision == revision })
	if i < 0 {
		return tree{}, false
	}
	t := g.trees[i]
	g.trees = append(slices.Delete(g.trees, i, i+1), t)
	return t, true
}

func (g *Git) keep(t tree) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.trees = slices.DeleteFunc(g.trees, func(other tree) bool { return other.revision == t.revision }) // who read it at the same time
	g.trees = append(g.trees, t)
	g.trees = slices.Delete(g.trees, 0, max(0, len(g.trees)-g.most))
}
