package governed

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta/testrestmapper"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/reconciler"
)

// station is a region's gateway that answers, or does not.
type station struct {
	away      error
	confirmed bool
}

func (s *station) Given(context.Context) (config.Given, error) {
	return config.Given{Confirmed: s.confirmed}, s.away
}

func (s *station) Confirm(context.Context) error {
	s.confirmed = true
	return s.away
}

// refusal is why the API server refuses an object of a name, in a dry run or when it is applied.
type refusal struct {
	name string
	dry  bool
	err  error
}

// lab is a region whose API server is controller-runtime's stand-in, which merges and notes managers as a real one does.
type lab struct {
	*Target
	api     client.Client
	at      *station
	refuses *refusal
}

func standIn() *fake.ClientBuilder {
	return fake.NewClientBuilder().WithRESTMapper(testrestmapper.TestOnlyStaticRESTMapper(scheme.Scheme)).WithReturnManagedFields()
}

// tried is a dry run, which the stand-in does not know: on another one, that has this object alone.
func tried(ctx context.Context, c client.Client, o client.Object, p client.Patch, to *client.PatchOptions) error {
	with, live := standIn(), o.DeepCopyObject().(client.Object)
	err := c.Get(ctx, client.ObjectKeyFromObject(o), live)
	if err == nil {
		with = with.WithObjects(live)
	}
	patched := with.Build().Patch(ctx, o, p, client.FieldOwner(to.FieldManager), client.ForceOwnership)
	if err != nil { // as of one that would be made
		o.SetResourceVersion("")
	}
	return patched
}

const there = "fleetdrill-east" // the region's namespace, of a cluster that it shares

func newLab() *lab {
	x := &lab{at: &station{}}
	x.api = standIn().WithInterceptorFuncs(interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			to := &client.PatchOptions{}
			to.ApplyOptions(opts)
			dry := len(to.DryRun) > 0
			if r := x.refuses; r != nil && o.GetName() == r.name && r.dry == dry {
				return r.err
			}
			if dry {
				return tried(ctx, c, o, p, to)
			}
			return c.Patch(ctx, o, p, opts...)
		},
	}).Build()
	platform := config.Object{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": config.Web, "namespace": there},
		"spec": map[string]any{"replicas": int64(0), "template": map[string]any{"spec": map[string]any{"containers": []any{
			map[string]any{"name": config.Container, "image": "fleetdrill.local/agent:1", "args": []any{"region", "--role=web"}}}}}}}
	x.Target = With(Config{Namespace: there, Web: platform, Closed: "closed"}, x.api).Target(x.at)
	return x
}

func ours(api, kind, name string, more map[string]any) config.Object {
	o := config.Object{"apiVersion": api, "kind": kind, "metadata": map[string]any{
		"name": name, "namespace": config.Namespace, "labels": map[string]any{config.LabelManaged: config.ManagedHere}}}
	for k, v := range more {
		o[k] = v
	}
	return o
}

// revision is what a region is to have, with a flag of some value.
func revision(flag string) []config.Object {
	return []config.Object{
		ours("rbac.authorization.k8s.io/v1", "RoleBinding", "write-orders", map[string]any{
			"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "write-orders"},
			"subjects": []any{map[string]any{"kind": "ServiceAccount", "name": "web", "namespace": config.Namespace}}}),
		ours("v1", "ConfigMap", config.Features, map[string]any{"data": map[string]any{config.FlagReadOnly: flag}}),
		ours("apps/v1", "Deployment", config.Web, map[string]any{"spec": map[string]any{"replicas": float64(3),
			"selector": map[string]any{"matchLabels": map[string]any{"a": "b"}},
			"template": map[string]any{"metadata": map[string]any{"labels": map[string]any{"a": "b"}}, "spec": map[string]any{"containers": []any{
				map[string]any{"name": config.Container, "image": "fleetdrill.local/agent", "env": []any{map[string]any{"name": config.EnvVersion, "value": "v1"}}}}}}}}),
	}
}

func refsOf(objects []config.Object) (out []config.Ref) {
	for _, o := range objects {
		ref, _ := config.RefOf(o)
		out = append(out, ref)
	}
	return out
}

