package objects

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config"
)

// tier is a web tier that runs what it is told at once.
type tier struct{ runs, renewed int }

func (t *tier) Run(replicas int, anew bool) error {
	if t.runs = replicas; anew {
		t.renewed++
	}
	return nil
}

func (t *tier) Running() int { return t.runs }

func ours(kind, api, name string, more map[string]any) config.Object {
	o := config.Object{"apiVersion": api, "kind": kind, "metadata": map[string]any{
		"name": name, "namespace": config.Namespace, "labels": map[string]any{config.LabelManaged: config.ManagedHere}}}
	for k, v := range more {
		o[k] = v
	}
	return o
}

func web(replicas float64, version, capacity string) config.Object {
	return ours("Deployment", "apps/v1", config.Web, map[string]any{"spec": map[string]any{
		"replicas": replicas,
		"template": map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"name": config.Container, "env": []any{
			map[string]any{"name": config.EnvVersion, "value": version}, map[string]any{"name": config.EnvCapacity, "value": capacity},
			map[string]any{"name": config.EnvCredentials, "valueFrom": map[string]any{"secretKeyRef": map[string]any{"name": "web-credentials-1", "key": "password"}}},
		}}}}},
	}})
}

// revision is objects by which orders may be written, and west may be talked to.
func revision(w config.Object) []config.Object {
	return []config.Object{
		ours("Role", "rbac.authorization.k8s.io/v1", "write-orders", map[string]any{"rules": []any{map[string]any{
			"apiGroups": []any{config.Group}, "resources": []any{"datasets"}, "resourceNames": []any{"orders"}, "verbs": []any{"create"}}}}),
		ours("RoleBinding", "rbac.authorization.k8s.io/v1", "write-orders", map[string]any{"roleRef": map[string]any{"name": "write-orders"}}),
		ours("ConfigMap", "v1", config.Features, map[string]any{"data": map[string]any{config.FlagReadOnly: "false"}}),
		ours("NetworkPolicy", "networking.k8s.io/v1", config.DenyAll, map[string]any{"spec": map[string]any{"policyTypes": []any{"Egress"}}}),
		ours("NetworkPolicy", "networking.k8s.io/v1", config.Regions, map[string]any{"spec": map[string]any{"policyTypes": []any{"Egress"}, "egress": []any{
			map[string]any{"to": []any{map[string]any{"namespaceSelector": map[string]any{"matchLabels": map[string]any{config.LabelRegion: "west"}}}}}}}}),
		w,
	}
}

func opened(t *testing.T, path string, fenced bool) (*Store, *tier) {
	t.Helper()
	s, err := Open("east", path, fenced, func() time.Duration { return 0 })
	if err != nil {
		t.Fatal(err)
	}
	w := &tier{}
	if err := s.Begin(w); err != nil {
		t.Fatal(err)
	}
	return s, w
}

func apply(t *testing.T, s *Store, hash string, objects []config.Object) config.Given {
	t.Helper()
	given, err := s.Apply(wire.ConfigApply{Revision: hash, Manager: config.Manager, Objects: objects})
	if err != nil {
		t.Fatal(err)
	}
	return given
}

// A region runs what its objects say, from the first of them on, and keeps it over a restart.
func TestARegionRunsWhatItsObjectsSay(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "objects.json")
	s, w := opened(t, path, true)
	if w.runs != 0 || s.Status().Health.Ready {
		t.Errorf("before the first objects %d run, %+v", w.runs, s.Status().Health)
	}
	if given := apply(t, s, "one", revision(web(3, "v1", "40"))); !given.Whole() || !given.Confirmed {
		t.Errorf("%+v", given)
	}
	if w.runs != 3 || s.Capacity() != 40 || !s.Status().Health.Ready || s.Serves() != nil || s.Admits(true) != nil {
		t.Errorf("%d run, %v each, %+v, %v, %v", w.runs, s.Capacity(), s.Status().Health, s.Serves(), s.Admits(true))
	}
	if s.Writes("orders") != nil || !errors.Is(s.Writes("carts"), wire.ErrForbidden) || s.Reaches("west") != nil || !errors.Is(s.Reaches("south"), wire.ErrPolicy) {
		t.Errorf("%v, %v, %v, %v", s.Writes("orders"), s.Writes("carts"), s.Reaches("west"), s.Reaches("south"))
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	renewed := w.renewed
	apply(t, s, "two", revision(web(2, "v1", "40")))
	if w.runs != 2 || w.renewed != renewed {
		t.Errorf("%d run, and those that stay were started anew", w.runs)
	}
	apply(t, s, "three", revision(web(2, "v2-bad", "40")))
	if w.renewed != renewed+1 || s.Version() != "v2-bad" {
		t.Errorf("another version: %d, %q", w.renewed, s.Version())
	}
	again, w := opened(t, path, true)
	if w.runs != 2 || !errors.Is(again.Serves(), wire.ErrUnconfigured) || again.Status().Given.Confirmed {
		t.Errorf("after a restart %d run, %v", w.runs, again.Serves())
	}
	apply(t, again, "three", revision(web(2, "v2-bad", "40")))
	if again.Serves() != nil {
		t.Errorf("once it is reconciled: %v", again.Serves())
	}
	stale, _ := opened(t, path, false)
	if stale.Serves() != nil {
		t.Errorf("one that serves what it had: %v", stale.Serves())
	}
}

