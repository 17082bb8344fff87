// Package governor is a fleet's configuration while a drill runs: its repository, the reconcilers that give regions what stands there,
// and what people do to it: commit, revert, and change a region by hand past it.
package governor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/change"
	"github.com/fleetdrill/fleetdrill/drill/config/reconciler"
	"github.com/fleetdrill/fleetdrill/drill/config/repository"
	"github.com/fleetdrill/fleetdrill/drill/config/source"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Config is what a governor is made of.
type Config struct {
	Opening *Opening // of the fleet's repository
	// Direct leads to a region's agent, as a person's kubectl does; Reconciler as its reconciler does, by way of the hub where
	// that is where it stands. Hub says of an error that the hub failed.
	Direct     func(region string) *wire.Client
	Reconciler func(region string) *wire.Client
	Hub        func(error) bool
	// Clusters has the regions' objects where they have API servers of their own; nil where their agents keep them.
	Clusters fleet.Clusters
	Success  func(region string) *float64 // see reconciler.Config
	Emit     func(drill.Body) drill.Event
	// Wanted is told how many web replicas a region was given, at once; Scaled once they are ready, how long after it was asked for, and
	// by what. A command that scales a region tells that itself.
	Wanted func(region string, replicas int)
	Scaled func(region string, replicas int, took time.Duration, proof string)
	// Weights is told by which weights the global router is to go from now on, and of which revision they are.
	Weights func(weights map[string]float64, revision string)
	Clock   reconciler.Clock
	Wall    func() time.Time // of commits
}

// Governor is one fleet's. Its methods may be called from several goroutines.
type Governor struct {
	cfg     Config
	spec    topology.Fleet
	regions []string
	repo    *repository.Repository
	source  *source.Git
	fleet   *reconciler.Fleet
	as      regions

	scalings *scalings
	// committed has one in it while there is a commit of manual mode to look at, which nobody else sees.
	committed chan struct{}

	// mu is held while these are read or written, and while nothing is asked or told of anybody: who emits news waits for it.
	mu      sync.Mutex
	made    map[string]time.Duration   // when commits were made here, by their hashes
	named   bool                       // where the repository is
	surveys map[string]config.Surveyed // what was told last of what each region runs
	weights map[string]float64         // by which the router goes; nil where its policy has none
}

// New waits until the repository can be read. No region is asked yet.
func New(c Config) (*Governor, error) {
	err := c.Opening.wait()
	if err != nil {
		return nil, err
	}
	f := c.Opening.fleet
	g := &Governor{
		cfg: c, spec: f, regions: f.RegionNames(), repo: c.Opening.repo, source: c.Opening.source, committed: make(chan struct{}, 1),
		made: map[string]time.Duration{}, surveys: map[string]config.Surveyed{}, weights: f.Routing.Weights,
	}
	g.repo.Made = g.noted
	how := f.Config
	rollout := config.Rollout{Regions: g.regions, Waves: how.Waves}
	if how.Gate != nil {
		rollout.Success, rollout.For = how.Gate.Success, how.Gate.For
	}
	if g.as, err = regionsOf(c, g.regions); err != nil {
		return nil, err
	}
	g.scalings = newScalings(c, g.regions, g.as)
	g.fleet = reconciler.New(reconciler.Config{
		Rollout: rollout, Mode: how.Mode, Every: how.Every, Within: g.as.within, Source: g.source, Targets: g.as.targets,
		Success: c.Success, Ahead: c.Opening.delivered, Emit: g.emit, Clock: c.Clock,
	})
	return g, nil
}

// Where is how people reach the repository: the argument of git clone.
func (g *Governor) Where() string { return g.repo.Where() }

// Has reports whether it governs a region.
func (g *Governor) Has(region string) bool { return slices.Contains(g.regions, region) }

// First gives every region its first revision, and returns once all run it; see reconciler.Fleet.
func (g *Governor) First(ctx context.Context) error {
	within := firstWithin
	if g.cfg.Clusters != nil {
		within = firstWithinCluster
	}
	ctx, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("not within %s", format.Span(within)))
	defer cancel()
	if err := g.fleet.First(ctx); err != nil {
		return fmt.Errorf("regions can't be given what they run: %w", err)
	}
	return nil
}

// Run reconciles until ctx ends, and in manual mode only looks.
func (g *Governor) Run(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	for _, region := range g.regions {
		all.Go(func() { g.scalings.watch(ctx, region) })
	}
	if g.spec.Config.Mode == topology.ConfigManual {
		all.Go(func() { g.survey(ctx) })
		all.Go(func() { g.follow(ctx) })
	}
	g.fleet.Run(ctx)
}

// follow looks at each commit that is made here, until ctx ends.
func (g *Governor) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-g.committed:
			_ = g.fleet.Look(ctx) // its failure is news
		}
	}
}

// emit passes news on, with what a region has by them.
func (g *Governor) emit(b drill.Body) drill.Event {
	region, revision, asked := "", "", time.Duration(0)
	switch news := newsOf(b).(type) {
	case config.Committed:
		b = drill.Configured{News: g.dated(news)}
	case config.Released:
		defer g.route(news)
	case config.Applied:
		region, revision, asked = news.Region, news.Revision, g.asked(news)
	case config.Mended:
		region, revision, asked = news.Region, news.Revision, g.cfg.Clock.Now()
	}
	e := g.cfg.Emit(b)
	if region == "" {
		return e
	}
	ctx, cancel := context.WithTimeout(context.Background(), surveyWithin) // it was read a moment ago, unless many came since
	defer cancel()
	objects, err := g.source.Objects(ctx, revision, region)
	if err != nil {
		return e
	}
	g.surveyed(region, revision, objects, nil) // it has it whole: that was read back
	if m, err := config.MeaningOf(objects); err == nil && m.Replicas != nil {
		g.scalings.reconciled(region, scaling{*m.Replicas, asked, "reconciled with " + config.Short(revision)})
	}
	return e
}

