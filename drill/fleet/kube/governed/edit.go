package governed

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// editTries is how often a change is sent whose object somebody else changed meanwhile, as kubectl edit has people try again.
const editTries = 5

// Edit changes objects by hand, past the repository: under the field manager of kubectl edit. It returns what that changed once it is
// read back.
func (r *Region) Edit(ctx context.Context, e config.Edit) ([]config.Field, error) {
	changed := []config.Field{}
	for _, ref := range e.Delete { // before anything is changed: half of a change would be told to nobody
		u := r.named(ref)
		switch err := r.client.Get(ctx, client.ObjectKeyFromObject(u), u); {
		case apierrors.IsNotFound(err):
			return nil, fmt.Errorf("it has no %s", ref)
		case err != nil:
			return nil, fmt.Errorf("read %s: %w", ref, away(err))
		}
	}
	for _, o := range e.Objects {
		fields, err := r.edit(ctx, o)
		if err != nil {
			return nil, err
		}
		changed = append(changed, fields...)
	}
	for _, ref := range e.Delete {
		u := r.named(ref)
		switch err := r.client.Delete(ctx, u); {
		case apierrors.IsNotFound(err):
			return nil, fmt.Errorf("it has no %s", ref)
		case err != nil:
			return nil, fmt.Errorf("delete %s: %w", ref, away(err))
		}
		if err := r.client.Get(ctx, client.ObjectKeyFromObject(u), u); !apierrors.IsNotFound(err) {
			return nil, fmt.Errorf("%s is there after it was deleted: %w", ref, away(err))
		}
		changed = append(changed, config.Field{Object: ref, Actual: "there", Who: config.By})
	}
	return changed, nil
}

func (r *Region) edit(ctx context.Context, o config.Object) ([]config.Field, error) {
	ref, err := config.RefOf(o)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		live := r.named(ref)
		switch err := r.client.Get(ctx, client.ObjectKeyFromObject(live), live); {
		case apierrors.IsNotFound(err):
			return nil, fmt.Errorf("it has no %s", ref)
		case err != nil:
			return nil, fmt.Errorf("read %s: %w", ref, away(err))
		}
		has := config.Object(live.Object)
		named := config.Copy(o) // in the namespace in which it is
		named["metadata"].(map[string]any)["namespace"] = live.GetNamespace()
		fields := config.Differs(named, has)
		if len(fields) == 0 {
			return nil, nil
		}
		to, err := decoded(config.Merge(has, named))
		if err != nil {
			return nil, err
		}
		switch err := r.client.Update(ctx, to, client.FieldOwner(config.By)); {
		case apierrors.IsConflict(err) && try < editTries:
			continue
		case err != nil:
			return nil, fmt.Errorf("change %s: %w", ref, away(err))
		}
		for i := range fields {
			fields[i].Object, fields[i].Who = ref, config.By
		}
		return fields, nil
	}
}
