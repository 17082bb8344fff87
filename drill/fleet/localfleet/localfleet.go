// Package localfleet runs a fleet of regions as child processes of this one, one
// process a region, on the loopback alone. It needs no container engine, no root
// and nothing installed.
//
// The regions cannot outlive this process, whatever ends it: each holds the end of
// a pipe from it, and on Linux the kernel ends them with it even when they are
// stopped. (On macOS a stopped region stays until `fleetdrill down`, which finds it in
// the record.) Linux and macOS only: elsewhere nothing offers attributes, and the package
// does not compile.
package localfleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// On is what the record of a local fleet says that it runs on.
const On = "local"

// DefaultReadyWithin is how long a region may take from its start to its first answer:
// five times the 2.8 s that three took on two cores with thirty other jobs waiting.
const DefaultReadyWithin = 15 * time.Second

// Config is what a local fleet is made of. Fleet and StateDir are needed.
type Config struct {
	Fleet    drill.Fleet
	StateDir string
	// Binary is the fleetdrill program, which is run as `BINARY region …`; "" is
	// this very program.
	Binary string
	// Ports is each region's port on the loopback; a region that is not in it gets a
	// free one at every start.
	Ports map[string]int
	// ReadyWithin bounds a region's way from its start to its first answer; 0 is
	// DefaultReadyWithin.
	ReadyWithin time.Duration

	Report fleet.Report
	Logger *slog.Logger
	Now    func() time.Time
}

// Fleet is a fleet of child processes. It implements fleet.Platform.
type Fleet struct {
	cfg     Config
	log     *slog.Logger
	token   string
	probing *http.Client
	regions []*region
	byName  map[string]*region

	upping  chan struct{} // held by the one Up
	downing chan struct{} // held by the one Down

	mu   sync.Mutex // guards what follows
	life *life
	file *record.File
	// refused is an Up that ended before the fleet was taken, because it is another
	// process's: then it is not ours to take down either.
	refused bool
}

var _ fleet.Platform = (*Fleet)(nil)

// life is what runs from the first Up to the end of Down.
type life struct {
	ctx     context.Context
	end     context.CancelFunc
	nursery *nursery
	watches sync.WaitGroup
}

// region is one region and its process.
type region struct {
	name string
	port int
	turn chan struct{} // held by the one command on it
	wake chan struct{} // something changed, look again

	mu       sync.Mutex         // guards what follows
	child    *child             // the last that was started; nil before the first
	frozen   bool               // we stopped it
	cordoned bool               // as on record
	stopLook context.CancelFunc // ends the look under way
	replicas []string           // names of the web replicas that answered when last any did
}

// New prepares a fleet; nothing is made until Up. The error names what in the
// configuration cannot work.
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
	transport := wire.NewTransport()
	// A kept connection would say nothing of whether new ones get through.
	transport.DisableKeepAlives = true
	f := &Fleet{
		cfg: cfg, log: cfg.Logger.With("fleet", name), token: record.NewToken(),
		probing: &http.Client{Transport: transport}, byName: map[string]*region{},
		upping: make(chan struct{}, 1), downing: make(chan struct{}, 1),
	}
	for _, spec := range cfg.Fleet.Regions {
		if err := wire.CheckName("region", spec.Name); err != nil {
			return nil, fmt.Errorf("local fleet %s: %w", name, err)
		}
		if f.byName[spec.Name] != nil {
			return nil, fmt.Errorf("local fleet %s: region %q is there twice", name, spec.Name)
		}
		r := &region{name: spec.Name, port: cfg.Ports[spec.Name], turn: make(chan struct{}, 1), wake: make(chan struct{}, 1)}
		f.regions, f.byName[r.name] = append(f.regions, r), r
	}
	return f, nil
}

// Leave implements fleet.Platform: false, because the regions end with this process.
func (f *Fleet) Leave() bool { return false }

// Token implements fleet.Platform.
func (f *Fleet) Token() string { return f.token }

// Relays implements fleet.Platform: the regions are on this machine's loopback.
func (f *Fleet) Relays() fleet.RelayHost {
	return fleet.RelayHost{Listen: "127.0.0.1", Advertise: "127.0.0.1"}
}

// Address implements fleet.Platform. The error is fleet.ErrDown while the region has no
// process that listens; a frozen one has.
func (f *Fleet) Address(_ context.Context, name string) (string, error) {
	r, err := f.region(name)
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

func (f *Fleet) region(name string) (*region, error) {
	if r := f.byName[name]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("region %q: fleet %s has none of that name, it has %v", name, f.cfg.Fleet.Name, f.cfg.Fleet.RegionNames())
}

func (r *region) current() *child {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.child
}

// whyDown adds to the error of a region without a process that it is meant to have none.
func (r *region) whyDown(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cordoned {
		return fmt.Errorf("%w, it is cordoned; uncordon it first", err)
	}
	return fmt.Errorf("%w; restore it first", err)
}

var errGoing = errors.New("the fleet is being taken down")

// command takes the region for one command. The context ends with the fleet; done
// gives the region back.
func (f *Fleet) command(ctx context.Context, name string) (context.Context, *region, func(), error) {
	r, err := f.region(name)
	if err != nil {
		return nil, nil, nil, err
	}
	f.mu.Lock()
	l := f.life
	f.mu.Unlock()
	if l == nil {
		return nil, nil, nil, fmt.Errorf("%w: the fleet is not up", fleet.ErrDown)
	}
	ctx, cancel := l.bound(ctx)
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		err := l.because(ctx)
		cancel()
		return nil, nil, nil, err
	}
	if ctx.Err() != nil { // both were there to be chosen
		err := l.because(ctx)
		<-r.turn
		cancel()
		return nil, nil, nil, err
	}
	return ctx, r, func() { <-r.turn; cancel() }, nil
}

// bound makes a context end with the fleet's life, for the reason errGoing.
func (l *life) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(l.ctx, func() { cancel(errGoing) })
	return ctx, func() { stop(); cancel(nil) }
}

// because is why a bound context ended.
func (l *life) because(ctx context.Context) error {
	if l.ctx.Err() != nil {
		return errGoing
	}
	return context.Cause(ctx)
}

func (f *Fleet) prove(format string, args ...any) fleet.Proof {
	return fleet.Proof{At: f.cfg.Now(), Text: fmt.Sprintf(format, args...)}
}

func (f *Fleet) commanded(region, format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	f.log.Info("command", "region", region, "line", line)
	f.cfg.Report(drill.FleetCommanded{Region: region, Line: line})
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

// Can implements fleet.Platform: a process can be killed, stopped and asked to end.
func (f *Fleet) Can(op fleet.Op) error { return op.Known() }
