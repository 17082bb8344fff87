package localfleet

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/build"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/argument"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/below"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// starter starts regions' processes and waits until they serve.
type starter struct {
	binary      string
	build       string // that it must announce; "" takes any
	token       string
	stays       bool // regions outlive this process
	web         topology.Web
	fleet       topology.Fleet
	readyWithin time.Duration
	out         reporter
	own         *ownership
	probe       prober
}

// revive sees to it that the region has a process that runs and listens: it starts
// one where there is none, and continues one that is stopped. The caller has the turn.
func (b starter) revive(ctx context.Context, s *session, r *region) error {
	ctx, cancel := b.ready(ctx)
	defer cancel()
	c, found := r.current(), true
	if c.down() == nil && c.expected.Load() { // it was asked to end and has not yet
		if err := c.kill(); err != nil {
			return err
		}
	}
	if c.down() != nil {
		var err error
		found = false
		if c, err = b.start(ctx, s, r); err != nil {
			return err
		}
	} else if stopped, err := below.Stopped(ctx, c.pid); err == nil && stopped {
		if err := b.thaw(ctx, r, c); err != nil {
			return err
		}
	}
	_, err := c.awaitAddress(ctx)
	if err == nil {
		err = build.Same(b.build, c.build)
	}
	if err == nil && b.stays {
		err = b.own.File().Update(func(known *record.Record) {
			if p := known.Process(r.name); p != nil {
				p.Address, p.Build = c.addr, c.build
			}
		})
	}
	if err != nil {
		// Without an address it is of no use, and the next try would wait for the same. One
		// that ran before and has an address is not ended because another region failed.
		if s.ctx.Err() == nil && (!found || c.address() == "") {
			err = errors.Join(err, c.kill())
		}
		return err
	}
	r.changed()
	return nil
}

// serving returns once the region's gateway answers.
func (b starter) serving(ctx context.Context, r *region) error {
	ctx, cancel := b.ready(ctx)
	defer cancel()
	err := b.parts(ctx, r)
	if err == nil {
		_, err = b.probe.awaitWhole(ctx, r.current(), r)
	}
	if err == nil && b.stays && r.config == nil {
		err = b.probe.match(ctx, r)
	}
	r.changed()
	return err
}

// ready bounds the wait for a region.
func (b starter) ready(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, b.readyWithin, fmt.Errorf("%w for %s", context.DeadlineExceeded, b.readyWithin))
}

// start makes a process for a region that has none, and records it.
func (b starter) start(ctx context.Context, s *session, r *region) (*child, error) {
	file := b.own.File()
	data, err := file.MakeDir("regions", r.name)
	if err != nil {
		return nil, err
	}
	logs, err := file.MakeDir("logs")
	if err != nil {
		return nil, err
	}
	if err := sweep(ctx, b.out, r.name, data); err != nil {
		return nil, err
	}
	args := argument.List(argument.Region{Spec: r.spec, Port: r.port, Data: data, Web: r.webWanted(), Tier: b.web, Config: r.config, More: topology.AgentArguments(b.fleet, r.name)})
	cmd := exec.Command(b.binary, args...)
	cmd.Env = append(cmd.Environ(), tokenVariable+"="+b.token)
	b.out.commanded(r.name, "%s %s", filepath.Base(b.binary), strings.Join(args, " "))
	c, err := spawn(ctx, s.spawner, cmd, filepath.Join(logs, r.name+".log"), b.stays)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", b.binary, err)
	}
	// Before anybody waits for it, so that the PID is its own even if it is dead.
	identity, unidentified := record.Identify(c.pid)
	identity.Region = r.name
	s.watches.Go(c.listen)
	s.watches.Go(func() {
		if b.stays && unidentified == nil {
			if !c.follow(identity) {
				return // the fleet was left
			}
		} else {
			c.reap()
		}
		b.died(s, r, c)
	})
	r.started(c)
	// It is not recorded before it is there, because it has no number until then; what
	// ends this process in between ends the child too.
	switch {
	case missing(unidentified):
		return c, nil // dead already; the caller will notice
	case unidentified != nil:
		return nil, errors.Join(unidentified, c.kill())
	}
	if err := file.Update(func(known *record.Record) { known.SetProcess(identity) }); err != nil {
		return nil, errors.Join(err, c.kill())
	}
	if b.stays {
		return tellToStay(c)
	}
	return c, nil
}

// tokenVariable hands the fleet's secret to a region: a command line can be read by
// every user of the machine.
const tokenVariable = "FLEETDRILL_TOKEN"

// died reports the end of a region's process. One that nobody here ended is news.
func (b starter) died(s *session, r *region, c *child) {
	r.changed()
	if c.expected.Load() || s.ctx.Err() != nil {
		return
	}
	b.out.log.Warn("a region's process ended by itself", "region", r.name, "pid", c.pid, "end", c.end())
	b.out.to(drill.TaskFailed{
		Task:  "region " + r.name,
		Error: fmt.Sprintf("process %d %s, and fleetdrill did not do it%s", c.pid, c.end(), c.lastWords()),
		Next:  "restore " + r.name + " starts it again",
	})
}

// back revives the region and waits until it serves, and returns what that took and
// who answered. The caller has the turn.
func (b starter) back(ctx context.Context, s *session, r *region) (string, error) {
	was := r.current()
	how := "runs"
	if was.down() != nil {
		how = "started"
	} else if stopped, err := below.Stopped(ctx, was.pid); err == nil && stopped {
		how = "continued"
	}
	if err := b.revive(ctx, s, r); err != nil {
		return "", err
	}
	c := r.current()
	if err := b.parts(ctx, r); err != nil {
		return "", err
	}
	ready, cancel := b.ready(ctx)
	defer cancel()
	health, err := b.probe.awaitWhole(ready, c, r)
	// A signal takes effect after kill returns: one that somebody else sent may stop it only now.
	for errors.Is(err, errStopped) {
		how = "continued"
		if err = b.thaw(ready, r, c); err == nil {
			health, err = b.probe.awaitWhole(ready, c, r)
		}
	}
	r.changed()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("process %d %s, %s of %s answers, started %s",
		c.pid, how, health.Replica, health.Region, health.Started.Local().Format("15:04:05.000")), nil
}

// thaw continues a stopped process.
func (b starter) thaw(ctx context.Context, r *region, c *child) error {
	b.out.commanded(r.name, "kill -CONT %d", c.pid)
	// From below, so that it finds all that it works with at work.
	if err := below.Continue(ctx, c.pid); err != nil {
		return err
	}
	if err := c.signal(unix.SIGCONT); err != nil {
		return fmt.Errorf("continue process %d: %w", c.pid, err)
	}
	if err := awaitStopped(ctx, c, false); err != nil {
		return err
	}
	r.setFrozen(false)
	return nil
}