// What a person changes takes effect at once and says who it was; applying the revision puts it right.
func TestDriftByHand(t *testing.T) {
	t.Parallel()
	for kind, hurts := range map[string]func(*Store, *tier) bool{
		config.DriftScale: func(_ *Store, w *tier) bool { return w.runs == 1 },
		config.DriftFlag: func(s *Store, _ *tier) bool {
			return errors.Is(s.Admits(true), wire.ErrReadOnly) && s.Admits(false) == nil
		},
		config.DriftRole:   func(s *Store, _ *tier) bool { return errors.Is(s.Writes("orders"), wire.ErrForbidden) },
		config.DriftSecret: func(s *Store, _ *tier) bool { return s.Secret() == config.Rotated },
		config.DriftPolicy: func(s *Store, _ *tier) bool { return errors.Is(s.Reaches("west"), wire.ErrPolicy) },
	} {
		s, w := opened(t, filepath.Join(t.TempDir(), "objects.json"), false)
		objects := revision(web(3, "v1", "0"))
		apply(t, s, "one", objects)
		if left := s.Diff(objects); len(left) > 0 {
			t.Errorf("%s: before it %v", kind, left)
		}
		edit, err := config.EditOf(kind, 1, []string{"orders"})
		if err != nil {
			t.Fatal(err)
		}
		changed, err := s.Edit(wire.ConfigEdit{Manager: config.By, Objects: edit.Objects, Delete: edit.Delete})
		if err != nil || len(changed) != 1 || !hurts(s, w) {
			t.Errorf("%s changed %v, %v", kind, changed, err)
		}
		differs := s.Diff(objects)
		if len(differs) != 1 || differs[0].Path != "" && differs[0].Who != config.By {
			t.Errorf("%s is seen as %+v", kind, differs)
		}
		apply(t, s, "one", objects)
		if left := s.Diff(objects); len(left) > 0 || hurts(s, w) {
			t.Errorf("%s: after it was put right %v", kind, left)
		}
	}
	if len(config.DriftKinds()) != 5 {
		t.Error("a kind is not tried here")
	}
}

// An object that can't be meant ends a revision half way, which is said; what is somebody else's is never touched or removed.
func TestHalfARevision(t *testing.T) {
	t.Parallel()
	s, w := opened(t, filepath.Join(t.TempDir(), "objects.json"), false)
	apply(t, s, "one", revision(web(2, "v1", "0")))
	bad := revision(web(3, "v1", "lots"))
	given, err := s.Apply(wire.ConfigApply{Revision: "two", Manager: config.Manager, Objects: bad})
	if !errors.Is(err, wire.ErrBad) || given.Whole() || given.Done != len(bad)-1 || w.runs != 2 {
		t.Errorf("%+v, %v, %d run", given, err, w.runs)
	}
	theirs := config.Object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "theirs", "namespace": config.Namespace}, "data": map[string]any{"a": "1"}}
	s.kept.Objects = append(s.kept.Objects, object{Object: theirs})
	if _, err := s.Apply(wire.ConfigApply{Revision: "three", Manager: config.Manager, Objects: []config.Object{ours("ConfigMap", "v1", "theirs", nil)}}); !errors.Is(err, wire.ErrBad) {
		t.Errorf("an object of somebody else's: %v", err)
	}
	keep, _ := config.RefOf(web(2, "v1", "0"))
	gone, err := s.Prune([]config.Ref{keep})
	if err != nil || len(gone) != 5 || len(s.Status().Objects) != 2 {
		t.Errorf("%v went, %v; %d are left", gone, err, len(s.Status().Objects))
	}
}
