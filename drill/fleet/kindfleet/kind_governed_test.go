package kindfleet

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/reconciler"
	"github.com/fleetdrill/fleetdrill/drill/config/render"
	"github.com/fleetdrill/fleetdrill/drill/config/seed"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube/governed"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// beside is where the reconciler of a test stands: it reaches the region's gateway.
type beside struct{ told atomic.Bool }

func (b *beside) Given(context.Context) (config.Given, error) {
	return config.Given{Confirmed: b.told.Load()}, nil
}

func (b *beside) Confirm(context.Context) error {
	b.told.Store(true)
	return nil
}

// losing loses the API server at the nth change that is not a dry run; 0 never.
type losing struct {
	http.RoundTripper
	left *atomic.Int64
}

func (l losing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPatch && r.URL.Query().Get("dryRun") == "" && l.left.Load() != 0 && l.left.Add(-1) == 0 {
		l.left.Store(1)
		return nil, errors.New("connection refused")
	}
	return l.RoundTripper.RoundTrip(r)
}

// rendered is what the repository of a fleet begins with for a region, with no web replica, changed in the words of a file.
func rendered(t *testing.T, file, old, now string) []config.Object {
	t.Helper()
	files := seed.Files(topology.Fleet{
		Name: "kt", Regions: []topology.Region{{Name: "one"}, {Name: "two"}}, Web: topology.Web{Replicas: 1},
		Datasets: []topology.Dataset{{Name: "orders", Regions: []string{"one", "two"}}},
	})
	files["overlays/one/kustomization.yaml"] = []byte(strings.Replace(string(files["overlays/one/kustomization.yaml"]), "count: 1", "count: 0", 1))
	if file != "" {
		if !strings.Contains(string(files[file]), old) {
			t.Fatalf("%s has no %q", file, old)
		}
		files[file] = []byte(strings.Replace(string(files[file]), old, now, 1))
	}
	objects, err := render.New().Objects(file+old+now, "one", files)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// reconcileObjects gives a namespace of a real API server what a repository says, past what people and others do there.
func reconcileObjects(t *testing.T, f *Platform) {
	ctx, began := t.Context(), time.Now()
	api, err := f.byRegion["one"].connect()
	if err != nil {
		t.Fatal(err)
	}
	const namespace = "fleetdrill-governed"
	people, err := kubernetes.NewForConfig(kube.Access(api))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := people.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	left, access := &atomic.Int64{}, kube.Access(api)
	access.Wrap(func(rt http.RoundTripper) http.RoundTripper { return losing{rt, left} })
	region, err := governed.New(governed.Config{Access: access, Namespace: namespace})
	if err != nil {
		t.Fatal(err)
	}
	at := &beside{}
	target := region.Target(at)
	give := func(revision string, objects []config.Object) {
		t.Helper()
		if err := target.Apply(ctx, revision, objects); err != nil {
			t.Fatal(err)
		}
		differs, err := target.Diff(ctx, objects)
		given, failed := target.Given(ctx)
		if err := errors.Join(err, failed); err != nil || len(differs) > 0 || given.Revision != revision || !given.Whole() || !given.Confirmed {
			t.Fatalf("after %s was applied: %v, %+v, %v", revision, differs, given, err)
		}
	}
	first := rendered(t, "", "", "")
	give("one", first)
	if health, err := target.Health(ctx); err != nil || health.Running == nil || *health.Running != 0 {
		t.Errorf("%+v, %v", health, err)
	}
	t.Logf("MEASURED first reconciliation of %d objects: %d ms", len(first), time.Since(began).Milliseconds())
	began = time.Now()
	if differs, err := target.Diff(ctx, first); err != nil || len(differs) > 0 {
		t.Errorf("%v, %v", differs, err)
	}
	t.Logf("MEASURED a look at %d objects: %d ms", len(first), time.Since(began).Milliseconds())

	// A person's kubectl edit.
	if _, err := people.AppsV1().Deployments(namespace).Patch(ctx, config.Web, types.StrategicMergePatchType, []byte(`{"spec":{"replicas":2}}`), metav1.PatchOptions{FieldManager: "kubectl-edit"}); err != nil {
		t.Fatal(err)
	}
	differs, err := target.Diff(ctx, first)
	if err != nil || len(differs) != 1 || differs[0].Path != "spec.replicas" || differs[0].Who != "kubectl-edit" || differs[0].Wanted != "0" || differs[0].Actual != "2" {
		t.Errorf("a changed field is seen as %+v, %v", differs, err)
	}
	give("one", first)
	if err := people.RbacV1().RoleBindings(namespace).Delete(ctx, config.Writer+"orders", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if differs, err := target.Diff(ctx, first); err != nil || len(differs) != 1 || differs[0].Path != "" || differs[0].Object.Kind != "RoleBinding" {
		t.Errorf("a deleted object is seen as %+v, %v", differs, err)
	}
	give("one", first)
	for _, drift := range config.DriftKinds() {
		edit, err := config.EditOf(drift, 2, []string{"orders"})
		if err != nil {
			t.Fatal(err)
		}
		if changed, err := target.Edit(ctx, edit); err != nil || len(changed) != 1 {
			t.Errorf("drift %s changed %+v, %v", drift, changed, err)
		}
		if differs, err := target.Diff(ctx, first); err != nil || len(differs) != 1 {
			t.Errorf("drift %s is seen as %+v, %v", drift, differs, err)
		}
		give("one", first)
	}

	// What is not ours stays as it is; what carries the label and is in no revision goes.
	create := func(name string, labels map[string]string) *corev1.ConfigMap {
		t.Helper()
		made, err := people.CoreV1().ConfigMaps(namespace).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	theirs := create("theirs", nil)
	create("added", map[string]string{config.LabelManaged: config.ManagedHere})
	var keep []config.Ref
	for _, o := range first {
		ref, _ := config.RefOf(o)
		keep = append(keep, ref)
	}
	if gone, err := target.Prune(ctx, keep); err != nil || len(gone) != 1 || gone[0].Name != "added" {
		t.Errorf("pruned %v, %v", gone, err)
	}
	named := rendered(t, "base/features.yaml", "name: "+config.Features, "name: "+config.Features+"\n  labels: {}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: theirs")
	if err := target.Apply(ctx, "two", named); err == nil || !strings.Contains(err.Error(), "somebody else's") {
		t.Errorf("an object of somebody else's: %v", err)
	}
	if now, err := people.CoreV1().ConfigMaps(namespace).Get(ctx, "theirs", metav1.GetOptions{}); err != nil || now.ResourceVersion != theirs.ResourceVersion {
		t.Errorf("it was %s, is %+v, %v", theirs.ResourceVersion, now, err)
	}

	// What the server refuses is said, and the last good revision stays whole; a half is known to be one, and is finished.
	broken := rendered(t, "base/web.yaml", "image: fleetdrill.local/agent", "image: \"\"")
	if err := target.Apply(ctx, "three", broken); err == nil || !strings.Contains(err.Error(), "the API server refuses Deployment/web") || errors.Is(err, reconciler.ErrAway) {
		t.Errorf("a broken object: %v", err)
	}
	if given, err := target.Given(ctx); err != nil || given.Revision != "one" || !given.Whole() {
		t.Errorf("the last good one: %+v, %v", given, err)
	}
	next := rendered(t, "base/web.yaml", "value: "+seed.Version, "value: v2")
	for i, o := range next {
		if ref, _ := config.RefOf(o); ref.Kind == "ConfigMap" {
			flagged := config.Copy(o)
			flagged["data"] = map[string]any{config.FlagReadOnly: "true"}
			next[i] = flagged
		}
	}
	left.Store(3) // what it was given, the flags, and not the Deployment
	if err := target.Apply(ctx, "four", next); !errors.Is(err, reconciler.ErrAway) {
		t.Errorf("a server that is lost half way: %v", err)
	}
	left.Store(0)
	if given, err := target.Given(ctx); err != nil || given.Revision != "four" || given.Whole() {
		t.Errorf("a half says of itself %+v, %v", given, err)
	}
	if differs, err := target.Diff(ctx, next); err != nil || len(differs) != 1 || !strings.Contains(differs[0].Path, config.EnvVersion) {
		t.Errorf("of it is missing %+v, %v", differs, err)
	}
	give("four", next)
	if _, err := people.CoreV1().ConfigMaps("fleetdrill").Get(ctx, governed.Record, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("another namespace was written to: %v", err)
	}
	if err := people.CoreV1().Namespaces().Delete(ctx, namespace, metav1.DeleteOptions{}); err != nil {
		t.Error(err)
	}
}
