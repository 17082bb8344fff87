// Package zone runs the zones of a region as processes of their own, each one for its share of the web
// replicas and, in one zone, one for the store, and finds out which of them take requests. It is what a local fleet has for the nodes of a cluster: the
// region's own process, with the gateway, stands apart from them, as a cloud's load balancer and control plane do.
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

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// Spec is a process of a zone, and what it has of the region: some web replicas, or the store.
type Spec struct {
	Name     string
	Zone     string
	Replicas []string // names of the web replicas
	Store    bool
}

// Share spreads web replicas over zones, one after the other, a process for those of a zone, and puts the store into a
// process of one zone. Replicas are named after their zone, so that a user's answer says which one served.
func Share(zones []string, storeZone string, replicas int) []Spec {
	var all []Spec
	for i, name := range zones {
		web := Spec{Name: name + "-web", Zone: name}
		for n := i; n < replicas; n += len(zones) {
			web.Replicas = append(web.Replicas, fmt.Sprintf("%s-%d", web.Name, len(web.Replicas)+1))
		}
		if len(web.Replicas) > 0 {
			all = append(all, web)
		}
		if name == storeZone {
			all = append(all, Spec{Name: name + "-store", Zone: name, Store: true})
		}
	}
	return all
}

// Config is what Start needs.
type Config struct {
	Region string
	Specs  []Spec
	// Command makes the command of one of the processes. It announces itself on its standard output, as any
	// agent does, and ends when its standard input does.
	Command func(Spec) *exec.Cmd
	Logger  *slog.Logger
}

// Zones is the processes of a region's zones. Close ends them.
type Zones struct {
	cfg     Config
	checks  sync.WaitGroup
	leaving context.Context
	leave   context.CancelFunc

	mu      sync.Mutex // guards what follows
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

// ErrUnknown is a process that the region's zones have not.
var ErrUnknown = errors.New("no such process in its zones")

// Start starts every process and returns once each answers. The caller Closes, after an error too.
func Start(ctx context.Context, c Config) (*Zones, error) {
	z := &Zones{cfg: c, running: map[string]*process{}}
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
	i := slices.IndexFunc(z.cfg.Specs, func(s Spec) bool { return s.Name == name })
	if i < 0 {
		return fmt.Errorf("%.70q in region %s: %w", name, z.cfg.Region, ErrUnknown)
	}
	p, err := z.process(z.cfg.Specs[i])
	if err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	return z.await(ctx, p)
}

// process is the one that is there, or a new one.
func (z *Zones) process(spec Spec) (*process, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if p := z.running[spec.Name]; p != nil && !p.gone() {
		return p, nil
	}
	if z.leaving.Err() != nil {
		return nil, errors.New("the region is being stopped")
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
		z.cfg.Logger.Info("a process of a zone ended", "process", spec.Name, "pid", cmd.Process.Pid, "end", cmd.ProcessState.String())
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

// Status is every process as it is now, zone by zone.
func (z *Zones) Status() []wire.ZoneProcess {
	z.mu.Lock()
	defer z.mu.Unlock()
	all := make([]wire.ZoneProcess, len(z.cfg.Specs))
	for i, s := range z.cfg.Specs {
		all[i] = wire.ZoneProcess{Name: s.Name, Zone: s.Zone, Replicas: len(s.Replicas), Store: s.Store}
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
	for name, p := range all {
		select {
		case <-p.ended:
		case <-ctx.Done():
			errs = append(errs, fmt.Errorf("%s did not end when asked: %w", name, context.Cause(ctx)))
			_ = p.cmd.Process.Kill()
			<-p.ended
		}
		_ = p.in.Close()
	}
	z.checks.Wait()
	return errors.Join(errs...)
}
