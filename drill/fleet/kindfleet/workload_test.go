package kindfleet

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	kubetesting "k8s.io/client-go/testing"
	"sigs.k8s.io/yaml"

	"github.com/fleetdrill/fleetdrill/drill"
)

func objects(t *testing.T, web drill.Web) []*unstructured.Unstructured {
	t.Helper()
	agent := agentImage{Tag: "fleetdrill.local/agent:0123456789ab"}
	return objectsOf(t, web, agent, agent)
}

func objectsOf(t *testing.T, web drill.Web, agent, store agentImage) []*unstructured.Unstructured {
	t.Helper()
	all, err := workload("us-east", web, agent, store, "secret")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWorkload(t *testing.T) {
	var out bytes.Buffer
	for _, o := range objects(t, drill.Web{Replicas: 3, Capacity: 200}) {
		raw, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("---\n")
		out.Write(raw)
	}
	golden(t, "workload.golden.yaml", out.Bytes())
}

// Kubernetes drops fields that it does not know without a word, so each manifest is
// held against its own type.
func TestManifestsAreStrictlyValid(t *testing.T) {
	typed := map[string]func() any{
		"Namespace":   func() any { return &corev1.Namespace{} },
		"ConfigMap":   func() any { return &corev1.ConfigMap{} },
		"Secret":      func() any { return &corev1.Secret{} },
		"Service":     func() any { return &corev1.Service{} },
		"Deployment":  func() any { return &appsv1.Deployment{} },
		"StatefulSet": func() any { return &appsv1.StatefulSet{} },
	}
	addresses, used := map[string]string{}, []string{}
	for _, o := range objects(t, drill.Web{}) {
		raw, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		into := typed[o.GetKind()]()
		if err := yaml.UnmarshalStrict(raw, into); err != nil {
			t.Errorf("%s %s: %v", o.GetKind(), o.GetName(), err)
		}
		switch v := into.(type) {
		case *corev1.Service:
			addresses["http://"+v.Spec.ClusterIP+":8080"] = v.Name
			if v.Name == "gateway" && (len(v.Spec.Ports) != 1 || v.Spec.Ports[0].NodePort != gatewayPort) {
				t.Errorf("gateway's ports %+v, want NodePort %d", v.Spec.Ports, gatewayPort)
			}
		case *corev1.Secret:
			if string(v.Data["FLEETDRILL_TOKEN"]) != "secret" {
				t.Errorf("token is %q", v.Data["FLEETDRILL_TOKEN"])
			}
		case *appsv1.Deployment:
			used = append(used, podArgs(v.Spec.Template)...)
		case *appsv1.StatefulSet:
			used = append(used, podArgs(v.Spec.Template)...)
		}
	}
	urls := 0
	for _, a := range used {
		flag, url, ok := strings.Cut(a, "=")
		role, isURL := strings.CutSuffix(strings.TrimPrefix(flag, "--"), "-url")
		if !ok || !isURL {
			continue
		}
		urls++
		if addresses[url] != role {
			t.Errorf("%s: that is the address of service %q", a, addresses[url])
		}
	}
	if urls != 4 {
		t.Errorf("%d URLs among the agents' arguments, want 4: %q", urls, used)
	}
}

func podArgs(p corev1.PodTemplateSpec) []string {
	var all []string
	for _, c := range p.Spec.Containers {
		all = append(all, c.Args...)
	}
	return all
}

func TestWorkloadHoldsNoTokenInTheOpen(t *testing.T) {
	for _, o := range objects(t, drill.Web{}) {
		raw, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		holds := strings.Contains(string(raw), "secret\n") || strings.Contains(string(raw), base64.StdEncoding.EncodeToString([]byte("secret")))
		if holds && o.GetKind() != "Secret" {
			t.Errorf("%s %s holds the token", o.GetKind(), o.GetName())
		}
	}
}

func TestApply(t *testing.T) {
	client := dynamicfake.NewSimpleDynamicClient(runtime.NewScheme())
	var applied []string
	client.PrependReactor("patch", "*", func(a kubetesting.Action) (bool, runtime.Object, error) {
		p := a.(kubetesting.PatchAction)
		if p.GetPatchType() != types.ApplyPatchType {
			t.Errorf("%s %s is sent as %s", p.GetResource().Resource, p.GetName(), p.GetPatchType())
		}
		applied = append(applied, p.GetNamespace()+"/"+p.GetResource().Resource+"/"+p.GetName())
		return true, &unstructured.Unstructured{}, nil
	})
	if err := apply(context.Background(), client, objects(t, drill.Web{})); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"/namespaces/fleetdrill", "fleetdrill/configmaps/region", "fleetdrill/secrets/token",
		"fleetdrill/services/gateway", "fleetdrill/services/web", "fleetdrill/services/store",
		"fleetdrill/statefulsets/store", "fleetdrill/deployments/web", "fleetdrill/deployments/gateway",
	}
	if !slices.Equal(applied, want) {
		t.Errorf("applied\n%q, want\n%q", applied, want)
	}

	refusal := apierrors.NewInvalid(schema.GroupKind{Kind: "Secret"}, "token", nil)
	client.PrependReactor("patch", "secrets", func(kubetesting.Action) (bool, runtime.Object, error) { return true, nil, refusal })
	err := apply(context.Background(), client, objects(t, drill.Web{}))
	if err == nil || !strings.Contains(err.Error(), "apply Secret token") || !lasting(err) {
		t.Errorf("refused secret: %v (lasting: %t)", err, lasting(err))
	}
	if lasting(errors.New("connection refused")) {
		t.Error("a refused connection is no lasting refusal")
	}
}
