// Package governed gives a region of a cluster what its repository says, as Flux does: by server-side apply with drift detection, with
// health by kstatus, and prunes by label. Each region of it is a reconciler's target, and what people change by kubectl edit.
//
// Some of what stands in a repository is completed on the way, as by the patches and images of a Flux Kustomization: the namespace is
// the region's own, and the web tier's Deployment gets what its pods need beside what is governed.
package governed

import (
	"context"
	"fmt"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/fluxcd/pkg/ssa"
	"github.com/go-logr/logr"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/reconciler"
)

// quiet keeps controller-runtime's log off the terminal, where it would be drawn over the screen.
var quiet = sync.OnceFunc(func() { log.SetLogger(logr.Discard()) })

// Station is the region's gateway, asked from where its reconciler stands: what can't reach that can't reach the region's API server
// either.
type Station interface {
	// Given says whether the region was told since it started. Its error wraps reconciler.ErrAway or reconciler.ErrHub.
	Given(ctx context.Context) (config.Given, error)
	// Confirm tells the region that it was.
	Confirm(ctx context.Context) error
}

// Config is what a region is made of.
type Config struct {
	Access *rest.Config // of its cluster's API server
	// Namespace is where its objects are, in place of config.Namespace.
	Namespace string
	// Web is the web tier's Deployment as the platform has it: what of it the repository does not say.
	Web config.Object
	// Closed is the annotation of a web tier that a fault holds at no pods.
	Closed string
}

// Region is a region's objects at its API server. Its methods may be called from several goroutines.
type Region struct {
	cfg    Config
	client client.Client
	apply  *ssa.ResourceManager
}

// New connects to the region's API server; it sends nothing.
func New(c Config) (*Region, error) {
	quiet()
	api, err := client.New(c.Access, client.Options{})
	if err != nil {
		return nil, fmt.Errorf("connect to the API server: %w", err)
	}
	return With(c, api), nil
}

// With is a region behind a client that is there already.
func With(c Config, api client.Client) *Region {
	quiet()
	return &Region{cfg: c, client: api, apply: ssa.NewResourceManager(api, nil, ssa.Owner{Field: config.Manager, Group: config.Group})}
}

// Target is the region as a reconciler has it that stands somewhere. It implements reconciler.Target.
func (r *Region) Target(from Station) *Target { return &Target{Region: r, from: from} }

// Target is a region as a reconciler has it.
type Target struct {
	*Region
	from Station
}

// reachable is why the region can't be reached from where the reconciler stands. Each step asks anew: it may be lost between two.
func (t *Target) reachable(ctx context.Context) error {
	_, err := t.from.Given(ctx)
	return err
}

// away says of an error of the API server whether it is one's own doing, or the server did not get to it: then the region is away.
func away(err error) error {
	switch {
	case err == nil:
		return nil
	case apierrors.IsInternalError(err), apierrors.IsServiceUnavailable(err), apierrors.IsServerTimeout(err), apierrors.IsTimeout(err), apierrors.IsTooManyRequests(err):
	case apierrors.ReasonForError(err) != "", meta.IsNoMatchError(err):
		return err
	}
	return fmt.Errorf("%w: its API server: %w", reconciler.ErrAway, err)
}
