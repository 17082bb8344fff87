// Package kindfleet runs a fleet of regions as kind clusters of one node each. A region has a cluster to itself, named
// fleetdrill-FLEET-REGION, or shares one with the other regions of its failure domain, named fleetdrill-FLEET-CLUSTER, as a
// namespace of it. It is the only importer of kind.
//
// Every cluster has a kubeconfig of its own in the fleet's record folder; the user's is never read or written. What is ours is
// recorded before it is made, and nothing is removed, killed or paused but a container that is on record and carries kind's
// label of that cluster.
package kindfleet

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/ahead"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/image"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/underway"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/wanted"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// On is what the record of a fleet of kind clusters says that it runs on.
const On = "kind"

// DefaultReadyWithin is how long a region may take from its cluster's creation to its first answer: three regions on two busy
// cores took 95 s, a laptop that has to start cold gets three times that.
const DefaultReadyWithin = 5 * time.Minute

// Config is what a fleet of kind clusters is made of. Fleet and StateDir are needed always, AgentBinary for Up.
type Config struct {
	Fleet    topology.Fleet
	StateDir string
	// AgentBinary is an agent for Linux and the engine's architecture, run as `AGENT region …`; it becomes the image of the
	// regions' pods. Build is what it must answer as its build, "" takes any.
	AgentBinary string
	Build       string
	// NodeImage is the image of the nodes; "" is kind's own default.
	NodeImage string
	// PostgresImage is the image whose PostgreSQL serves datasets of that engine; "" is image.DefaultPostgres. It is used only
	// where there are any.
	PostgresImage string
	// Stay records a fleet that is made to be left (Leave): then who joins it leaves it too.
	Stay bool
	// Parallel is how many clusters are created at once; 0 is all of them.
	Parallel int
	// ReadyWithin bounds a region's way from creation, or from a restore, to its first answer; 0 is DefaultReadyWithin.
	ReadyWithin time.Duration

	Report fleet.Report
	Logger *slog.Logger
	Now    func() time.Time
}

// Platform is a fleet of kind clusters. It implements fleet.Platform.
type Platform struct {
	cfg      Config
	out      reporter
	clusters []*cluster
	byRegion map[string]*cluster
	own      *ownership
	watches  *watches
	web      *wanted.Replicas
	governing
	weights *weights
	upping  underway.Guard

	mu     sync.Mutex // guards what follows
	engine *host.Runtime
	relays fleet.RelayHost
}

var _ fleet.Platform = (*Platform)(nil)

