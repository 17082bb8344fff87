package kube

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Of a governed region the platform applies everything but its web tier, which its repository says; the gateway follows the objects that
// it goes by, and policies of the repository cut nothing off inside the region.
func TestAGovernedRegion(t *testing.T) {
	w := Workload{Region: Region{Name: "us-east", Namespace: "mine"}, Agent: Image{Tag: "agent:1"}, Governed: true, Fenced: true}
	objects, err := w.Objects()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]*unstructured.Unstructured{}
	for _, o := range objects {
		seen[o.GetKind()+"/"+o.GetName()] = o
		if o.GetKind() != "Namespace" && o.GetNamespace() != "mine" {
			t.Errorf("%s %s is in %q", o.GetKind(), o.GetName(), o.GetNamespace())
		}
	}
	if seen["Deployment/web"] != nil || seen["Service/web"] == nil || seen["Deployment/gateway"] == nil || seen["StatefulSet/store"] == nil {
		t.Errorf("applied are %v", seen)
	}
	if egress, _, _ := unstructured.NestedSlice(seen["NetworkPolicy/inside"].Object, "spec", "egress"); len(egress) != 1 || len(egress[0].(map[string]any)) != 0 {
		t.Errorf("pods reach %v", egress)
	}
	rules, _, _ := unstructured.NestedSlice(seen["Role/gateway"].Object, "rules")
	var reads []any
	for _, r := range rules {
		of := r.(map[string]any)
		if !slices.Equal(of["verbs"].([]any), []any{"get", "list", "watch"}) {
			t.Errorf("the gateway may %v", of)
		}
		reads = append(reads, of["resources"].([]any)...)
	}
	if !slices.Equal(reads, []any{"configmaps", "deployments", "networkpolicies", "roles", "rolebindings"}) {
		t.Errorf("the gateway reads %v", reads)
	}
	if args := argumentsOf(t, seen["Deployment/gateway"]); !slices.Contains(args, "--governed") || !slices.Contains(args, "--fenced") {
		t.Errorf("the gateway is told %v", args)
	}
	web, err := w.WebTier()
	if err != nil {
		t.Fatal(err)
	}
	if args := argumentsOf(t, web); !slices.Contains(args, "--web-version=$(FLEETDRILL_VERSION)") || web.GetNamespace() != "mine" {
		t.Errorf("a web replica is told %v", args)
	}
	plain, err := Workload{Region: Region{Name: "us-east", Namespace: "mine"}}.Objects()
	if err != nil || !slices.ContainsFunc(plain, isWeb) {
		t.Errorf("of one that is not: %v", err)
	}
}

func argumentsOf(t *testing.T, o *unstructured.Unstructured) []any {
	t.Helper()
	containers, _, err := unstructured.NestedSlice(o.Object, podSpec("containers")...)
	if err != nil || len(containers) != 1 {
		t.Fatalf("%v, %v", containers, err)
	}
	args, _ := containers[0].(map[string]any)["args"].([]any)
	return args
}
