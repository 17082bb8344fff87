package governed

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxcd/pkg/ssa"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// mine is the label by which objects are known that came from a repository.
var mine = map[string]string{config.LabelManaged: config.ManagedHere}

// Prune implements reconciler.Target: of each kind that the region has or had of its repository, what carries the label is looked for in
// the region's namespace. What is in another one, or in none, is known by the inventory alone.
func (t *Target) Prune(ctx context.Context, keep []config.Ref) ([]config.Ref, error) {
	if err := t.reachable(ctx); err != nil {
		return nil, err
	}
	rec, err := t.recorded(ctx)
	if err != nil {
		return nil, err
	}
	for i, ref := range keep { // as the cluster names them
		if ref.Namespace == "" {
			keep[i].Namespace = config.Namespace
		}
	}
	stays := func(ref config.Ref) bool {
		return slices.ContainsFunc(keep, func(k config.Ref) bool { return same(k, ref) })
	}
	var gone []config.Ref
	for _, kind := range kindsOf(append(slices.Clone(keep), rec.Inventory...)) {
		found, err := t.labelled(ctx, kind)
		if err != nil {
			return nil, err
		}
		gone = append(gone, found...)
	}
	for _, ref := range rec.Inventory {
		if ref.Namespace != config.Namespace {
			gone = append(gone, ref)
		}
	}
	gone = slices.DeleteFunc(gone, stays)
	pruned := []config.Ref{}
	for _, ref := range gone {
		entry, err := t.apply.Delete(ctx, t.named(ref), ssa.DeleteOptions{PropagationPolicy: metav1.DeletePropagationBackground, Inclusions: mine})
		if err != nil {
			return pruned, fmt.Errorf("prune %s: %w", ref, away(err))
		}
		if entry.Action == ssa.DeletedAction {
			pruned = append(pruned, ref)
		}
	}
	left := slices.DeleteFunc(slices.Clone(rec.Inventory), func(ref config.Ref) bool { return !stays(ref) })
	if len(left) == len(rec.Inventory) {
		return pruned, nil
	}
	rec.Inventory = left
	return pruned, t.keep(ctx, rec)
}

// same reports whether two names are of one object: a namespace of an object that is in none does not count.
func same(a, b config.Ref) bool {
	return a.APIVersion == b.APIVersion && a.Kind == b.Kind && a.Name == b.Name && (a.Namespace == b.Namespace || b.Namespace == "")
}

func kindsOf(refs []config.Ref) []schema.GroupVersionKind {
	var out []schema.GroupVersionKind
	for _, ref := range refs {
		if gvk := schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind); !slices.Contains(out, gvk) {
			out = append(out, gvk)
		}
	}
	slices.SortFunc(out, func(a, b schema.GroupVersionKind) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// labelled is what of a kind in the region's namespace carries the label; nothing of a kind that the cluster does not know any more, or
// that is in no namespace.
func (r *Region) labelled(ctx context.Context, kind schema.GroupVersionKind) ([]config.Ref, error) {
	one := &metav1.PartialObjectMetadata{}
	one.SetGroupVersionKind(kind)
	namespaced, err := r.client.IsObjectNamespaced(one)
	if meta.IsNoMatchError(err) || err == nil && !namespaced {
		return nil, nil
	}
	if err != nil {
		return nil, away(err)
	}
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(kind)
	if err := r.client.List(ctx, list, client.InNamespace(r.cfg.Namespace), client.MatchingLabels(mine)); err != nil {
		return nil, fmt.Errorf("list what came from the repository of %s: %w", kind.Kind, away(err))
	}
	var out []config.Ref
	for _, item := range list.Items {
		out = append(out, config.Ref{APIVersion: kind.GroupVersion().String(), Kind: kind.Kind, Namespace: config.Namespace, Name: item.Name})
	}
	return out, nil
}
