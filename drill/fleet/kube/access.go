package kube

import (
	"errors"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// gatewayAccount is whom the gateway's pod acts as at its own API server, where it acts as anybody.
const gatewayAccount = "gateway"

// asks reports whether the gateway asks its own API server for anything.
func (w Workload) asks() bool { return w.Imports || w.Governed }

// mayRead is what the gateway's pod may read of its namespace.
func (w Workload) mayRead() []any {
	var rules []any
	may := func(group string, resources ...any) {
		rules = append(rules, map[string]any{"apiGroups": []any{group}, "resources": resources, "verbs": []any{"get", "list", "watch"}})
	}
	if w.Imports {
		may("discovery.k8s.io", "endpointslices")
	}
	if w.Governed {
		may("", "configmaps")
		may("apps", "deployments")
		may("networking.k8s.io", "networkpolicies")
		may(rbac, "roles", "rolebindings")
	}
	return rules
}

const rbac = "rbac.authorization.k8s.io"

// access lets the gateway's pod read what it goes by in its namespace, and nothing else.
func (w Workload) access() []*unstructured.Unstructured {
	object := func(apiVersion, kind string, fields map[string]any) *unstructured.Unstructured {
		o := &unstructured.Unstructured{Object: fields}
		o.SetAPIVersion(apiVersion)
		o.SetKind(kind)
		o.SetName(gatewayAccount)
		o.SetLabels(map[string]string{"app.kubernetes.io/part-of": "fleetdrill"})
		return o
	}
	return []*unstructured.Unstructured{
		object("v1", "ServiceAccount", map[string]any{}),
		object(rbac+"/v1", "Role", map[string]any{"rules": w.mayRead()}),
		object(rbac+"/v1", "RoleBinding", map[string]any{
			"roleRef":  map[string]any{"apiGroup": rbac, "kind": "Role", "name": gatewayAccount},
			"subjects": []any{map[string]any{"kind": "ServiceAccount", "name": gatewayAccount, "namespace": w.Region.Namespace}},
		}),
	}
}

// account has the gateway's pod act as gatewayAccount, if it asks the cluster for anything.
func (w Workload) account(o *unstructured.Unstructured) error {
	if !w.asks() {
		return nil
	}
	return errors.Join(
		unstructured.SetNestedField(o.Object, gatewayAccount, podSpec("serviceAccountName")...),
		unstructured.SetNestedField(o.Object, true, podSpec("automountServiceAccountToken")...),
	)
}
