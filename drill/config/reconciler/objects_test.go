package reconciler

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/objects"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/change"
	"github.com/fleetdrill/fleetdrill/drill/config/render"
	"github.com/fleetdrill/fleetdrill/drill/config/seed"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// kept is a region's objects as its agent keeps them. It implements Target without a connection in between.
type kept struct{ *objects.Store }

func (k kept) Given(context.Context) (config.Given, error)   { return k.Status().Given, nil }
func (k kept) Health(context.Context) (config.Health, error) { return k.Status().Health, nil }

func (k kept) Diff(_ context.Context, o []config.Object) ([]config.Field, error) {
	return k.Store.Diff(o), nil
}

func (k kept) Apply(_ context.Context, revision string, o []config.Object) error {
	_, err := k.Store.Apply(wire.ConfigApply{Revision: revision, Manager: config.Manager, Objects: o})
	return err
}

func (k kept) Prune(_ context.Context, keep []config.Ref) ([]config.Ref, error) {
	return k.Store.Prune(keep)
}

// webs is a web tier that runs what it is told at once.
type webs struct{ n int }

func (w *webs) Run(replicas int, _ bool) error { w.n = replicas; return nil }
func (w *webs) Running() int                   { return w.n }

// written is a Source of files, as a repository has them, rendered by kustomize.
type written struct {
	mu      sync.Mutex
	commits []map[string][]byte
	render  *render.Renderer
}

func (w *written) Head(context.Context) (config.Revision, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return config.Revision{Hash: fmt.Sprintf("%040d", len(w.commits))}, nil
}

func (w *written) Locked() error { return nil }

func (w *written) Check(ctx context.Context, revision string) error {
	for _, region := range []string{"a", "b"} {
		if _, err := w.Objects(ctx, revision, region); err != nil {
			return err
		}
	}
	return nil
}

func (w *written) Objects(_ context.Context, revision, region string) ([]config.Object, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	_, _ = fmt.Sscanf(revision, "%d", &n)
	return w.render.Objects(revision, region, w.commits[n-1])
}

// commit adds a commit of files changed; nil takes one away.
func (w *written) commit(files map[string][]byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := map[string][]byte{}
	if n := len(w.commits); n > 0 {
		next = maps.Clone(w.commits[n-1])
	}
	for name, content := range files {
		if next[name] = content; content == nil {
			delete(next, name)
		}
	}
	w.commits = append(w.commits, next)
}

// foreign is an object of somebody else's, in every region.
const foreign = `{"given":{"done":0,"of":0,"confirmed":false},"objects":[{"object":{"apiVersion":"v1","kind":"ConfigMap",
"metadata":{"name":"theirs","namespace":"fleetdrill"},"data":{"a":"1"}},"who":{}}]}`

// What agents keep is held to the fleet's real files as clusters in memory are: whatever is committed and changed by hand, an interval
// later each region's objects are those of its overlay, what is not ours is as it was, and what was applied half way is said, and finished.
func TestAgentsObjectsEqualTheirOverlay(t *testing.T) {
	t.Parallel()
	for seedOf := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seedOf), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { drifts(t, dir, rand.New(rand.NewPCG(seedOf, 7))) })
		})
	}
}

