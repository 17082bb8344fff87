package localfleet

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// The stages of a region's bring-up, and about how long each takes: to start is 0.1 s
// of processor time a region (measured), so three regions on two cores; to wait is the
// first probe, unless the machine is busy.
const (
	stageStart, expectStart = "start process", 150 * time.Millisecond
	stageWait, expectWait   = "wait for gateway", 20 * time.Millisecond
	stageStop               = "stop process"
)

// Up implements fleet.Platform. What another process left of a fleet of that name is
// removed first, its data too; if that process is alive the error names it. Called
// again, it starts the regions that are down and not cordoned.
func (f *Fleet) Up(ctx context.Context) error {
	if err := f.up(ctx); err != nil {
		return fmt.Errorf("bring up %s: %w", f.cfg.Fleet.Name, err)
	}
	return nil
}

func (f *Fleet) up(ctx context.Context) error {
	select {
	case f.upping <- struct{}{}:
		defer func() { <-f.upping }()
	default:
		return errors.New("it is being brought up already")
	}
	l := f.live()
	ctx, cancel := l.bound(ctx)
	defer cancel()
	if ctx.Err() != nil {
		return l.because(ctx)
	}
	if err := f.openRecord(); err != nil {
		return err
	}
	group, together := errgroup.WithContext(ctx)
	for _, r := range f.regions {
		group.Go(func() error {
			if err := f.upRegion(together, l, r); err != nil {
				return fmt.Errorf("region %s: %w", r.name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// live is the fleet's life, begun if it has none.
func (f *Fleet) live() *life {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.life != nil {
		return f.life
	}
	ctx, end := context.WithCancel(context.Background())
	l := &life{ctx: ctx, end: end, nursery: openNursery()}
	f.life, f.refused = l, f.file == nil
	for _, r := range f.regions {
		l.watches.Go(func() { f.watch(l.ctx, r) })
	}
	return l
}

// openRecord records the fleet, unless this process has done so already.
func (f *Fleet) openRecord() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file != nil {
		return nil
	}
	for {
		file, err := record.Create(f.cfg.StateDir, record.Record{Fleet: f.cfg.Fleet, On: On, Token: f.token, Made: f.cfg.Now()})
		if errors.Is(err, fleet.ErrExists) {
			if err := f.removeStale(); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		f.file, f.refused = file, false
		return lockOwn(file)
	}
}

// lockOwn locks a record that was just made. Who looks whether it is stale holds it
// for a moment.
func lockOwn(file *record.File) error {
	for try := 0; ; try++ {
		err := file.Lock()
		if !errors.Is(err, record.ErrLocked) || try == 100 {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// removeStale removes what a process that is dead left of a fleet of this name.
func (f *Fleet) removeStale() error {
	file, err := take(f.cfg.StateDir, f.cfg.Fleet.Name)
	if missing(err) {
		return nil // its owner has just removed it
	}
	if err != nil {
		return err
	}
	if err := f.killRecorded(file); err != nil {
		file.Unlock()
		return err
	}
	return file.Remove()
}

// take opens and locks the record of a local fleet that no living process drives.
func take(stateDir, name string) (*record.File, error) {
	file, err := record.Open(stateDir, name)
	if err != nil {
		return nil, err
	}
	if err := file.Lock(); err != nil {
		return nil, err
	}
	known := file.Get()
	self, err := record.Self()
	switch {
	case err != nil:
	case known.On != On:
		err = fmt.Errorf("%w: the fleet of that name on record runs on %s; take it down first with \"fleetdrill down %s\"", fleet.ErrExists, known.On, name)
	case record.Alive(known.Owner) && !known.Owner.Same(self):
		err = fmt.Errorf("%w: %w", fleet.ErrExists, &record.LockedError{Fleet: name, PID: known.Owner.PID})
	default:
		return file, nil
	}
	file.Unlock()
	return nil, err
}

// upRegion starts the region, or wakes it, unless it is cordoned.
func (f *Fleet) upRegion(ctx context.Context, l *life, r *region) error {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return l.because(ctx)
	}
	r.mu.Lock()
	cordoned := r.cordoned
	r.mu.Unlock()
	if cordoned {
		return nil
	}
	stage := drill.StageEntered{Region: r.name, Stage: stageStart, Of: 2, Status: drill.StageRunning, Expected: expectStart}
	f.cfg.Report(stage)
	err := f.revive(ctx, l, r)
	if err == nil {
		c := r.current()
		stage.Status, stage.Detail = drill.StageDone, fmt.Sprintf("process %d", c.pid)
		f.cfg.Report(stage)
		stage = drill.StageEntered{Region: r.name, Stage: stageWait, Index: 1, Of: 2, Status: drill.StageRunning, Detail: c.address(), Expected: expectWait}
		f.cfg.Report(stage)
		err = f.serving(ctx, r)
	}
	stage.Status = drill.StageDone
	if err != nil {
		stage.Status, stage.Detail = drill.StageFailed, err.Error()
	}
	f.cfg.Report(stage)
	return err
}

// revive sees to it that the region has a process that runs and listens: it starts
// one where there is none, and continues one that is stopped. The caller has the turn.
func (f *Fleet) revive(ctx context.Context, l *life, r *region) error {
	ctx, cancel := f.ready(ctx)
	defer cancel()
	c := r.current()
	if c.down() == nil && c.expected.Load() { // it was asked to end and has not yet
		if err := c.kill(); err != nil {
			return err
		}
	}
	if c.down() != nil {
		var err error
		if c, err = f.start(ctx, l, r); err != nil {
			return err
		}
	} else if stopped, err := isStopped(ctx, c.pid); err == nil && stopped {
		if err := f.thaw(ctx, r, c); err != nil {
			return err
		}
	}
	if _, err := c.awaitAddress(ctx); err != nil {
		// Without an address it is of no use, and the next try would wait for the same.
		if l.ctx.Err() == nil {
			err = errors.Join(err, c.kill())
		}
		return err
	}
	r.changed()
	return nil
}

// serving returns once the region's gateway answers.
func (f *Fleet) serving(ctx context.Context, r *region) error {
	ctx, cancel := f.ready(ctx)
	defer cancel()
	_, err := f.awaitAnswer(ctx, r.current(), r.name)
	r.changed()
	return err
}

// ready bounds the wait for a region.
func (f *Fleet) ready(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, f.cfg.ReadyWithin, fmt.Errorf("%w for %s", context.DeadlineExceeded, f.cfg.ReadyWithin))
}

// start makes a process for a region that has none, and records it.
func (f *Fleet) start(ctx context.Context, l *life, r *region) (*child, error) {
	f.mu.Lock()
	file := f.file
	f.mu.Unlock()
	data, err := file.MakeDir("regions", r.name)
	if err != nil {
		return nil, err
	}
	logs, err := file.MakeDir("logs")
	if err != nil {
		return nil, err
	}
	if err := f.sweep(ctx, r.name, data); err != nil {
		return nil, err
	}
	args := f.arguments(r, data)
	cmd := exec.Command(f.cfg.Binary, args...)
	cmd.Env = append(cmd.Environ(), tokenVariable+"="+f.token)
	f.commanded(r.name, "%s %s", filepath.Base(f.cfg.Binary), strings.Join(args, " "))
	c, err := birth(ctx, l.nursery, cmd, filepath.Join(logs, r.name+".log"))
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", f.cfg.Binary, err)
	}
	// Before anybody waits for it, so that the PID is its own even if it is dead.
	identity, unidentified := record.Identify(c.pid)
	r.mu.Lock()
	r.child, r.frozen = c, false
	r.mu.Unlock()
	l.watches.Go(c.listen)
	l.watches.Go(func() {
		c.reap()
		f.died(l, r, c)
	})
	r.changed()
	// It is not recorded before it is there, because it has no number until then; what
	// ends this process in between ends the child too.
	switch {
	case missing(unidentified):
		return c, nil // dead already; the caller will notice
	case unidentified != nil:
		return nil, errors.Join(unidentified, c.kill())
	}
	identity.Region = r.name
	if err := file.Update(func(known *record.Record) { known.SetProcess(identity) }); err != nil {
		return nil, errors.Join(err, c.kill())
	}
	return c, nil
}

// tokenVariable hands the fleet's secret to a region: a command line can be read by
// every user of the machine.
const tokenVariable = "FLEETDRILL_TOKEN"

func (f *Fleet) arguments(r *region, data string) []string {
	web := f.cfg.Fleet.Web
	return []string{
		"region", "--role", "all", "--region", r.name,
		"--listen", "127.0.0.1:" + strconv.Itoa(r.port), "--data", data,
		"--web-replicas", strconv.Itoa(f.webWanted()),
		"--capacity", strconv.FormatFloat(web.Capacity, 'f', -1, 64),
		"--die-with-parent",
	}
}

func (f *Fleet) webWanted() int { return max(1, f.cfg.Fleet.Web.Replicas) }

// died notes the end of a region's process. One that nobody here ended is news.
func (f *Fleet) died(l *life, r *region, c *child) {
	r.changed()
	if c.expected.Load() || l.ctx.Err() != nil {
		return
	}
	f.log.Warn("a region's process ended by itself", "region", r.name, "pid", c.pid, "end", c.end())
	f.cfg.Report(drill.TaskFailed{
		Task:  "region " + r.name,
		Error: fmt.Sprintf("process %d %s, and fleetdrill did not do it%s", c.pid, c.end(), c.lastWords()),
		Next:  "restore " + r.name + " starts it again",
	})
}