// has reads an object of the region's namespace.
func (x *lab) has(t *testing.T, kind, api, name string) *unstructured.Unstructured {
	t.Helper()
	u := x.named(config.Ref{APIVersion: api, Kind: kind, Namespace: config.Namespace, Name: name})
	if err := x.api.Get(t.Context(), client.ObjectKeyFromObject(u), u); err != nil {
		t.Fatal(err)
	}
	return u
}

func (x *lab) give(t *testing.T, hash, flag string) {
	t.Helper()
	if err := x.Apply(t.Context(), hash, revision(flag)); err != nil {
		t.Fatal(err)
	}
	if left, err := x.Diff(t.Context(), revision(flag)); err != nil || len(left) > 0 {
		t.Fatalf("after %s was applied: %v, %v", hash, left, err)
	}
}

// A region has its revision in its own namespace, its web tier completed by the platform, and says what it was given.
func TestARegionHasItsRevision(t *testing.T) {
	t.Parallel()
	x := newLab()
	if given, err := x.Given(t.Context()); err != nil || given != (config.Given{}) {
		t.Errorf("before the first: %+v, %v", given, err)
	}
	missing, err := x.Diff(t.Context(), revision("false"))
	if err != nil || len(missing) != 3 || missing[0].Path != "" || missing[0].Wanted != "there" || missing[0].Object.Namespace != config.Namespace {
		t.Errorf("what is missing: %+v, %v", missing, err)
	}
	x.give(t, "one", "false")
	if given, err := x.Given(t.Context()); err != nil || given != (config.Given{Revision: "one", Done: 3, Of: 3, Confirmed: true}) {
		t.Errorf("%+v, %v", given, err)
	}
	web := config.Object(x.has(t, "Deployment", "apps/v1", config.Web).Object)
	container := containerOf(web)
	if container["image"] != "fleetdrill.local/agent:1" || len(container["args"].([]any)) != 2 || len(container["env"].([]any)) != 1 || config.At(web, "spec", "replicas") != int64(3) {
		t.Errorf("the web tier: %v", web["spec"])
	}
	subjects, _, _ := unstructured.NestedSlice(x.has(t, "RoleBinding", "rbac.authorization.k8s.io/v1", "write-orders").Object, "subjects")
	if subjects[0].(map[string]any)["namespace"] != there {
		t.Errorf("the role is bound to %v", subjects)
	}
	if health, err := x.Health(t.Context()); err != nil || health.Ready || !health.Progressing || health.Running == nil || *health.Running != 0 {
		t.Errorf("before a pod runs: %+v, %v", health, err)
	}
	if err := x.api.Delete(t.Context(), x.has(t, "RoleBinding", "rbac.authorization.k8s.io/v1", "write-orders")); err != nil {
		t.Fatal(err)
	}
	if health, err := x.Health(t.Context()); err != nil || health.Ready || health.Progressing || health.Running == nil || health.Why != "RoleBinding/write-orders is missing" {
		t.Errorf("without a role, beside a roll-out: %+v, %v", health, err)
	}
}

