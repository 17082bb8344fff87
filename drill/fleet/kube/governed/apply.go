package governed

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxcd/pkg/ssa"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// Record is the ConfigMap in which a region's cluster keeps what it was given last, as a Flux Kustomization's status does. It is no part
// of a revision, and so carries no label of one.
const Record = "fleetdrill-reconciled"

// record is what stands there.
type record struct {
	config.Given
	// Inventory is what the region was given so far, so that it can be found again when no revision names it any more.
	Inventory []config.Ref
}

// recorded reads it; a region that has none was given nothing yet.
func (r *Region) recorded(ctx context.Context) (out record, err error) {
	u := r.named(config.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: config.Namespace, Name: Record})
	switch err := r.client.Get(ctx, client.ObjectKeyFromObject(u), u); {
	case apierrors.IsNotFound(err):
		return out, nil
	case err != nil:
		return out, fmt.Errorf("read what the region was given: %w", away(err))
	}
	data, _, _ := unstructured.NestedStringMap(u.Object, "data")
	out.Revision = data["revision"]
	// What somebody has written over counts as given by half: it is given again.
	var failed [3]error
	out.Done, failed[0] = strconv.Atoi(data["done"])
	out.Of, failed[1] = strconv.Atoi(data["of"])
	failed[2] = json.Unmarshal([]byte(data["inventory"]), &out.Inventory)
	if slices.ContainsFunc(failed[:], func(err error) bool { return err != nil }) {
		out.Given = config.Given{Revision: out.Revision, Of: 1}
	}
	return out, nil
}

// keep writes it.
func (r *Region) keep(ctx context.Context, rec record) error {
	inventory, err := json.Marshal(rec.Inventory)
	if err != nil {
		return err
	}
	u := r.named(config.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: config.Namespace, Name: Record})
	u.Object["data"] = map[string]any{
		"revision": rec.Revision, "done": strconv.Itoa(rec.Done), "of": strconv.Itoa(rec.Of), "inventory": string(inventory),
	}
	if err := r.client.Patch(ctx, u, client.Apply, client.ForceOwnership, client.FieldOwner(config.Manager)); err != nil {
		return fmt.Errorf("keep what the region was given: %w", away(err))
	}
	return nil
}

// Given implements reconciler.Target.
func (t *Target) Given(ctx context.Context) (config.Given, error) {
	told, err := t.from.Given(ctx)
	if err != nil {
		return config.Given{}, err
	}
	rec, err := t.recorded(ctx)
	rec.Confirmed, rec.Before = told.Confirmed, told.Before
	return rec.Given, err
}

// Apply implements reconciler.Target. What the API server refuses of a revision ends it before anything is applied, so that the region
// keeps the one before whole. Where the server is lost half way, Given says how far it came.
func (t *Target) Apply(ctx context.Context, revision string, objects []config.Object) error {
	if err := t.reachable(ctx); err != nil {
		return err
	}
	all, err := t.look(ctx, objects)
	if err != nil {
		return err
	}
	rec, err := t.recorded(ctx)
	if err != nil {
		return err
	}
	rec.Given = config.Given{Revision: revision, Of: len(objects)}
	for _, l := range all {
		if ref := t.refOf(l.wanted); !slices.Contains(rec.Inventory, ref) {
			rec.Inventory = append(rec.Inventory, ref)
		}
	}
	if err := t.keep(ctx, rec); err != nil { // before the first is applied, so that a half is known to be one
		return err
	}
	for _, l := range all {
		if len(l.fields) > 0 {
			if _, err := t.apply.Apply(ctx, l.wanted, ssa.DefaultApplyOptions()); err != nil {
				_ = t.keep(ctx, rec) // it says already that the revision is not whole
				return refused(t.refOf(l.wanted), err)
			}
		}
		rec.Done++
	}
	if err := t.keep(ctx, rec); err != nil {
		return err
	}
	return t.from.Confirm(ctx)
}
