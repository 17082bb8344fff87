// Package zone runs parts of a region as processes of their own, and finds out which of them take requests: in a region with
// zones each web replica and, in one zone, the store; in one without, the web replicas that are added while it runs. It is what a
// local fleet has for the nodes of a cluster and the pods on them: the region's own process, with the gateway, stands apart
// from them, as a cloud's load balancer and control plane do.
package zone

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// Spec is such a process: a web replica, or the store.
type Spec struct {
	Name  string
	Zone  string // "" in a region without zones
	Store bool
	// Capacity is of a web replica: requests per second, 0 is any number. Version is what it runs, "" is not said.
	Capacity float64
	Version  string
}

// Replica is the nth web replica of a region, from 0: they are spread over its zones one after the other, and named after
// their zone, so that a user's answer says which one served.
func Replica(zones []string, n int) Spec {
	if len(zones) == 0 {
		return Spec{Name: fmt.Sprintf("web-%d", n+1)}
	}
	in := zones[n%len(zones)]
	return Spec{Name: fmt.Sprintf("%s-web-%d", in, n/len(zones)+1), Zone: in}
}

// Store is the process of the store in a zone.
func Store(zone string) Spec { return Spec{Name: zone + "-store", Zone: zone, Store: true} }

// Config is what Start needs.
type Config struct {
	Region string
	Specs  []Spec // what runs from the start
	// Command makes the command of one of the processes. It announces itself on its standard output, as any
	// agent does, and ends when its standard input does.
	Command func(Spec) *exec.Cmd
	Logger  *slog.Logger
}

// Zones is the processes of a region beside its own. Close ends them.
type Zones struct {
	cfg     Config
	checks  sync.WaitGroup
	leaving context.Context
	leave   context.CancelFunc

	mu      sync.Mutex // guards what follows
	specs   []Spec     // what is to run
	running map[string]*process
}

// process is the last that was started of a spec.
type process struct {
	spec  Spec
	cmd   *exec.Cmd
	in    io.Closer
	addr  string
	ended chan struct{} // closed once it was waited for
	up    bool          // it answered lately
}

// ErrUnknown is a process that is not to run.
var ErrUnknown = errors.New("no such process is to run there")

// Start starts every process and returns once each answers. The caller Closes, after an error too.
func Start(ctx context.Context, c Config) (*Zones, error) {
	z := &Zones{cfg: c, specs: slices.Clone(c.Specs), running: map[string]*process{}}
	z.leaving, z.leave = context.WithCancel(context.Background())
	failed := make(chan error, len(c.Specs))
	for _, s := range c.Specs {
		go func() { failed <- z.Begin(ctx, s.Name) }()
	}
	var errs []error
	for range c.Specs {
		errs = append(errs, <-failed)
	}
	return z, errors.Join(errs...)
}

// Begin starts a process that is not there, and returns once it answers.
func (z *Zones) Begin(ctx context.Context, name string) error {
	p, err := z.process(name)
	if err != nil {
		return fmt.Errorf("start %.70q in region %s: %w", name, z.cfg.Region, err)
	}
	return z.await(ctx, p)
}

// Run adds a process to those that are to run, and returns once it answers.
func (z *Zones) Run(ctx context.Context, s Spec) error {
	z.set(func() {
		if !slices.Contains(z.specs, s) {
			z.specs = append(z.specs, s)
		}
	})
	return z.Begin(ctx, s.Name)
}

// endWithin is how long a process that is to run no longer may take to finish what it serves.
const endWithin = 3 * time.Second

// End takes a process off those that are to run, and returns once it has ended: it finishes what it serves first. One that does
// not, since it stands still, is killed: that it is gone is what was asked for.
func (z *Zones) End(ctx context.Context, name string) error {
	z.mu.Lock()
	p := z.running[name]
	delete(z.running, name)
	z.specs = slices.DeleteFunc(z.specs, func(s Spec) bool { return s.Name == name })
	z.mu.Unlock()
	if p == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, endWithin)
	defer cancel()
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may be gone
	if err := p.awaitEnd(ctx); err != nil {
		z.cfg.Logger.Warn("a process of the region had to be killed", "process", name, "why", err)
	}
	return nil
}

