package kube

import (
	"errors"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// gatewayAccount is whom the gateway's pod acts as at its own API server, where it acts as anybody.
const gatewayAccount = "gateway"

// access lets the gateway's pod read the EndpointSlices of its namespace, and nothing else.
func access(namespace string) []*unstructured.Unstructured {
	object := func(apiVersion, kind string, fields map[string]any) *unstructured.Unstructured {
		o := &unstructured.Unstructured{Object: fields}
		o.SetAPIVersion(apiVersion)
		o.SetKind(kind)
		o.SetName(gatewayAccount)
		o.SetLabels(map[string]string{"app.kubernetes.io/part-of": "fleetdrill"})
		return o
	}
	const rbac = "rbac.authorization.k8s.io"
	return []*unstructured.Unstructured{
		object("v1", "ServiceAccount", map[string]any{}),
		object(rbac+"/v1", "Role", map[string]any{"rules": []any{map[string]any{
			"apiGroups": []any{"discovery.k8s.io"}, "resources": []any{"endpointslices"}, "verbs": []any{"get", "list", "watch"},
		}}}),
		object(rbac+"/v1", "RoleBinding", map[string]any{
			"roleRef":  map[string]any{"apiGroup": rbac, "kind": "Role", "name": gatewayAccount},
			"subjects": []any{map[string]any{"kind": "ServiceAccount", "name": gatewayAccount, "namespace": namespace}},
		}),
	}
}

// account has the gateway's pod act as gatewayAccount, if it takes its endpoints from the cluster.
func (w Workload) account(o *unstructured.Unstructured) error {
	if !w.Imports {
		return nil
	}
	return errors.Join(
		unstructured.SetNestedField(o.Object, gatewayAccount, podSpec("serviceAccountName")...),
		unstructured.SetNestedField(o.Object, true, podSpec("automountServiceAccountToken")...),
	)
}
