package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/image"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/removal"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// ownership is the fleet's record, once it is this process's.
type ownership struct {
	record.Claim
	state         string // folder
	spec          topology.Fleet
	stays         bool // the fleet is made to be left
	postgresImage string
	now           func() time.Time
}

// token is the fleet's secret, "" without a record.
func (o *ownership) token() string {
	if file := o.File(); file != nil {
		return file.Get().Token
	}
	return ""
}

// open joins the record of a fleet that is there, or records a new one, unless a
// container has one of its names and is not ours. complete says that every node is there.
// Called again, it keeps the record that this process has.
func (o *ownership) open(ctx context.Context, e *host.Runtime, clusters []*cluster) (complete bool, err error) {
	file, made := o.File(), false
	if file == nil {
		file, err = record.Open(o.state, o.spec.Name)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if complete, err = compatible(ctx, e, clusters, record.Record{}); err != nil {
			return false, err
		}
		file, err = record.Create(o.state, record.Record{Fleet: o.spec, On: On, Made: o.now(), Stays: o.stays})
		if err != nil {
			return false, err
		}
		made = true
	case err != nil:
		return false, err
	default:
		known := file.Get()
		if err := o.mayJoin(known); err != nil {
			return false, fmt.Errorf("%w: %w; take it down first with \"fleetdrill down %s\"", fleet.ErrExists, err, o.spec.Name)
		}
		if complete, err = compatible(ctx, e, clusters, known); err != nil {
			return false, err
		}
	}
	if o.File() == nil {
		if err := o.acquire(file, made); err != nil {
			return false, err
		}
	}
	// Links, users and datasets may have changed since; the regions are the same.
	return complete, file.Update(func(r *record.Record) {
		r.Fleet, r.Stays = o.spec, r.Stays || o.stays
		if image.UsesPostgres(o.spec) {
			r.PostgresImage = o.postgresImage
		}
	})
}

// openForDown acquires the record of a fleet that is to be taken down, if it has not yet.
func (o *ownership) openForDown() (*record.File, error) {
	if file := o.File(); file != nil {
		return file, nil
	}
	file, err := record.Open(o.state, o.spec.Name)
	if err != nil {
		return nil, err
	}
	return file, o.acquire(file, false)
}

// acquire makes this process the one that drives the fleet. made says that it has just
// recorded it. A fleet that nobody left on purpose is what a killed process could not take
// down: who drives it next takes it down as its own.
func (o *ownership) acquire(file *record.File, made bool) error {
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
	o.Take(file, !made && file.Get().Stays)
	return nil
}

// recordedNode is the node container of a region that another process brought up,
// "" when none is on record: `status` asks regions that it does not drive.
func (o *ownership) recordedNode(region string) string {
	file, err := record.Open(o.state, o.spec.Name)
	if err != nil {
		return ""
	}
	r := file.Get()
	if c := r.Cluster(region); c != nil {
		return c.NodeContainerID
	}
	return ""
}

// mayJoin refuses the fleet that is on record where this one can't join it.
func (o *ownership) mayJoin(known record.Record) error {
	if known.On != On {
		return fmt.Errorf("a fleet of that name is on record and runs on %s", known.On)
	}
	if was, is := known.Fleet.Standing().RegionNames(), o.spec.Standing().RegionNames(); !sameNames(was, is) {
		return fmt.Errorf("the fleet of that name that runs has regions %v and not %v", was, is)
	}
	for _, r := range o.spec.Standing().RegionNames() {
		if was, is := known.Fleet.Domain(r), o.spec.Domain(r); !slices.Equal(was, is) {
			return fmt.Errorf("the fleet of that name that runs has %v in one cluster and not %v", was, is)
		}
	}
	// A region's store runs as the agent's user or as that of PostgreSQL's image, and
	// neither can read what the other wrote, nor a server what one of another version did.
	was, is := image.UsesPostgres(known.Fleet), image.UsesPostgres(o.spec)
	switch {
	case was && !is:
		return errors.New("the fleet of that name that runs has datasets with engine postgres, and this one has none: its stores would run as another user and could not read what is there")
	case is && !was:
		return errors.New("the fleet of that name that runs has no dataset with engine postgres, and this one has: its stores would run as another user and could not read what is there")
	case is && known.PostgresImage != "" && known.PostgresImage != o.postgresImage:
		return fmt.Errorf("the data of the fleet of that name that runs was written by PostgreSQL of image %s, and that of %s may not be able to read it", known.PostgresImage, o.postgresImage)
	}
	return nil
}

// compatible refuses where a container has the name of one of our nodes and is not the
// one on record. complete says that every cluster has a node that was finished.
func compatible(ctx context.Context, e *host.Runtime, clusters []*cluster, known record.Record) (complete bool, err error) {
	complete = true
	for _, c := range clusters {
		node, err := e.Inspect(ctx, c.node)
		if errors.Is(err, host.ErrNoContainer) {
			complete = false
			continue
		}
		if err != nil {
			return false, fmt.Errorf("region %s: look whether its cluster is there: %w", c.first(), err)
		}
		on := known.Cluster(c.first())
		if on == nil || !removal.Ours(node, on.Name, on.NodeContainerID, known.Made) {
			return false, fmt.Errorf("region %s: %w: container %s, and fleetdrill has no record of making it; if nobody needs it, remove it with \"kind delete cluster --name %s\"",
				c.first(), fleet.ErrExists, c.node, c.name)
		}
		if len(on.Workers) != len(c.workers) {
			return false, fmt.Errorf("region %s: %w: its cluster has %d containers beside its control plane and not %d; take it down first with \"fleetdrill down\"", c.first(), fleet.ErrExists, len(on.Workers), len(c.workers))
		}
		complete = complete && c.finished()
	}
	return complete, nil
}

// finished reports whether kind came to the end with the cluster: it writes the
// kubeconfig last.
func (c *cluster) finished() bool {
	_, err := os.Stat(c.kubeconfig)
	return err == nil
}

func sameNames(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
