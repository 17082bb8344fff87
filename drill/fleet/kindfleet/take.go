package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// openRecord takes the fleet: it joins the record of one that is there, or records a
// new one, unless a container has one of its names and is not ours. whole says that
// every region's node is there.
func (f *Fleet) openRecord(ctx context.Context, e *host.Runtime) (whole bool, err error) {
	made := false
	file, err := record.Open(f.cfg.StateDir, f.cfg.Fleet.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if whole, err = f.noStrangers(ctx, e, record.Record{}); err != nil {
			return false, err
		}
		file, err = record.Create(f.cfg.StateDir, record.Record{Fleet: f.cfg.Fleet, On: On, Made: f.cfg.Now()})
		if err != nil {
			return false, err
		}
		made = true
	case err != nil:
		return false, err
	default:
		known := file.Get()
		if err := f.mayJoin(known); err != nil {
			return false, fmt.Errorf("%w: %w; take it down first with \"fleetdrill down %s\"", fleet.ErrExists, err, f.cfg.Fleet.Name)
		}
		if whole, err = f.noStrangers(ctx, e, known); err != nil {
			return false, err
		}
	}
	if err := f.take(file, made); err != nil {
		return false, err
	}
	// Links, users and datasets may have changed since; the regions are the same.
	return whole, file.Update(func(r *record.Record) {
		r.Fleet = f.cfg.Fleet
		if usesPostgres(f.cfg.Fleet) {
			r.PostgresImage = f.cfg.PostgresImage
		}
	})
}

// mayJoin says why the fleet that is on record is not one that this one can join.
func (f *Fleet) mayJoin(known record.Record) error {
	if known.On != On {
		return fmt.Errorf("a fleet of that name is on record and runs on %s", known.On)
	}
	if was, is := known.Fleet.RegionNames(), f.cfg.Fleet.RegionNames(); !sameNames(was, is) {
		return fmt.Errorf("the fleet of that name that runs has regions %v and not %v", was, is)
	}
	// A region's store runs as the agent's user or as that of PostgreSQL's image, and
	// neither can read what the other wrote, nor a server what one of another version did.
	was, is := usesPostgres(known.Fleet), usesPostgres(f.cfg.Fleet)
	switch {
	case was && !is:
		return errors.New("the fleet of that name that runs has datasets with engine postgres, and this one has none: its stores would run as another user and could not read what is there")
	case is && !was:
		return errors.New("the fleet of that name that runs has no dataset with engine postgres, and this one has: its stores would run as another user and could not read what is there")
	case is && known.PostgresImage != "" && known.PostgresImage != f.cfg.PostgresImage:
		return fmt.Errorf("the data of the fleet of that name that runs was written by PostgreSQL of image %s, and that of %s may not be able to read it", known.PostgresImage, f.cfg.PostgresImage)
	}
	return nil
}

// take makes this process the one that drives the fleet.
func (f *Fleet) take(file *record.File, made bool) error {
	if err := file.Lock(); err != nil {
		return err
	}
	self, err := record.Self()
	if err == nil {
		err = file.Update(func(r *record.Record) { r.Owner = self })
	}
	if err != nil {
		file.Unlock()
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.file, f.refused = file, false
	// Brought up once more, a fleet that this process made is its own still.
	f.made = f.made || made
	return nil
}

// noStrangers refuses where a container has the name of one of our nodes and is not
// the one on record. whole says that every region has a node that was finished.
func (f *Fleet) noStrangers(ctx context.Context, e *host.Runtime, known record.Record) (whole bool, err error) {
	whole = true
	for _, r := range f.regions {
		c, err := e.Inspect(ctx, r.node)
		if errors.Is(err, host.ErrNoContainer) {
			whole = false
			continue
		}
		if err != nil {
			return false, fmt.Errorf("region %s: look whether its cluster is there: %w", r.name, err)
		}
		on := known.Cluster(r.name)
		if on == nil || !ours(c, on.Name, on.NodeContainerID, known.Made) {
			return false, fmt.Errorf("region %s: %w: container %s, and fleetdrill has no record of making it; if nobody needs it, remove it with \"kind delete cluster --name %s\"",
				r.name, fleet.ErrExists, r.node, r.cluster)
		}
		whole = whole && f.finished(r)
	}
	return whole, nil
}

// finished reports whether kind came to the end with the region's cluster: it writes
// the kubeconfig last.
func (f *Fleet) finished(r *region) bool {
	_, err := os.Stat(f.kubeconfig(r))
	return err == nil
}

func sameNames(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