// kind accepts these names.
var clusterName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// New prepares a fleet; nothing is made or asked until Up. The error names what in the configuration cannot work.
func New(cfg Config) (*Platform, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Report == nil {
		cfg.Report = func(drill.Body) {}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.PostgresImage == "" {
		cfg.PostgresImage = image.DefaultPostgres
	}
	if cfg.ReadyWithin == 0 {
		cfg.ReadyWithin = DefaultReadyWithin
	}
	if cfg.StateDir == "" {
		return nil, fmt.Errorf("kind fleet %s: no state folder given", cfg.Fleet.Name)
	}
	if len(cfg.Fleet.Regions) == 0 {
		return nil, fmt.Errorf("kind fleet %s: has no regions", cfg.Fleet.Name)
	}
	out := reporter{to: cfg.Report, now: cfg.Now, log: cfg.Logger}
	p := &Platform{
		cfg: cfg, out: out, byRegion: map[string]*cluster{},
		own:     &ownership{state: cfg.StateDir, spec: cfg.Fleet, stays: cfg.Stay, postgresImage: cfg.PostgresImage, now: cfg.Now},
		web:     wanted.New(cfg.Fleet),
		weights: &weights{out: out},
	}
	p.watches, p.governing = newWatches(out, p.web), governing{p.web, p.byRegion, &ahead.Delivery{}}
	byName := map[string]*cluster{}
	for _, r := range cfg.Fleet.Standing().Regions {
		if p.byRegion[r.Name] != nil {
			return nil, fmt.Errorf("kind fleet %s: region %q is there twice", cfg.Fleet.Name, r.Name)
		}
		domain := cfg.Fleet.Domain(r.Name)
		if c := p.byRegion[domain[0]]; c != nil {
			p.byRegion[r.Name] = c
			continue
		}
		c, err := newCluster(cfg, r, domain)
		if err != nil {
			return nil, fmt.Errorf("kind fleet %s: region %q: %w", cfg.Fleet.Name, r.Name, err)
		}
		if other := byName[c.name]; other != nil {
			return nil, fmt.Errorf("kind fleet %s: region %q: its cluster would have the name %q, which is that of region %s: rename the region or the cluster", cfg.Fleet.Name, r.Name, c.name, other.regions[0].Name)
		}
		byName[c.name], p.byRegion[r.Name] = c, c
		p.clusters = append(p.clusters, c)
	}
	return p, nil
}

// Token implements fleet.Platform. It is "" before Up.
func (p *Platform) Token() string { return p.own.token() }

// Leave implements fleet.Platform: clusters outlive this process.
func (p *Platform) Leave() bool {
	p.watches.stopAll()
	if err := p.own.Leave(); err != nil {
		p.out.to(drill.TaskFailed{Task: "leave the fleet", Error: err.Error(), Next: "the next drill on it will take it down; bring it up anew with \"fleetdrill up\" if it shall stay"})
	}
	return true
}

// Can implements fleet.Platform: an engine whose containers have no freezer can't pause one.
func (p *Platform) Can(op fleet.Op) error {
	if err := op.Known(); err != nil {
		return err
	}
	p.mu.Lock()
	e := p.engine
	p.mu.Unlock()
	if op == fleet.OpFreeze && e != nil && e.Rootless && e.CgroupV1 {
		return &fleet.Cannot{
			Why:  fmt.Sprintf("rootless %s with cgroup v1 can't pause a container", e.Name),
			Next: "partition the region from all others instead, or kill it",
		}
	}
	return nil
}

// Do implements fleet.Platform.
func (p *Platform) Do(ctx context.Context, region string, op fleet.Op) (fleet.Proof, error) {
	proof, err := p.do(ctx, region, op)
	if err != nil {
		return fleet.Proof{}, fmt.Errorf("%s region %s: %w", op, region, err)
	}
	return proof, nil
}

func (p *Platform) do(ctx context.Context, region string, op fleet.Op) (fleet.Proof, error) {
	if err := p.Can(op); err != nil {
		return fleet.Proof{}, err
	}
	do, c, err := p.turn(ctx, region)
	if err != nil {
		return fleet.Proof{}, err
	}
	defer c.release()
	switch op {
	case fleet.OpKill:
		return do.kill(ctx, c)
	case fleet.OpFreeze:
		return do.freeze(ctx, c)
	case fleet.OpRestore:
		return do.restore(ctx, c)
	case fleet.OpCordon:
		return do.cordon(ctx, c)
	case fleet.OpUncordon:
		return do.uncordon(ctx, c)
	case fleet.OpKillTier:
		return do.killTier(ctx, c)
	case fleet.OpKillControlPlane:
		return do.killControlPlane(ctx, c)
	case fleet.OpHangStore, fleet.OpFillDisk:
		found, err := storesOf(ctx, do.engine, c, region, do.token).Break(ctx, op.Disk())
		return do.out.prove("%s", found), err
	}
	return fleet.Proof{}, fleet.ErrNumber
}

// turn is what does an op to a region, with its cluster, whose turn the caller has and releases.
func (p *Platform) turn(ctx context.Context, region string) (execution, *cluster, error) {
	c, err := p.clusterOf(region)
	if err != nil {
		return execution{}, nil, err
	}
	if c.container() == "" {
		return execution{}, nil, fmt.Errorf("%w: it is not up yet", fleet.ErrDown)
	}
	e, err := p.detected(ctx)
	if err != nil {
		return execution{}, nil, err
	}
	if err := c.await(ctx); err != nil {
		return execution{}, nil, err
	}
	return execution{engine: e, out: p.out, watches: p.watches, weights: p.weights, ready: p.readiness(e), region: region, token: p.own.token()}, c, nil
}

// readiness waits until regions serve.
func (p *Platform) readiness(e *host.Runtime) readiness {
	return readiness{engine: e, within: p.cfg.ReadyWithin, build: p.cfg.Build, web: p.web}
}

// clusterOf finds the cluster that a region of the fleet is in.
func (p *Platform) clusterOf(region string) (*cluster, error) {
	if c := p.byRegion[region]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("region %s: not in fleet %s, which has %s", region, p.cfg.Fleet.Name, strings.Join(p.cfg.Fleet.Standing().RegionNames(), ", "))
}

// detected is the engine, asked for once.
func (p *Platform) detected(ctx context.Context) (*host.Runtime, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.engine != nil {
		return p.engine, nil
	}
	e, err := host.Detect(ctx)
	if err != nil {
		return nil, err
	}
	p.engine = e
	return e, nil
}
