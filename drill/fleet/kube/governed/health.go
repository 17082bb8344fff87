package governed

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// Health implements reconciler.Target: kstatus says of each object that the region was given whether it is what its spec says.
func (t *Target) Health(ctx context.Context) (config.Health, error) {
	if err := t.reachable(ctx); err != nil {
		return config.Health{}, err
	}
	rec, err := t.recorded(ctx)
	if err != nil {
		return config.Health{}, err
	}
	out, web := config.Health{Ready: true}, false
	for _, ref := range rec.Inventory {
		u := t.named(ref)
		web = web || isWeb(ref)
		switch err := t.client.Get(ctx, client.ObjectKeyFromObject(u), u); {
		case apierrors.IsNotFound(err):
			if out.Ready || out.Progressing { // how many web replicas run is told all the same
				out.Ready, out.Progressing, out.Why = false, false, ref.String()+" is missing"
			}
			continue
		case err != nil:
			return config.Health{}, fmt.Errorf("read %s: %w", ref, away(err))
		}
		if isWeb(ref) {
			ready, _, _ := unstructured.NestedInt64(u.Object, "status", "readyReplicas")
			n := int(ready)
			out.Running = &n
		}
		is, err := status.Compute(u)
		if err != nil {
			return config.Health{}, errors.Join(fmt.Errorf("status of %s", ref), err)
		}
		if is.Status == status.CurrentStatus || !out.Ready && !out.Progressing {
			continue // the first that has failed is told
		}
		if failed := is.Status == status.FailedStatus; failed || out.Ready {
			out.Ready, out.Progressing, out.Why = false, !failed, fmt.Sprintf("%s: %s", ref, is.Message)
		}
	}
	if !web {
		return config.Health{Why: "no Deployment/" + config.Web}, nil
	}
	return out, nil
}
