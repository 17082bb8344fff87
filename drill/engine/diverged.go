package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
)

// cuts are the diverged tails that a replica has cut since it went away: usually one,
// more where another authority was lost before it was current.
type cuts struct {
	entries  int
	exported string           // the region's own file of the last one
	homes    []<-chan brought // each is brought to the operator's disk, in turn
}

// brought is a file on the operator's disk, or why there is none.
type brought struct {
	path string
	err  error
}

// noteCut looks whether a replica has cut a tail that is not known of yet, and brings it
// home at once: the region's own file goes with the fleet, and another cut, or a restart,
// may come before the replica is current.
func (k *keeper) noteCut(ctx context.Context, region string, s store.Status) {
	if s.Cut == nil || *s.Cut == k.cut[region] {
		return
	}
	k.cut[region] = *s.Cut
	if k.gone[region] == nil {
		k.gone[region] = k.absent(region)
	}
	c := &k.gone[region].cuts
	c.entries += s.Cut.Entries
	c.exported = s.Cut.Exported
	if k.exports == "" {
		return
	}
	home := make(chan brought, 1)
	c.homes = append(c.homes, home)
	if s.Cut.Entries == 0 {
		home <- brought{err: errors.New("what it held could not be read, and was set aside whole")}
		return
	}
	k.errands.Go(func() {
		// Its region may go down again, and come back.
		ctx, cancel := context.WithTimeout(ctx, exportLimit)
		defer cancel()
		for {
			path, err := k.bringHome(region)
			if err == nil || sleep(ctx, keepEvery) != nil {
				home <- brought{path, err}
				return
			}
		}
	})
}

// current says that a replica which was away has everything again.
func (k *keeper) current(region string, gone *absence, s store.Status) {
	done := drill.RejoinDone{Dataset: k.spec.Name, Region: region, Bytes: gone.bytes(s), Took: k.now() - gone.began,
		Diverged: gone.cuts.entries, Exported: gone.cuts.exported}
	delete(k.gone, region)
	homes := gone.cuts.homes
	if len(homes) == 0 {
		k.emit(done)
		return
	}
	k.errands.Go(func() {
		for i, home := range homes {
			b := <-home
			switch {
			case b.err != nil:
				k.emit(drill.TaskFailed{Task: fmt.Sprintf("bring the diverged writes of %s out of %s", k.spec.Name, region), Error: b.err.Error(),
					Next: fmt.Sprintf("copy %s out of the region before the fleet goes down", done.Exported)})
			case i == 0:
				done.Exported = b.path
			default:
				done.Exported = filepath.Dir(b.path)
			}
		}
		k.emit(done)
	})
}

// exportLimit bounds the copying of one diverged tail out of its region.
const exportLimit = 30 * time.Second

// bringHome copies what a region's replica cut last to the operator's disk.
func (k *keeper) bringHome(region string) (path string, err error) {
	// Not the drill's context: its end is when the file is wanted most.
	ctx, cancel := context.WithTimeout(context.Background(), exportLimit)
	defer cancel()
	x, err := diverged.Create(filepath.Join(k.exports, region, k.spec.Name))
	if err != nil {
		return "", err
	}
	if err := k.client(region).Diverged(ctx, k.spec.Name, x.Put); err != nil {
		return "", errors.Join(err, x.Drop())
	}
	cut, err := x.Keep()
	switch {
	case err != nil:
		return "", err
	case cut == nil:
		return "", errors.New("the region's export is empty")
	}
	return cut.Exported, nil
}
