// Package reconciler keeps the regions of a fleet as their repository has them: a loop a region, which reads what the region is to
// have, holds it against what it has, and puts right what differs.
//
// The loops run in this process. What they need is where their reconciler stands: one of a region (pull) is asked and told at the
// region's own address, those of a hub by way of it. So a region that is away does not reconcile, and a dead hub reconciles nobody.
package reconciler

import (
	"context"
	"errors"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// Source is what regions are to have.
type Source interface {
	// Head is the newest revision.
	Head(ctx context.Context) (config.Revision, error)
	// Locked is why nothing can be committed now; nil where it can. Reading goes on.
	Locked() error
	// Check is why a revision can't be given to any region; nil of one that can.
	Check(ctx context.Context, revision string) error
	// Objects is what a region is to have at a revision, in canonical form (config.Canonical). They must not be changed.
	Objects(ctx context.Context, revision, region string) ([]config.Object, error)
}

// Target is a region, as a reconciler has it. It has objects of others too, and only touches those with the label of package
// config, and of those only the fields that it is given. Errors wrap ErrAway or ErrHub where nothing was asked or told.
type Target interface {
	// Given is what the region says that it was given last.
	Given(ctx context.Context) (config.Given, error)
	// Diff is the fields of objects that the region has otherwise, with who changed them where that is known. It changes nothing.
	Diff(ctx context.Context, objects []config.Object) ([]config.Field, error)
	// Apply makes the region have the objects, one after the other, under config.Manager. On an error those before it are
	// applied, and Given says how many.
	Apply(ctx context.Context, revision string, objects []config.Object) error
	// Prune removes what carries the label and is not among keep, and says what that was.
	Prune(ctx context.Context, keep []config.Ref) ([]config.Ref, error)
	// Health is whether what was applied works.
	Health(ctx context.Context) (config.Health, error)
}

// Objects is a region as a person has it with kubectl too.
type Objects interface {
	Target
	// Edit changes objects past the repository, under config.By, and says what that changed once it was read back: Actual is how a
	// field was, Wanted how it is. Errors are as a Target's.
	Edit(ctx context.Context, e config.Edit) ([]config.Field, error)
}

// Why a target could not be asked or told.
var (
	// ErrAway is of a region that does not answer.
	ErrAway = errors.New("the region does not answer")
	// ErrHub is of a hub, by way of which all regions are asked, that does not.
	ErrHub = errors.New("the hub does not answer")
)

// ErrProgressing is of a region that has its revision and is on its way to run it.
var ErrProgressing = errors.New("it is being rolled out")

// Clock is a drill's clock.
type Clock interface {
	Now() time.Duration
	After(d time.Duration) (c <-chan time.Time, stop func())
}
