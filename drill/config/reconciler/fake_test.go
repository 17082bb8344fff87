package reconciler

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
)

// cluster is a Target in memory: objects with managers, of which some are nobody's here.
type cluster struct {
	mu      sync.Mutex
	objects map[config.Ref]config.Object
	who     map[config.Ref]string
	given   config.Given
	away    error
	unready string
	rolling bool // of one that is unready: it is on its way
	breaks  int  // after so many objects Apply fails; -1 never
	applies int
}

func newCluster() *cluster {
	return &cluster{objects: map[config.Ref]config.Object{}, who: map[config.Ref]string{}, breaks: -1}
}

func (c *cluster) Given(context.Context) (config.Given, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.given, c.away
}

func (c *cluster) Diff(_ context.Context, objects []config.Object) (out []config.Field, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range objects {
		ref, _ := config.RefOf(o)
		for _, f := range config.Differs(o, c.objects[ref]) {
			f.Who = c.who[ref]
			out = append(out, f)
		}
	}
	return out, c.away
}

func (c *cluster) Apply(_ context.Context, revision string, objects []config.Object) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away != nil {
		return c.away
	}
	c.applies++
	c.given = config.Given{Revision: revision, Of: len(objects), Confirmed: true}
	for i, o := range objects {
		if i == c.breaks {
			return errors.New("the API server refused " + fmt.Sprint(i))
		}
		ref, _ := config.RefOf(o)
		if has := c.objects[ref]; has != nil && !config.Ours(has) {
			return fmt.Errorf("%s is not ours", ref)
		}
		c.objects[ref], c.who[ref] = config.Merge(c.objects[ref], o), config.Manager
		c.given.Done++
	}
	return nil
}

func (c *cluster) Prune(_ context.Context, keep []config.Ref) (out []config.Ref, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ref, o := range c.objects {
		if config.Ours(o) && !slices.Contains(keep, ref) {
			out = append(out, ref)
			delete(c.objects, ref)
		}
	}
	return out, c.away
}

func (c *cluster) Health(context.Context) (config.Health, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return config.Health{Ready: c.unready == "", Why: c.unready, Progressing: c.rolling}, c.away
}

// edit changes one object of ours as a person does, and says which; or takes it away.
func (c *cluster) edit(r *rand.Rand) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var ours []config.Ref
	for ref, o := range c.objects {
		if config.Ours(o) {
			ours = append(ours, ref)
		}
	}
	if len(ours) == 0 {
		return
	}
	slices.SortFunc(ours, func(a, b config.Ref) int { return cmpRef(a, b) })
	ref := ours[r.IntN(len(ours))]
	if r.IntN(4) == 0 {
		delete(c.objects, ref)
		return
	}
	o := config.Copy(c.objects[ref])
	o["data"].(map[string]any)["a"] = fmt.Sprint("by hand ", r.IntN(100))
	c.objects[ref], c.who[ref] = o, "kubectl-edit"
}

func cmpRef(a, b config.Ref) int {
	if a.Name < b.Name {
		return -1
	}
	return 1
}

// git is a Source in memory.
type git struct {
	mu        sync.Mutex
	head      config.Revision
	revisions map[string]map[string][]config.Object // revision, region
	bad       map[string]error
	away      error
	locked    error
	hangs     bool
	slow      bool // a revision is not read in time
}

func (g *git) Head(ctx context.Context) (config.Revision, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.hangs {
		g.mu.Unlock()
		<-ctx.Done()
		g.mu.Lock()
		return g.head, fmt.Errorf("the repository is away: it does not answer: %w", ctx.Err())
	}
	return g.head, g.away
}

func (g *git) Locked() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.locked
}

func (g *git) Check(ctx context.Context, revision string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.slow {
		g.mu.Unlock()
		<-ctx.Done()
		g.mu.Lock()
		return context.Cause(ctx)
	}
	return g.bad[revision]
}

func (g *git) Objects(_ context.Context, revision, region string) ([]config.Object, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.revisions[revision][region], nil
}

// commit adds a revision in which each region has some objects, with random contents.
func (g *git) commit(r *rand.Rand, regions []string, bad error) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	hash := fmt.Sprintf("%040d", len(g.revisions)+1)
	of := map[string][]config.Object{}
	for _, region := range regions {
		for i := range 1 + r.IntN(5) {
			of[region] = append(of[region], object(fmt.Sprint("o", i), map[string]any{"a": fmt.Sprint(r.IntN(9)), "b": region}))
		}
	}
	g.revisions[hash] = of
	g.head = config.Revision{Hash: hash}
	if bad != nil {
		g.bad[hash] = bad
	}
	return hash
}

func newGit() *git {
	return &git{revisions: map[string]map[string][]config.Object{}, bad: map[string]error{}}
}

func object(name string, data map[string]any) config.Object {
	return config.Object{"apiVersion": "v1", "kind": "ConfigMap", "data": data,
		"metadata": map[string]any{"name": name, "labels": map[string]any{config.LabelManaged: config.ManagedHere}}}
}

// bubble is the clock of a test in virtual time.
type bubble struct{ began time.Time }

func (b bubble) Now() time.Duration { return time.Since(b.began) }

func (b bubble) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// rig is a fleet of clusters, and the state that its events lead to.
type rig struct {
	regions  []string
	git      *git
	clusters map[string]*cluster
	fleet    *Fleet

	mu    sync.Mutex
	state *drill.State
	kinds []string
}

func newRig(mode string, rollout config.Rollout) *rig {
	x := &rig{regions: []string{"a", "b", "c"}, git: newGit(), clusters: map[string]*cluster{}, state: drill.NewState()}
	rollout.Regions = x.regions
	targets := map[string]Target{}
	for _, name := range x.regions {
		x.clusters[name] = newCluster()
		targets[name] = x.clusters[name]
	}
	clock := bubble{time.Now()}
	x.fleet = New(Config{
		Rollout: rollout, Mode: mode, Every: 10 * time.Second, Source: x.git, Targets: targets, Clock: clock,
		Emit: func(b drill.Body) drill.Event {
			x.mu.Lock()
			defer x.mu.Unlock()
			e := drill.Event{Seq: x.state.LastSeq + 1, T: clock.Now(), Body: b}
			x.state.Apply(e)
			x.kinds = append(x.kinds, b.Kind())
			return e
		},
	})
	return x
}

// view looks at the state.
func (x *rig) view(look func(*config.State)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	look(x.state.Config)
}

// count is how many events of a kind there were.
func (x *rig) count(kind string) (n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, k := range x.kinds {
		if k == kind {
			n++
		}
	}
	return n
}

// wrong is the first region that does not equal what a revision has for it; "" where all do.
func (x *rig) wrong(revision string) string {
	for _, name := range slices.Sorted(maps.Keys(x.clusters)) {
		c := x.clusters[name]
		c.mu.Lock()
		ours := map[config.Ref]map[string]string{}
		for ref, o := range c.objects {
			if config.Ours(o) {
				ours[ref] = config.Flat(o)
			}
		}
		c.mu.Unlock()
		want := x.git.revisions[revision][name]
		if len(ours) != len(want) {
			return fmt.Sprintf("%s has %d objects of ours, want %d", name, len(ours), len(want))
		}
		for _, o := range want {
			ref, _ := config.RefOf(o)
			if !maps.Equal(ours[ref], config.Flat(o)) {
				return fmt.Sprintf("%s: %s is %v, want %v", name, ref, ours[ref], config.Flat(o))
			}
		}
	}
	return ""
}