// dated is a commit with when it was made, where that was here, and the first with where the repository is.
func (g *Governor) dated(news config.Committed) config.Committed {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at, here := g.made[news.Revision.Hash]; here {
		news.Made = &at
	}
	if !g.named {
		g.named, news.Where = true, g.repo.Where()
	}
	return news
}

// asked is when a revision was asked for: when the commit was made; of one that was made elsewhere, when its reconciliation began.
func (g *Governor) asked(news config.Applied) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at, here := g.made[news.Revision]; here {
		return at
	}
	return g.cfg.Clock.Now() - news.Took
}

// Commit adds a commit to the repository of a change in words (package change), and returns once it is there: reconcilers see it in
// their own time.
func (g *Governor) Commit(ctx context.Context, words, by string) (config.Revision, error) {
	c, err := change.Parse(words, g.regions)
	if err != nil {
		return config.Revision{}, err
	}
	head, err := g.repo.Head(ctx)
	if err != nil {
		return config.Revision{}, err
	}
	files, _, err := g.repo.Tree(ctx, head.Hash)
	if err != nil {
		return config.Revision{}, err
	}
	if files, err = c.Files(files, g.regions); err != nil {
		return config.Revision{}, err
	}
	made, err := g.repo.Commit(ctx, repository.Change{Subject: c.String(), Author: by, At: g.cfg.Wall(), Files: files})
	g.refused(err)
	if errors.Is(err, repository.ErrNothing) {
		return made, fmt.Errorf("%s: it says so already", strings.ToLower(c.String()[:1])+c.String()[1:])
	}
	return made, err
}

// newsOf is what of an event's body is about the configuration; nil where it is about something else.
func newsOf(b drill.Body) config.News {
	c, _ := b.(drill.Configured)
	return c.News
}

// noted keeps when a commit was made, before a reconciler can tell of it.
func (g *Governor) noted(v config.Revision) {
	g.mu.Lock()
	g.made[v.Hash] = g.cfg.Clock.Now()
	g.mu.Unlock()
	if g.spec.Config.Mode == topology.ConfigManual {
		select {
		case g.committed <- struct{}{}:
		default: // one is to be looked at already: the newest is found then
		}
	}
}

// refused tells that the repository took no commit, where it was for the repository.
func (g *Governor) refused(err error) {
	if errors.Is(err, repository.ErrLocked) || errors.Is(err, repository.ErrAway) {
		g.fleet.Refused(err)
	}
}

// Revert takes a commit back, by how its hash begins; where that is "" the newest that does not take another back, nor was taken back itself.
func (g *Governor) Revert(ctx context.Context, which, by string) (config.Revision, error) {
	log, err := g.repo.Log(ctx, 100)
	if err != nil {
		return config.Revision{}, err
	}
	hash, err := toRevert(log, which)
	if err != nil {
		return config.Revision{}, err
	}
	v, err := g.repo.Revert(ctx, hash, by, g.cfg.Wall())
	g.refused(err)
	return v, err
}

// toRevert is the commit of a log, newest first, that Revert takes back.
func toRevert(log []config.Revision, which string) (string, error) {
	var back []string
	for _, v := range log {
		switch {
		case which != "" && strings.HasPrefix(v.Hash, which):
			return v.Hash, nil
		case which != "":
		case v.Reverts != "":
			back = append(back, v.Reverts)
		case !slices.Contains(back, v.Hash):
			return v.Hash, nil
		}
	}
	if which != "" {
		return "", fmt.Errorf("none of the newest %d commits begins with %q", len(log), which)
	}
	return "", errors.New("there is no commit to take back")
}

// Edit changes a region by hand, past the repository, and proves it by what the region has then. No reconciler sees the change before
// it is told: one that mended it first would leave it open for good.
func (g *Governor) Edit(ctx context.Context, region, kind string, replicas int, datasets []string) (proof string, err error) {
	edit, err := config.EditOf(kind, replicas, datasets)
	if err != nil {
		return "", err
	}
	began := g.cfg.Clock.Now()
	if late := g.fleet.Alone(ctx, region, func() { proof, err = g.edit(ctx, region, edit) }); late != nil {
		return "", fmt.Errorf("%s is being reconciled: %w", region, late)
	}
	if err == nil && kind == config.DriftScale {
		g.scalings.edited(ctx, region, scaling{replicas, began, proof})
	}
	return proof, err
}

func (g *Governor) edit(ctx context.Context, region string, edit config.Edit) (proof string, err error) {
	fields, err := g.as.byHand[region].Edit(ctx, edit)
	if err != nil {
		return "", fmt.Errorf("change %s by hand: %w", region, err)
	}
	if len(fields) == 0 {
		return "", fmt.Errorf("%s has it so already", region)
	}
	var said []string
	for _, f := range fields {
		said = append(said, Change(f))
	}
	proof = strings.Join(said, ", ")
	for i := range fields { // what was edited is not as it is to be
		fields[i].Wanted, fields[i].Actual = fields[i].Actual, fields[i].Wanted
	}
	g.cfg.Emit(drill.Configured{News: config.Edited{Region: region, Fields: config.Brief(fields), Proof: proof}})
	return proof, nil
}

// Change is a changed field in words: "Deployment/web spec.replicas 2 → 1", "RoleBinding/write-orders gone".
func Change(f config.Field) string {
	switch {
	case f.Path == "" && f.Wanted == "":
		return f.Object.String() + " gone"
	case f.Actual == "":
		return f.String() + " " + f.Wanted
	}
	return f.String() + " " + f.Actual + " → " + f.Wanted
}
