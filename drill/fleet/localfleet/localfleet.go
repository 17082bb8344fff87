// Package localfleet runs a fleet of regions as child processes of this one, one
// process a region, on the loopback alone. It needs no container engine, no root
// and nothing installed. A failure domain of several regions is several processes that
// share their fate.
//
// Unless they are made to stay (Config.Stay), the regions cannot outlive this process,
// whatever ends it: each holds the end of
// a pipe from it, and on Linux the kernel ends them with it even when they are
// stopped. (On macOS a stopped region stays until `fleetdrill down`, which finds it in
// the record.) Linux and macOS only: elsewhere nothing offers attributes, and the package
// does not compile.
package localfleet

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// On is what the record of a local fleet says that it runs on.
const On = "local"

// DefaultReadyWithin is how long a region may take from its start to its first answer:
// five times the 2.8 s that three took on two cores with thirty other jobs waiting.
const DefaultReadyWithin = 15 * time.Second

// Config is what a local fleet is made of. Fleet and StateDir are needed.
type Config struct {
	Fleet    topology.Fleet
	StateDir string
	// Binary is the agent, which is run as `BINARY region …`; "" is this very
	// program. Build is what it must announce as its build, "" takes any.
	Binary string
	Build  string
	// Ports is each region's port on the loopback; a region that is not in it gets a
	// free one at every start.
	Ports map[string]int
	// Stay makes regions that outlive this process, for Leave. A fleet on record that was
	// made so is joined, whatever this says.
	Stay bool
	// ReadyWithin bounds a region's way from its start to its first answer; 0 is
	// DefaultReadyWithin.
	ReadyWithin time.Duration

	Report fleet.Report
	Logger *slog.Logger
	Now    func() time.Time
}

// Platform is a fleet of child processes. It implements fleet.Platform.
type Platform struct {
	cfg      Config
	out      reporter
	own      *ownership
	probe    prober
	starter  starter
	regions  []*region
	byName   map[string]*region
	governed // the same regions

	upping  chan struct{} // held by the one Up
	downing chan struct{} // held by the one Down

	mu      sync.Mutex // guards what follows
	session *session
}

var _ fleet.Platform = (*Platform)(nil)

// New prepares a fleet; nothing is made until Up. The error names what in the
// configuration cannot work.
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
	if cfg.ReadyWithin == 0 {
		cfg.ReadyWithin = DefaultReadyWithin
	}
	name := cfg.Fleet.Name
	if cfg.StateDir == "" {
		return nil, fmt.Errorf("local fleet %s: no state folder given", name)
	}
	if len(cfg.Fleet.Regions) == 0 {
		return nil, fmt.Errorf("local fleet %s: has no regions", name)
	}
	if cfg.Binary == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("local fleet %s: find this program's own file: %w", name, err)
		}
		cfg.Binary = self
	}
	out := reporter{to: cfg.Report, now: cfg.Now, log: cfg.Logger.With("fleet", name)}
	token, stays := record.NewToken(), cfg.Stay
	if left := leftToken(cfg.StateDir, name); left != "" {
		token, stays = left, true
	}
	probe := newProber(token)
	own := &ownership{state: cfg.StateDir, spec: cfg.Fleet, token: token, stays: stays, out: out}
	p := &Platform{
		cfg: cfg, out: out, own: own, probe: probe, byName: map[string]*region{}, governed: governed{},
		starter: starter{binary: cfg.Binary, build: cfg.Build, token: token, stays: stays, web: cfg.Fleet.Web, fleet: cfg.Fleet, readyWithin: cfg.ReadyWithin, out: out, own: own, probe: probe},
		upping:  make(chan struct{}, 1), downing: make(chan struct{}, 1),
	}
	for _, spec := range cfg.Fleet.Standing().Regions {
		if err := wire.CheckName("region", spec.Name); err != nil {
			return nil, fmt.Errorf("local fleet %s: %w", name, err)
		}
		if p.byName[spec.Name] != nil {
			return nil, fmt.Errorf("local fleet %s: region %q is there twice", name, spec.Name)
		}
		r := newRegion(spec, cfg.Ports[spec.Name], topology.WebReplicas(cfg.Fleet, spec.Name))
		if topology.Governs(cfg.Fleet, r.name) {
			r.config, r.web = cfg.Fleet.Config, 0
		}
		p.regions, p.byName[r.name], p.governed[r.name] = append(p.regions, r), r, r
	}
	return p, nil
}

