package governed

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxcd/pkg/ssa"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// atOnce is how many objects are looked at at the same time.
const atOnce = 4

// looked is one object of a revision, held against what the cluster has.
type looked struct {
	wanted *unstructured.Unstructured
	fields []config.Field // that applying it would change; the object itself where it is missing
}

// look holds the objects of a revision against what the cluster has, by a dry run of applying each. So the API server says of all of
// them what it thinks of them before any is applied. It changes nothing.
func (r *Region) look(ctx context.Context, objects []config.Object) ([]looked, error) {
	all := make([]looked, len(objects))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, o := range objects {
		group.Go(func() (err error) {
			all[i], err = r.lookAt(ctx, o)
			return err
		})
	}
	return all, group.Wait()
}

func (r *Region) lookAt(ctx context.Context, o config.Object) (looked, error) {
	wanted, err := r.inCluster(o)
	if err != nil {
		return looked{}, err
	}
	ref := r.refOf(wanted)
	live := r.named(ref)
	switch err := r.client.Get(ctx, client.ObjectKeyFromObject(live), live); {
	case apierrors.IsNotFound(err):
		live = nil
	case err != nil:
		return looked{}, fmt.Errorf("read %s: %w", ref, away(err))
	case !config.Ours(config.Object(live.Object)):
		return looked{}, fmt.Errorf("%s is there and lacks the label %s: %s, so it is somebody else's", ref, config.LabelManaged, config.ManagedHere)
	}
	if live != nil && isWeb(ref) && r.cfg.Closed != "" && live.GetAnnotations()[r.cfg.Closed] != "" {
		if err := unstructured.SetNestedField(wanted.Object, int64(0), "spec", "replicas"); err != nil { // a fault holds it
			return looked{}, err
		}
	}
	entry, existing, merged, err := r.apply.Diff(ctx, wanted.DeepCopy(), ssa.DefaultDiffOptions())
	if err != nil {
		return looked{}, refused(ref, err)
	}
	out := looked{wanted: wanted}
	switch {
	case entry.Action == ssa.CreatedAction:
		out.fields = []config.Field{{Object: ref, Wanted: "there"}}
	case entry.Action == ssa.ConfiguredAction:
		out.fields = changes(ref, existing, merged, live)
	}
	return out, nil
}

// refused is an error of applying an object.
func refused(ref config.Ref, err error) error {
	if away := away(err); away != err {
		return away
	}
	return fmt.Errorf("the API server refuses %s: %w", ref, err)
}

// changes is the fields that applying would change, with who changed them last where the cluster knows that.
func changes(ref config.Ref, existing, merged, live *unstructured.Unstructured) []config.Field {
	has, wants, who := flat(existing), flat(merged), map[string]string{}
	if live != nil {
		who = managers(live.GetManagedFields())
	}
	var out []config.Field
	add := func(path string) {
		out = append(out, config.Field{Object: ref, Path: path, Wanted: wants[path], Actual: has[path], Who: who[path]})
	}
	for path, want := range wants {
		if has[path] != want {
			add(path)
		}
	}
	for path := range has {
		if _, stays := wants[path]; !stays {
			add(path)
		}
	}
	slices.SortFunc(out, func(a, b config.Field) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// flat is an object's fields but those that the server alone writes.
func flat(u *unstructured.Unstructured) map[string]string {
	o := config.Copy(config.Object(u.Object))
	delete(o, "status")
	if metadata, is := o["metadata"].(map[string]any); is {
		for _, key := range []string{"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp"} {
			delete(metadata, key)
		}
	}
	return maps.Clone(config.Flat(o))
}

// fieldsOf is all of what was looked at.
func fieldsOf(all []looked) []config.Field {
	out := []config.Field{}
	for _, l := range all {
		out = append(out, l.fields...)
	}
	return out
}

// Diff implements reconciler.Target.
func (t *Target) Diff(ctx context.Context, objects []config.Object) ([]config.Field, error) {
	if err := t.reachable(ctx); err != nil {
		return nil, err
	}
	all, err := t.look(ctx, objects)
	if err != nil {
		return nil, err
	}
	return fieldsOf(all), nil
}
