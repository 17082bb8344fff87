package localfleet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/below"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// ownership is the fleet's record, once it is this process's.
type ownership struct {
	record.Claim
	state string // folder
	spec  topology.Fleet
	token string
	stays bool // the fleet outlives this process
	out   reporter
}

// open records the fleet, unless this process has done so already. Platform.upping is held, as it is
// for remove.
func (o *ownership) open() error {
	if o.File() != nil {
		return nil
	}
	for {
		file, err := record.Create(o.state, record.Record{Fleet: o.spec, On: On, Token: o.token, Made: o.out.now(), Stays: o.stays})
		if errors.Is(err, fleet.ErrExists) && o.stays {
			if joined, err := o.join(); joined || err != nil {
				return err
			}
		}
		if errors.Is(err, fleet.ErrExists) {
			if err := removeStale(o.state, o.spec.Name, o.out); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		o.Take(file, false)
		return lockOwn(file)
	}
}

// remove ends what the record knows and removes it.
func (o *ownership) remove() error {
	file := o.File()
	if file == nil {
		var err error
		file, err = acquire(o.state, o.spec.Name)
		if missing(err) {
			return record.Clear(o.state, o.spec.Name)
		}
		if err != nil {
			return err
		}
		o.Take(file, false)
	}
	if err := killRecorded(file, o.out); err != nil {
		return err
	}
	return o.Remove()
}

// readBack is what the record on disk says of the region.
func (o *ownership) readBack(region string) (string, error) {
	file, err := record.Open(o.state, o.spec.Name)
	if err != nil {
		return "", fmt.Errorf("read back: %w", err)
	}
	known := file.Get()
	if known.IsCordoned(region) {
		return unschedulable, nil
	}
	return "schedulable", nil
}

const unschedulable = "unschedulable"

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
func removeStale(state, name string, out reporter) error {
	file, err := acquire(state, name)
	if missing(err) {
		return nil // its owner has just removed it
	}
	if err != nil {
		return err
	}
	if err := killRecorded(file, out); err != nil {
		file.Unlock()
		return err
	}
	return file.Remove()
}

// acquire opens and locks the record of a local fleet that no living process drives.
func acquire(state, name string) (*record.File, error) {
	file, err := record.Open(state, name)
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
		err = &record.LockedError{Fleet: name, PID: known.Owner.PID}
	default:
		return file, nil
	}
	file.Unlock()
	return nil, err
}

// killRecorded ends the recorded processes that are alive, each only if it is the
// very one that was recorded.
func killRecorded(file *record.File, out reporter) error {
	known := file.Get()
	var errs []error
	for _, p := range slices.Concat(known.Processes, known.Descendants) {
		if !record.Alive(p) {
			continue
		}
		out.commanded(p.Region, "kill -KILL %d", p.PID)
		if err := record.Kill(p); err != nil {
			errs = append(errs, fmt.Errorf("region %s: %w", p.Region, err))
		}
	}
	for _, r := range known.Fleet.Standing().Regions {
		if err := sweep(context.Background(), out, r.Name, filepath.Join(file.Dir(), "regions", r.Name)); err != nil {
			errs = append(errs, fmt.Errorf("region %s: %w", r.Name, err))
		}
		for _, d := range known.Fleet.Datasets {
			at := server.Folders{Dir: filepath.Join(file.Dir(), "regions", r.Name, d.Name)}
			errs = append(errs, server.FreeShared(at.Data()))
		}
	}
	return errors.Join(errs...)
}

// sweep ends what a region's process left when it ended without ours doing.
func sweep(ctx context.Context, out reporter, region, folder string) error {
	left, err := below.Orphans(ctx, folder)
	if err != nil || len(left) == 0 {
		return err
	}
	for _, p := range left {
		out.commanded(region, "kill -KILL %d", p.PID)
	}
	if err := below.KillAll(left); err != nil {
		return fmt.Errorf("end what the region's last process left: %w", err)
	}
	return nil
}
