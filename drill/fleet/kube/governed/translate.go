package governed

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// inCluster is an object of the repository as the region's cluster is to have it.
func (r *Region) inCluster(o config.Object) (*unstructured.Unstructured, error) {
	ref, err := config.RefOf(o)
	if err != nil {
		return nil, err
	}
	if isWeb(ref) && r.cfg.Web != nil {
		o = completed(r.cfg.Web, o)
	}
	u, err := decoded(o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	namespaced, err := r.client.IsObjectNamespaced(u)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, away(err))
	}
	if ns := u.GetNamespace(); namespaced && (ns == "" || ns == config.Namespace) {
		u.SetNamespace(r.cfg.Namespace)
	}
	subjects, _, _ := unstructured.NestedSlice(u.Object, "subjects")
	for _, s := range subjects {
		if of, is := s.(map[string]any); is && of["namespace"] == config.Namespace {
			of["namespace"] = r.cfg.Namespace
		}
	}
	if len(subjects) > 0 {
		return u, unstructured.SetNestedSlice(u.Object, subjects, "subjects")
	}
	return u, nil
}

func isWeb(r config.Ref) bool { return r.Kind == "Deployment" && r.Name == config.Web }

// completed is the web tier's Deployment with what the platform has of it. The repository names the image without a tag, as
// kustomize's images do: which one it is the platform knows.
func completed(platform, o config.Object) config.Object {
	out := config.Merge(platform, o)
	image := containerOf(platform)["image"]
	if c := containerOf(out); image != nil && c != nil {
		c["image"] = image
	}
	return out
}

// containerOf is a Deployment's container of the agent; nil where it has none.
func containerOf(o config.Object) map[string]any {
	all, _ := config.At(o, "spec", "template", "spec", "containers").([]any)
	for _, c := range all {
		if of, _ := c.(map[string]any); of["name"] == config.Container {
			return of
		}
	}
	return nil
}

func decoded(o config.Object) (*unstructured.Unstructured, error) {
	raw, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	u := &unstructured.Unstructured{}
	return u, u.UnmarshalJSON(raw)
}

// refOf is the name by which the repository has an object of the cluster.
func (r *Region) refOf(u *unstructured.Unstructured) config.Ref {
	ref := config.Ref{APIVersion: u.GetAPIVersion(), Kind: u.GetKind(), Namespace: u.GetNamespace(), Name: u.GetName()}
	if ref.Namespace == r.cfg.Namespace {
		ref.Namespace = config.Namespace
	}
	return ref
}

// named is an object of the cluster of which only the name is known.
func (r *Region) named(ref config.Ref) *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetAPIVersion(ref.APIVersion)
	u.SetKind(ref.Kind)
	u.SetName(ref.Name)
	if u.SetNamespace(ref.Namespace); ref.Namespace == config.Namespace {
		u.SetNamespace(r.cfg.Namespace)
	}
	return u
}