// Token implements fleet.Platform.
func (p *Platform) Token() string { return p.own.token }

// Relays implements fleet.Platform: the regions are on this machine's loopback.
func (p *Platform) Relays() fleet.RelayHost {
	return fleet.RelayHost{Listen: "127.0.0.1", Advertise: "127.0.0.1"}
}

// Address implements fleet.Platform. The error is fleet.ErrDown while the region has no
// process that listens; a frozen one has.
func (p *Platform) Address(_ context.Context, name string) (string, error) {
	r, err := p.region(name)
	if err != nil {
		return "", err
	}
	c := r.current()
	if err := c.down(); err != nil {
		return "", fmt.Errorf("address of region %s: %w", name, r.whyDown(err))
	}
	if addr := c.address(); addr != "" {
		return addr, nil
	}
	return "", fmt.Errorf("address of region %s: %w: process %d does not listen yet", name, fleet.ErrDown, c.pid)
}

func (p *Platform) region(name string) (*region, error) {
	if r := p.byName[name]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("region %q: fleet %s has none of that name, it has %s", name, p.cfg.Fleet.Name, strings.Join(p.cfg.Fleet.Standing().RegionNames(), ", "))
}

// current is the session; nil while the fleet is not up.
func (p *Platform) current() *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.session
}

// Can implements fleet.Platform: a process can be killed, stopped and asked to end.
// A region here has no control plane of its own.
func (p *Platform) Can(op fleet.Op) error {
	if op == fleet.OpKillControlPlane {
		return &fleet.Cannot{Why: "a region on " + On + " is processes without an API server", Next: "run the fleet with --on kind, or kill-tier, which leaves the data"}
	}
	return op.Known()
}

// execution is what ops are done with.
func (p *Platform) execution(s *session) execution {
	return execution{session: s, starter: p.starter, out: p.out, own: p.own, probe: p.probe, graceful: graceful(p.cfg.Fleet)}
}

// Do implements fleet.Platform.
func (p *Platform) Do(ctx context.Context, region string, op fleet.Op) (fleet.Proof, error) {
	proof, err := p.do(ctx, region, op)
	if err != nil {
		return fleet.Proof{}, fmt.Errorf("%s region %s: %w", op, region, err)
	}
	return proof, nil
}

func (p *Platform) do(ctx context.Context, name string, op fleet.Op) (fleet.Proof, error) {
	if err := p.Can(op); err != nil {
		return fleet.Proof{}, err
	}
	named, err := p.region(name)
	if err != nil {
		return fleet.Proof{}, err
	}
	s := p.current()
	if s == nil {
		return fleet.Proof{}, fmt.Errorf("%w: the fleet is not up", fleet.ErrDown)
	}
	on := []*region{named}
	if op == fleet.OpKill || op == fleet.OpFreeze || op == fleet.OpRestore {
		on = nil
		for _, r := range p.cfg.Fleet.Domain(name) {
			on = append(on, p.byName[r])
		}
	}
	ctx, cancel := s.bound(ctx)
	defer cancel()
	for _, r := range on { // in the file's order, so that two commands never wait for each other
		if err := r.await(ctx); err != nil {
			return fleet.Proof{}, s.reason(ctx)
		}
		defer r.release()
	}
	if ctx.Err() != nil { // both were there to be chosen
		return fleet.Proof{}, s.reason(ctx)
	}
	do := p.execution(s)
	each := map[fleet.Op]func(context.Context, *region) (string, error){
		fleet.OpKill: do.kill, fleet.OpFreeze: do.freeze, fleet.OpRestore: do.restore,
		fleet.OpCordon: do.cordon, fleet.OpUncordon: do.uncordon, fleet.OpKillTier: do.killTier,
		fleet.OpHangStore: do.breaksStores(op.Disk()), fleet.OpFillDisk: do.breaksStores(op.Disk()),
	}[op]
	if each == nil {
		return fleet.Proof{}, fleet.ErrNumber
	}
	found, err := together(ctx, named, on, each)
	if err != nil {
		return fleet.Proof{}, err
	}
	return p.out.prove("%s", found), nil
}
