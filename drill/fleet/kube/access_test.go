package kube

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Only a gateway that takes its endpoints from its cluster acts as somebody there, who may read EndpointSlices and nothing else.
func TestWhoAGatewayActsAs(t *testing.T) {
	for _, imports := range []bool{false, true} {
		objects, err := Workload{Region: Region{Name: "us-east", Namespace: "mine"}, Imports: imports}.Objects()
		if err != nil {
			t.Fatal(err)
		}
		if objects[0].GetKind() != "Namespace" {
			t.Errorf("the first object is a %s", objects[0].GetKind())
		}
		seen := map[string]*unstructured.Unstructured{}
		for _, o := range objects {
			seen[o.GetKind()+"/"+o.GetName()] = o
		}
		account, _, _ := unstructured.NestedString(seen["Deployment/gateway"].Object, podSpec("serviceAccountName")...)
		mounted, _, _ := unstructured.NestedBool(seen["Deployment/gateway"].Object, podSpec("automountServiceAccountToken")...)
		if (account == "gateway") != imports || mounted != imports || (seen["Role/gateway"] != nil) != imports {
			t.Errorf("imports %t: the gateway acts as %q, token %t, role %v", imports, account, mounted, seen["Role/gateway"])
		}
		if !imports {
			continue
		}
		for _, kind := range []string{"ServiceAccount", "Role", "RoleBinding"} {
			if o := seen[kind+"/gateway"]; o == nil || o.GetNamespace() != "mine" {
				t.Errorf("%s: %+v", kind, o)
			}
		}
		rules, _, _ := unstructured.NestedSlice(seen["Role/gateway"].Object, "rules")
		if len(rules) != 1 {
			t.Errorf("%d rules", len(rules))
		}
	}
}