// What a person changes is seen with who it was, and put right; what is nobody's of the repository stays.
func TestDriftAndWhoItWas(t *testing.T) {
	t.Parallel()
	x := newLab()
	x.give(t, "one", "false")
	for kind, path := range map[string]string{config.DriftScale: "spec.replicas", config.DriftFlag: "data." + config.FlagReadOnly} {
		edit, err := config.EditOf(kind, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		changed, err := x.Edit(t.Context(), edit)
		if err != nil || len(changed) != 1 || changed[0].Path != path || changed[0].Who != config.By {
			t.Errorf("%s changed %+v, %v", kind, changed, err)
		}
		again, err := x.Edit(t.Context(), edit)
		if err != nil || len(again) > 0 {
			t.Errorf("%s again changed %+v, %v", kind, again, err)
		}
		drift, err := x.Diff(t.Context(), revision("false"))
		if err != nil || len(drift) != 1 || drift[0].Path != path || drift[0].Who != config.By || drift[0].Wanted != changed[0].Actual || drift[0].Actual != changed[0].Wanted {
			t.Errorf("%s is seen as %+v, %v", kind, drift, err)
		}
		x.give(t, "one", "false")
	}
	both, _ := config.EditOf(config.DriftRole, 0, []string{"orders", "profiles"}) // of which it never had the second: neither goes
	if _, err := x.Edit(t.Context(), both); err == nil || !strings.Contains(err.Error(), "it has no RoleBinding/write-profiles") {
		t.Errorf("half of a change: %v", err)
	}
	edit, _ := config.EditOf(config.DriftRole, 0, []string{"orders"})
	if changed, err := x.Edit(t.Context(), edit); err != nil || len(changed) != 1 || changed[0].Path != "" {
		t.Errorf("a role revoked: %+v, %v", changed, err)
	}
	if _, err := x.Edit(t.Context(), edit); err == nil || !strings.Contains(err.Error(), "it has no RoleBinding/write-orders") {
		t.Errorf("one revoked twice: %v", err)
	}
	if drift, err := x.Diff(t.Context(), revision("false")); err != nil || len(drift) != 1 || drift[0].Wanted != "there" {
		t.Errorf("it is seen as %+v, %v", drift, err)
	}
	flags := x.has(t, "ConfigMap", "v1", config.Features)
	_ = unstructured.SetNestedField(flags.Object, "mine", "data", "theirs")
	if err := x.api.Update(t.Context(), flags, client.FieldOwner(config.By)); err != nil {
		t.Fatal(err)
	}
	x.give(t, "two", "false")
	if got, _, _ := unstructured.NestedString(x.has(t, "ConfigMap", "v1", config.Features).Object, "data", "theirs"); got != "mine" {
		t.Errorf("a field that is nobody's of the repository is %q", got)
	}
}

// What is there without the label is somebody else's: it is not touched, and nothing of the revision is applied.
func TestWhatIsNotOursIsLeftAlone(t *testing.T) {
	t.Parallel()
	x := newLab()
	theirs := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: config.Features, Namespace: there}, Data: map[string]string{"a": "b"}}
	if err := x.api.Create(t.Context(), theirs); err != nil {
		t.Fatal(err)
	}
	before := x.has(t, "ConfigMap", "v1", config.Features).GetResourceVersion()
	err := x.Apply(t.Context(), "one", revision("false"))
	if err == nil || !strings.Contains(err.Error(), "somebody else's") || errors.Is(err, reconciler.ErrAway) {
		t.Errorf("%v", err)
	}
	if given, _ := x.Given(t.Context()); given.Revision != "" || x.at.confirmed {
		t.Errorf("it says that it was given %+v", given)
	}
	if gone, err := x.Prune(t.Context(), refsOf(revision("false"))[2:]); err != nil || len(gone) > 0 {
		t.Errorf("pruned %v, %v", gone, err)
	}
	if now := x.has(t, "ConfigMap", "v1", config.Features).GetResourceVersion(); now != before {
		t.Errorf("its version is %s, was %s", now, before)
	}
}

// What came from the repository and is no part of it any more goes, whoever added it with the label.
func TestPrune(t *testing.T) {
	t.Parallel()
	x := newLab()
	x.give(t, "one", "false")
	added := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "added", Namespace: there, Labels: mine}}
	elsewhere := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "added", Namespace: "fleetdrill-west", Labels: mine}}
	if err := errors.Join(x.api.Create(t.Context(), added), x.api.Create(t.Context(), elsewhere)); err != nil {
		t.Fatal(err)
	}
	gone, err := x.Prune(t.Context(), refsOf(revision("false"))[1:])
	if err != nil || len(gone) != 2 || !slices.ContainsFunc(gone, func(r config.Ref) bool { return r.Name == "added" }) || !slices.ContainsFunc(gone, func(r config.Ref) bool { return r.Kind == "RoleBinding" }) {
		t.Errorf("%v, %v", gone, err)
	}
	if err := x.api.Get(t.Context(), client.ObjectKeyFromObject(elsewhere), elsewhere); err != nil {
		t.Errorf("another region's of the same cluster: %v", err)
	}
	if gone, err := x.Prune(t.Context(), refsOf(revision("false"))[1:]); err != nil || len(gone) > 0 {
		t.Errorf("again %v, %v", gone, err)
	}
	if given, err := x.Given(t.Context()); err != nil || !given.Whole() {
		t.Errorf("it forgot what it was given: %+v, %v", given, err)
	}
}