func drifts(t *testing.T, dir string, r *rand.Rand) {
	spec := topology.Fleet{Name: "two", Regions: []topology.Region{{Name: "a"}, {Name: "b"}}, Datasets: []topology.Dataset{{Name: "orders"}}, Web: topology.Web{Replicas: 2}}
	source, stores, targets := &written{render: render.New()}, map[string]kept{}, map[string]Target{}
	source.commit(seed.Files(spec))
	clock := bubble{time.Now()}
	for _, name := range spec.RegionNames() {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(foreign), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := objects.Open(name, path, false, clock.Now)
		if err == nil {
			err = s.Begin(&webs{})
		}
		if err != nil {
			t.Fatal(err)
		}
		stores[name], targets[name] = kept{s}, kept{s}
	}
	state, mu := drill.NewState(), sync.Mutex{}
	f := New(Config{
		Rollout: config.Rollout{Regions: spec.RegionNames()}, Mode: topology.ConfigPull, Every: 10 * time.Second, Source: source, Targets: targets, Clock: clock,
		Emit: func(b drill.Body) drill.Event {
			mu.Lock()
			defer mu.Unlock()
			e := drill.Event{Seq: state.LastSeq + 1, T: clock.Now(), Body: b}
			state.Apply(e)
			return e
		},
	})
	if err := f.First(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { f.Run(ctx); close(done) }()
	defer func() { stop(); <-done }()
	for range 8 {
		time.Sleep(time.Duration(r.IntN(7000)) * time.Millisecond)
		region := spec.RegionNames()[r.IntN(2)]
		if r.IntN(3) == 0 {
			c, err := change.Parse(fmt.Sprintf("replicas %d in %s", 1+r.IntN(9), region), spec.RegionNames())
			if err != nil {
				t.Fatal(err)
			}
			files, err := c.Files(source.commits[len(source.commits)-1], spec.RegionNames())
			if err != nil {
				t.Fatal(err)
			}
			source.commit(files)
			continue
		}
		kinds := config.DriftKinds()
		edit, err := config.EditOf(kinds[r.IntN(len(kinds))], r.IntN(9), []string{"orders"})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = stores[region].Edit(wire.ConfigEdit{Manager: config.By, Objects: edit.Objects, Delete: edit.Delete}) // it may be gone already
	}
	settled := func(what string) {
		t.Helper()
		time.Sleep(20*time.Second + time.Millisecond)
		synctest.Wait()
		head, _ := source.Head(ctx)
		for name, s := range stores {
			if wrong := differs(t, s, source, head.Hash, name); wrong != "" {
				t.Errorf("%s: %s %s", what, name, wrong)
			}
		}
	}
	settled("an interval after the last change")
	// An object that is somebody else's stops a revision half way. That is said, and it is finished once the revision has it no more.
	base := source.commits[len(source.commits)-1]["base/features.yaml"]
	source.commit(map[string][]byte{"base/features.yaml": append(slices.Clone(base), []byte("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: theirs}\ndata: {a: \"2\"}\n")...)})
	time.Sleep(20 * time.Second)
	mu.Lock()
	if g := state.Config.Region("a"); g.Failed == nil || !strings.Contains(g.Failed.Why, "somebody else's") {
		t.Errorf("of a revision that stopped half way it says %+v", g.Failed)
	}
	mu.Unlock()
	if given := stores["a"].Status().Given; given.Whole() {
		t.Errorf("it has %+v", given)
	}
	source.commit(map[string][]byte{"base/features.yaml": base})
	settled("after it was taken back")
}

// differs is how a region's objects are not those of a revision, and one of somebody else's.
func differs(t *testing.T, s kept, source Source, revision, region string) string {
	t.Helper()
	want, err := source.Objects(t.Context(), revision, region)
	if err != nil {
		t.Fatal(err)
	}
	text := func(objects []config.Object) (all []string) {
		for _, o := range objects {
			raw, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, string(raw))
		}
		slices.Sort(all)
		return all
	}
	var ours, others []config.Object
	for _, o := range s.Status().Objects {
		if config.Ours(o) {
			ours = append(ours, o)
		} else {
			others = append(others, o)
		}
	}
	switch {
	case len(others) != 1 || !strings.Contains(text(others)[0], `"data":{"a":"1"}`):
		return fmt.Sprintf("has of others %v", text(others))
	case !slices.Equal(text(ours), text(want)):
		return fmt.Sprintf("has\n%s\nwant\n%s", strings.Join(text(ours), "\n"), strings.Join(text(want), "\n"))
	}
	return ""
}
