package localfleet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// Down implements fleet.Platform. It ends an Up and commands that are under way, then
// the regions' processes with SIGKILL, then what the record knows besides. After an
// Up that was refused it does nothing: what is there then is not this process's to
// remove. It needs some seconds at the worst and is not cut short by the context: regions
// that stay are worse than a person who waits.
func (f *Fleet) Down(context.Context) error {
	if err := f.down(); err != nil {
		return fmt.Errorf("take down %s: %w", f.cfg.Fleet.Name, err)
	}
	return nil
}

func (f *Fleet) down() error {
	f.downing <- struct{}{}
	defer func() { <-f.downing }()
	f.mu.Lock()
	l := f.life
	f.mu.Unlock()
	if l != nil {
		l.end()
	}
	f.upping <- struct{}{}
	defer func() { <-f.upping }()
	if err := f.endRegions(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.life != nil {
		f.life.end()
		f.life.watches.Wait()
		f.life.nursery.close()
		f.life = nil
	}
	if f.refused {
		return nil
	}
	return f.removeRecord()
}

// endRegions ends every process that this process started.
func (f *Fleet) endRegions() error {
	var group errgroup.Group
	for _, r := range f.regions {
		group.Go(func() error {
			r.turn <- struct{}{}
			defer func() { <-r.turn }()
			c := r.current()
			if c == nil {
				return nil
			}
			if err := f.endRegion(r, c); err != nil {
				return fmt.Errorf("region %s: %w", r.name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

func (f *Fleet) endRegion(r *region, c *child) error {
	stage := drill.StageEntered{Region: r.name, Stage: stageStop, Of: 1, Status: drill.StageRunning}
	f.cfg.Report(stage)
	if c.down() == nil {
		f.commanded(r.name, "kill -KILL %d", c.pid)
	}
	if err := c.kill(); err != nil {
		stage.Status, stage.Detail = drill.StageFailed, err.Error()
		f.cfg.Report(stage)
		return err
	}
	r.mu.Lock()
	r.child, r.frozen, r.cordoned, r.replicas = nil, false, false, nil
	r.mu.Unlock()
	stage.Status, stage.Detail = drill.StageDone, fmt.Sprintf("process %d %s", c.pid, c.end())
	f.cfg.Report(stage)
	return nil
}

// removeRecord ends what the record knows and removes it. The caller holds f.mu.
func (f *Fleet) removeRecord() error {
	if f.file == nil {
		file, err := take(f.cfg.StateDir, f.cfg.Fleet.Name)
		if missing(err) {
			return record.Clear(f.cfg.StateDir, f.cfg.Fleet.Name)
		}
		if err != nil {
			return err
		}
		f.file = file
	}
	if err := f.killRecorded(f.file); err != nil {
		return err
	}
	if err := f.file.Remove(); err != nil {
		return err
	}
	f.file = nil
	return nil
}

// killRecorded ends the recorded processes that are alive, each only if it is the
// very one that was recorded.
func (f *Fleet) killRecorded(file *record.File) error {
	known := file.Get()
	var errs []error
	for _, p := range slices.Concat(known.Processes, known.Kin) {
		if !record.Alive(p) {
			continue
		}
		f.commanded(p.Region, "kill -KILL %d", p.PID)
		if err := record.Kill(p); err != nil {
			errs = append(errs, fmt.Errorf("region %s: %w", p.Region, err))
		}
	}
	for _, r := range known.Fleet.Regions {
		if err := f.sweep(context.Background(), r.Name, filepath.Join(file.Dir(), "regions", r.Name)); err != nil {
			errs = append(errs, fmt.Errorf("region %s: %w", r.Name, err))
		}
	}
	return errors.Join(errs...)
}
