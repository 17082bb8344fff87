// Package kindfleet runs a fleet of regions as kind clusters, one single-node
// cluster a region, named fleetdrill-FLEET-REGION. It is the only importer of
// kind and of client-go.
//
// Every cluster has a kubeconfig of its own in the fleet's record folder; the
// user's is never read or written. What is ours is recorded before it is made,
// and nothing is removed, killed or paused but a container that is on record and
// carries kind's label of that cluster.
package kindfleet

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// On is what the record of a fleet of kind clusters says that it runs on.
const On = "kind"

// fieldManager owns what server-side apply sets.
const fieldManager = "fleetdrill"

// DefaultReadyWithin is how long a region may take from its cluster's creation to
// its first answer: three regions on two busy cores took 95 s, a laptop that has to
// start cold gets three times that.
const DefaultReadyWithin = 5 * time.Minute

// Config is what a fleet of kind clusters is made of. Fleet and StateDir are needed always,
// AgentBinary for Up.
type Config struct {
	Fleet    drill.Fleet
	StateDir string
	// AgentBinary is a static Linux build of fleetdrill for the engine's
	// architecture; it becomes the image of the regions' pods.
	AgentBinary string
	// NodeImage is the image of the nodes; "" is kind's own default.
	NodeImage string
	// PostgresImage is the image whose PostgreSQL serves datasets of that engine; ""
	// is DefaultPostgresImage. It is used only where there are any.
	PostgresImage string
	// Parallel is how many clusters are created at once; 0 is all of them.
	Parallel int
	// ReadyWithin bounds a region's way from creation, or from a restore, to its
	// first answer; 0 is DefaultReadyWithin.
	ReadyWithin time.Duration

	Report fleet.Report
	Logger *slog.Logger
	Now    func() time.Time
}

// Fleet is a fleet of kind clusters. It implements fleet.Platform.
type Fleet struct {
	cfg     Config
	log     *slog.Logger
	regions []*region
	byName  map[string]*region

	mu     sync.Mutex // guards what follows
	engine *Engine
	file   *record.File
	relays fleet.RelayHost
	upping *upping
	closed bool // no watch is started any more
	// refused is an Up that ended before the fleet was taken, because it is another
	// process's, or not what was asked for, or that failed on a fleet that was there
	// before: then it is not ours to take down either.
	refused bool
	made    bool // by this process, as against joined

	watches sync.WaitGroup
}

// upping is an Up under way: Down ends it and waits.
type upping struct {
	cancel context.CancelFunc
	done   chan struct{}
}

var _ fleet.Platform = (*Fleet)(nil)

// region is one region and its cluster.
type region struct {
	name    string
	cluster string
	node    string // name of the node and of its container

	command sync.Mutex // one command at a time

	mu      sync.Mutex // guards what follows
	id      string     // the node container's
	address string
	kube    *kube
	watch   *watch
	fault   drill.FaultKind // the fault we put on it, or ""
}

// kind accepts these names.
var clusterName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// New prepares a fleet; nothing is made or asked until Up. The error names what in
// the configuration cannot work.
func New(cfg Config) (*Fleet, error) {
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
		cfg.PostgresImage = DefaultPostgresImage
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
	quietKlog()
	f := &Fleet{cfg: cfg, log: cfg.Logger, byName: map[string]*region{}}
	for _, r := range cfg.Fleet.Regions {
		cluster := drill.ClusterName(cfg.Fleet.Name, r.Name)
		node := cluster + "-control-plane"
		if !clusterName.MatchString(cluster) {
			return nil, fmt.Errorf("kind fleet %s: region %q: %q is no name for a cluster: use lower case letters, digits and -", cfg.Fleet.Name, r.Name, cluster)
		}
		if len(cluster) > drill.ClusterNameMax {
			return nil, fmt.Errorf("kind fleet %s: region %q: its cluster's name %q has %d letters, and a node of kind takes %d: shorten the fleet's or the region's name",
				cfg.Fleet.Name, r.Name, cluster, len(cluster), drill.ClusterNameMax)
		}
		if f.byName[r.Name] != nil {
			return nil, fmt.Errorf("kind fleet %s: region %q is there twice", cfg.Fleet.Name, r.Name)
		}
		reg := &region{name: r.Name, cluster: cluster, node: node}
		f.regions = append(f.regions, reg)
		f.byName[r.Name] = reg
	}
	return f, nil
}

// Token implements fleet.Platform. It is "" before Up.
func (f *Fleet) Token() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file == nil {
		return ""
	}
	return f.file.Get().Token
}

// Leave implements fleet.Platform: clusters outlive this process.
func (f *Fleet) Leave() bool {
	f.stopWatching()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file != nil {
		f.file.Unlock()
		f.file, f.made = nil, false
	}
	return true
}

// region finds a region of the fleet.
func (f *Fleet) region(name string) (*region, error) {
	if r := f.byName[name]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("region %s: not in fleet %s, which has %v", name, f.cfg.Fleet.Name, f.cfg.Fleet.RegionNames())
}

// detected is the engine, asked for once.
func (f *Fleet) detected(ctx context.Context) (*Engine, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.engine != nil {
		return f.engine, nil
	}
	e, err := Detect(ctx)
	if err != nil {
		return nil, err
	}
	f.engine = e
	return e, nil
}

// commanded reports a command as the line that a person would type.
func (f *Fleet) commanded(region, line string, args ...any) {
	f.cfg.Report(drill.FleetCommanded{Region: region, Line: fmt.Sprintf(line, args...)})
}

// kubectl is how a person would begin a command to the region's cluster.
func (f *Fleet) kubectl(r *region) string {
	return "kubectl --kubeconfig " + f.kubeconfig(r)
}

// kubeconfigs is the folder of kubeconfigs in the fleet's record folder.
const kubeconfigs = "kubeconfigs"

// kubeconfig is the path of the region's own kubeconfig.
func (f *Fleet) kubeconfig(r *region) string {
	return filepath.Join(f.cfg.StateDir, "fleets", f.cfg.Fleet.Name, kubeconfigs, r.name+".yaml")
}

// prove makes a proof of now.
func (f *Fleet) prove(format string, args ...any) fleet.Proof {
	return fleet.Proof{At: f.cfg.Now(), Text: fmt.Sprintf(format, args...)}
}

// Do implements fleet.Platform.
func (f *Fleet) Do(ctx context.Context, region string, op fleet.Op) (fleet.Proof, error) {
	if err := f.Can(op); err != nil {
		return fleet.Proof{}, fmt.Errorf("%s region %s: %w", op, region, err)
	}
	do := map[fleet.Op]func(context.Context, string) (fleet.Proof, error){
		fleet.OpKill: f.kill, fleet.OpFreeze: f.freeze, fleet.OpRestore: f.restore,
		fleet.OpCordon: f.cordon, fleet.OpUncordon: f.uncordon,
	}[op]
	proof, err := do(ctx, region)
	if err != nil {
		return fleet.Proof{}, fmt.Errorf("%s region %s: %w", op, region, err)
	}
	return proof, nil
}

// Can implements fleet.Platform: an engine whose containers have no freezer can't pause one.
func (f *Fleet) Can(op fleet.Op) error {
	if err := op.Known(); err != nil {
		return err
	}
	f.mu.Lock()
	e := f.engine
	f.mu.Unlock()
	if op == fleet.OpFreeze && e != nil && e.Rootless && e.CgroupV1 {
		return fmt.Errorf("%w: rootless %s with cgroup v1 can't pause a container; partition the region from all others instead, or kill it", fleet.ErrCannot, e.Name)
	}
	return nil
}