// What the API server refuses is told, and nothing of the revision is applied; one that is lost half way leaves a half, which is known to
// be one and is finished.
func TestRefusedAndHalfApplied(t *testing.T) {
	t.Parallel()
	x := newLab()
	x.give(t, "one", "false")
	invalid := apierrors.NewInvalid(corev1.SchemeGroupVersion.WithKind("Deployment").GroupKind(), config.Web, nil)
	x.refuses = &refusal{name: config.Web, dry: true, err: invalid}
	err := x.Apply(t.Context(), "two", revision("true"))
	if err == nil || !strings.Contains(err.Error(), "the API server refuses Deployment/web") || errors.Is(err, reconciler.ErrAway) {
		t.Errorf("a refused object: %v", err)
	}
	x.refuses = nil
	if given, err := x.Given(t.Context()); err != nil || given.Revision != "one" || !given.Whole() {
		t.Errorf("the last good one: %+v, %v", given, err)
	}
	if left, err := x.Diff(t.Context(), revision("false")); err != nil || len(left) > 0 {
		t.Errorf("it differs from the last good one: %v, %v", left, err)
	}
	wider := revision("true")
	wider[2] = ours("apps/v1", "Deployment", config.Web, map[string]any{"spec": map[string]any{"replicas": float64(4),
		"selector": map[string]any{"matchLabels": map[string]any{"a": "b"}}}})
	x.refuses = &refusal{name: config.Web, err: apierrors.NewServiceUnavailable("it ends")}
	if err := x.Apply(t.Context(), "two", wider); !errors.Is(err, reconciler.ErrAway) {
		t.Errorf("a server that is lost half way: %v", err)
	}
	x.refuses = nil
	if given, err := x.Given(t.Context()); err != nil || given.Revision != "two" || given.Whole() || given.Done != 2 {
		t.Errorf("after a half: %+v, %v", given, err)
	}
	if err := x.Apply(t.Context(), "two", wider); err != nil {
		t.Error(err)
	}
	if given, err := x.Given(t.Context()); err != nil || given.Revision != "two" || !given.Whole() {
		t.Errorf("finished: %+v, %v", given, err)
	}
}

// A web tier that a fault holds at no pods stays so, whatever is reconciled meanwhile.
func TestAFaultHoldsTheWebTier(t *testing.T) {
	t.Parallel()
	x := newLab()
	x.give(t, "one", "false")
	web := x.has(t, "Deployment", "apps/v1", config.Web)
	web.SetAnnotations(map[string]string{"closed": "3"})
	_ = unstructured.SetNestedField(web.Object, int64(0), "spec", "replicas")
	if err := x.api.Update(t.Context(), web, client.FieldOwner("fleetdrill")); err != nil {
		t.Fatal(err)
	}
	x.give(t, "two", "true")
	if n, _, _ := unstructured.NestedInt64(x.has(t, "Deployment", "apps/v1", config.Web).Object, "spec", "replicas"); n != 0 {
		t.Errorf("it has %d pods", n)
	}
}

// A region that its reconciler can't reach is away, whoever else could reach its API server.
func TestAStationThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	x := newLab()
	x.at.away = reconciler.ErrHub
	_, given := x.Given(t.Context())
	_, diff := x.Diff(t.Context(), revision("false"))
	_, pruned := x.Prune(t.Context(), nil)
	_, health := x.Health(t.Context())
	for what, err := range map[string]error{"given": given, "diff": diff, "prune": pruned, "health": health, "apply": x.Apply(t.Context(), "one", revision("false"))} {
		if !errors.Is(err, reconciler.ErrHub) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if left, err := x.look(t.Context(), revision("false")); err != nil || len(fieldsOf(left)) != 3 {
		t.Errorf("something was applied: %v, %v", left, err)
	}
}
