package kube

import (
	"errors"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// ClosedTier is the annotation of a web tier's Deployment that a fault holds at no pods.
const ClosedTier = closedTier

func isWeb(o *unstructured.Unstructured) bool {
	return o.GetKind() == "Deployment" && o.GetName() == webDeployment
}

// WebTier is the web tier's Deployment as the platform has it: in a governed region that completes what its repository says.
func (w Workload) WebTier() (*unstructured.Unstructured, error) {
	all, err := w.whole()
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(all, isWeb); i >= 0 {
		return all[i], nil
	}
	return nil, errors.New("the workload has no web tier")
}

// arguments is what a container is told beside what its manifest says.
func (w Workload) arguments(of string) (out []any) {
	if of == "gateway" && w.ID != "" {
		out = append(out, "--spiffe-id="+w.ID)
	}
	switch {
	case !w.Governed:
	case of == webDeployment:
		out = append(out, "--web-version=$(FLEETDRILL_VERSION)")
	case of == "gateway" && w.Fenced:
		out = append(out, "--governed", "--fenced")
	case of == "gateway":
		out = append(out, "--governed")
	}
	return out
}

// inside lets the pods of a governed region reach each other, its API server and the links. Its repository has policies by which nothing
// leaves the region but to others, which it names by the labels of their namespaces. Those are in other clusters, so that no network of
// this one could let them through: where one enforces policies, as kind's own kindnet does, nothing would leave a pod any more. Which
// region may be reached is the gateway's to enforce, by which all goes that leaves the region.
func inside() *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{
		"spec": map[string]any{"podSelector": map[string]any{}, "policyTypes": []any{"Egress"}, "egress": []any{map[string]any{}}},
	}}
	o.SetAPIVersion("networking.k8s.io/v1")
	o.SetKind("NetworkPolicy")
	o.SetName("inside")
	o.SetLabels(map[string]string{"app.kubernetes.io/part-of": "fleetdrill"})
	return o
}