// awaitEnd returns once a process that was asked to end has, and makes it when ctx ends.
func (p *process) awaitEnd(ctx context.Context) (err error) {
	select {
	case <-p.ended:
	case <-ctx.Done():
		err = fmt.Errorf("%s did not end when asked: %w", p.spec.Name, context.Cause(ctx))
		_ = p.cmd.Process.Kill() // it may be gone
		<-p.ended
	}
	_ = p.in.Close() // nothing reads it any more
	return err
}

// process is the one that is there, or a new one.
func (z *Zones) process(name string) (*process, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	i := slices.IndexFunc(z.specs, func(s Spec) bool { return s.Name == name })
	if i < 0 {
		return nil, ErrUnknown
	}
	spec := z.specs[i]
	if p := z.running[spec.Name]; p != nil && !p.gone() {
		return p, nil
	}
	if z.leaving.Err() != nil {
		return nil, errors.New("the region is being stopped")
	}
	if z.cfg.Command == nil {
		return nil, errors.New("it knows no program to start it with")
	}
	cmd := z.cfg.Command(spec)
	// Held open: it ends with this process, whatever ends that.
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{spec: spec, cmd: cmd, in: in, ended: make(chan struct{})}
	z.running[spec.Name] = p
	said := make(chan string, 1)
	go func() {
		said <- announced(out)
		_, _ = io.Copy(io.Discard, out) // ends with the process
		_ = cmd.Wait()
		z.set(func() { p.up = false })
		close(p.ended)
		z.cfg.Logger.Info("a process of the region ended", "process", spec.Name, "pid", cmd.Process.Pid, "end", cmd.ProcessState.String())
	}()
	z.checks.Go(func() {
		select {
		case addr := <-said:
			z.set(func() { p.addr = addr })
			z.watch(p)
		case <-z.leaving.Done():
		}
	})
	return p, nil
}

// announced is where a process says that it listens; "" where it does not.
func announced(out io.Reader) string {
	line, err := bufio.NewReader(io.LimitReader(out, 4<<10)).ReadBytes('\n')
	var said wire.Announcement
	if err != nil || json.Unmarshal(line, &said) != nil {
		return ""
	}
	return said.Addr
}

func (p *process) gone() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func (z *Zones) set(change func()) {
	z.mu.Lock()
	defer z.mu.Unlock()
	change()
}

// Takes reports whether a process takes requests: it answered when it was asked last, and has not ended since.
func (z *Zones) Takes(name string) bool {
	z.mu.Lock()
	defer z.mu.Unlock()
	p := z.running[name]
	return p != nil && p.up && !p.gone()
}

// Status is every process as it is now.
func (z *Zones) Status() []wire.ZoneProcess {
	z.mu.Lock()
	defer z.mu.Unlock()
	all := make([]wire.ZoneProcess, len(z.specs))
	for i, s := range z.specs {
		all[i] = wire.ZoneProcess{Name: s.Name, Zone: s.Zone, Store: s.Store}
		if p := z.running[s.Name]; p != nil && !p.gone() {
			all[i].PID, all[i].Up = p.cmd.Process.Pid, p.up
		}
	}
	return all
}

// Close asks every process to end, in good order where it does so before ctx ends.
func (z *Zones) Close(ctx context.Context) error {
	z.leave()
	z.mu.Lock()
	all := z.running
	z.running = map[string]*process{}
	z.mu.Unlock()
	for _, p := range all {
		_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may be gone
	}
	var errs []error
	for _, p := range all {
		errs = append(errs, p.awaitEnd(ctx))
	}
	z.checks.Wait()
	return errors.Join(errs...)
}
