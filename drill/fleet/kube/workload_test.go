package kube

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
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

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func objects(t *testing.T, web topology.Web) []*unstructured.Unstructured {
	t.Helper()
	return objectsAt(t, Region{Name: "us-east", Namespace: Namespace}, web)
}

func objectsAt(t *testing.T, at Region, web topology.Web) []*unstructured.Unstructured {
	t.Helper()
	agent := Image{Tag: "fleetdrill.local/agent:0123456789ab"}
	all, err := Workload{Region: at, Replicas: max(web.Replicas, 1), Web: web, Agent: agent, Store: agent, Token: "secret"}.Objects()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Each region of a shared cluster has a namespace, a port and addresses of its own, and
// bears the others' cordons.
func TestWorkloadOfASharedCluster(t *testing.T) {
	var out bytes.Buffer
	for _, o := range objectsAt(t, Region{Name: "b", Namespace: "fleetdrill-b", Slot: 1, Beside: []string{"a"}}, topology.Web{Replicas: 1}) {
		raw, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("---\n")
		out.Write(raw)
	}
	text := out.String()
	for _, want := range []string{"nodePort: 30081", "clusterIP: 10.96.0.93", "http://10.96.0.94:8080", "http://10.96.0.95:8080", "key: cordon.fleetdrill.local/a", "cpu: 75m", "namespace: fleetdrill-b", "name: fleetdrill-b"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q", want)
		}
	}
	for _, not := range []string{"10.96.0.90", "10.96.0.91", "10.96.0.92", "namespace: fleetdrill\n", "cordon.fleetdrill.local/b", "cpu: 150m"} {
		if strings.Contains(text, not) {
			t.Errorf("has %q", not)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// No two regions of a cluster meet at an address or a port, however many there are.
func TestSlots(t *testing.T) {
	used := map[string]int{}
	for slot := range SlotsMax {
		for _, o := range objectsAt(t, Region{Name: "r", Namespace: "fleetdrill-r", Slot: slot}, topology.Web{}) {
			ip, _, _ := unstructured.NestedString(o.Object, "spec", "clusterIP")
			if ip == "" {
				continue
			}
			if before, is := used[ip]; is {
				t.Fatalf("slots %d and %d have %s", before, slot, ip)
			}
			used[ip] = slot
			if a := netip.MustParseAddr(ip).As4(); a[2] != 0 {
				t.Errorf("slot %d has %s, which Kubernetes may have given away", slot, ip)
			}
		}
	}
}

func TestWorkload(t *testing.T) {
	var out bytes.Buffer
	for _, o := range objects(t, topology.Web{Replicas: 3, Capacity: 200}) {
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
	ports := map[int32]string{}
	for _, o := range objects(t, topology.Web{}) {
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
			if v.Name == "gateway" && (len(v.Spec.Ports) != 1 || v.Spec.Ports[0].NodePort != firstGatewayPort) {
				t.Errorf("gateway's ports %+v, want NodePort %d", v.Spec.Ports, firstGatewayPort)
			}
		case *corev1.Secret:
			if string(v.Data["FLEETDRILL_TOKEN"]) != "secret" {
				t.Errorf("token is %q", v.Data["FLEETDRILL_TOKEN"])
			}
		case *appsv1.Deployment:
			used = append(used, podArgs(v.Spec.Template)...)
			listens(t, ports, v.Name, v.Spec.Template)
		case *appsv1.StatefulSet:
			used = append(used, podArgs(v.Spec.Template)...)
			listens(t, ports, v.Name, v.Spec.Template)
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

// listens checks that a role listens where its pod says, on a port that no other role has: a
// connection that is led to a pod's former address must find nobody there.
func listens(t *testing.T, ports map[int32]string, role string, pod corev1.PodTemplateSpec) {
	t.Helper()
	port := pod.Spec.Containers[0].Ports[0].ContainerPort
	if !slices.Contains(podArgs(pod), fmt.Sprintf("--listen=0.0.0.0:%d", port)) {
		t.Errorf("%s says port %d, and listens by %q", role, port, podArgs(pod))
	}
	if other, taken := ports[port]; taken {
		t.Errorf("%s and %s listen on the same port %d", role, other, port)
	}
	ports[port] = role
}

func podArgs(p corev1.PodTemplateSpec) []string {
	var all []string
	for _, c := range p.Spec.Containers {
		all = append(all, c.Args...)
	}
	return all
}

func TestWorkloadHoldsNoTokenInTheOpen(t *testing.T) {
	for _, o := range objects(t, topology.Web{}) {
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
	if err := With(nil, client).Apply(context.Background(), objects(t, topology.Web{})); err != nil {
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
	err := With(nil, client).Apply(context.Background(), objects(t, topology.Web{}))
	if err == nil || !strings.Contains(err.Error(), "apply Secret token") || !Lasting(err) {
		t.Errorf("refused secret: %v (lasting: %t)", err, Lasting(err))
	}
	if Lasting(errors.New("connection refused")) {
		t.Error("a refused connection is no lasting refusal")
	}
}

// TestStoreRunsAsTheImagesUser: only the store differs, and it stays strictly valid.
func TestStoreRunsAsTheImagesUser(t *testing.T) {
	agent := Image{Tag: "fleetdrill.local/agent:0123456789ab"}
	store := Image{Tag: "fleetdrill.local/store:ba9876543210", User: Account{UID: 999, GID: 998}}
	of := func(store Image) []*unstructured.Unstructured {
		all, err := Workload{Region: Region{Name: "us-east", Namespace: Namespace}, Agent: agent, Store: store}.Objects()
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	plain := of(agent)
	for i, o := range of(store) {
		raw, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		if o.GetKind() != "StatefulSet" {
			if was, err := yaml.Marshal(plain[i].Object); err != nil || !bytes.Equal(was, raw) {
				t.Errorf("%s %s differs (%v)", o.GetKind(), o.GetName(), err)
			}
			continue
		}
		var set appsv1.StatefulSet
		if err := yaml.UnmarshalStrict(raw, &set); err != nil {
			t.Fatal(err)
		}
		pod := set.Spec.Template.Spec
		sec := pod.SecurityContext
		if pod.Containers[0].Image != store.Tag || *sec.RunAsUser != 999 || *sec.RunAsGroup != 998 || *sec.FSGroup != 998 || !*sec.RunAsNonRoot {
			t.Errorf("%s as %+v", pod.Containers[0].Image, sec)
		}
		var mounts []string
		for _, m := range pod.Containers[0].VolumeMounts {
			mounts = append(mounts, m.MountPath)
		}
		if !slices.Equal(mounts, []string{"/data", "/tmp"}) || *pod.TerminationGracePeriodSeconds != engineGrace {
			t.Errorf("mounts %v, grace %d", mounts, *pod.TerminationGracePeriodSeconds)
		}
	}
}
